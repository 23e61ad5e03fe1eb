import { signal } from '@preact/signals';
import { AppError } from '../../protocol/errors.ts';
import type { Output, Tokens } from '../../protocol/operations.ts';
import type { ComingIn, Needed } from './engine.ts';
import type { Http } from './http.ts';
import type { World } from './world.ts';

/** What the browser offers is asked for anew this often: the server forgets an attempt after five minutes. */
const offerMs = 4 * 60_000;

type Answer = Output<'auth.register'> | Output<'auth.signIn'>;

export function makeComingIn(parts: {
  readonly world: World;
  readonly http: Http;
  readonly language: () => 'en' | 'ru';
  /** The session is open and its cookie is here. */
  readonly onSession: (tokens: Tokens) => void;
  /** Shows the person what is theirs. */
  readonly enter: () => void;
}): ComingIn {
  const { world, http, onSession } = parts;
  const { post } = http;
  const { passkeys } = world;
  const here = { device: world.device, keepIn: 'cookie' } as const;
  const needed = signal<Needed | null>(recalled(world));
  let waiting: { readonly name: string; readonly password: string } | null = null;

  function need(next: Needed | null) {
    needed.value = next;
    world.tabNotes.set('needed', next !== null && 'ticket' in next ? JSON.stringify(next) : null);
  }

  function enter() {
    need(null);
    waiting = null;
    parts.enter();
  }

  function goOn(answer: Answer) {
    if (answer.status !== 'signed_in') return need(answer);
    onSession(answer);
    enter();
  }

  function ticket(): string {
    const now = needed.peek();
    if (now === null || !('ticket' in now)) throw new AppError('unauthenticated', 'ticket_expired');
    return now.ticket;
  }

  async function signIn(credentials: { readonly name: string; readonly password: string }) {
    try {
      goOn(await post('auth.signIn', { ...credentials, ...here }));
    } catch (error) {
      if (!isWaiting(error)) throw error;
      waiting = credentials;
      need({ status: 'waiting_for_approval' });
    }
  }

  // Passkeys

  function browsers() {
    if (!passkeys) throw new AppError('forbidden', 'passkey_failed');
    return passkeys;
  }

  let offered: { readonly onFailure: (cause: unknown) => void } | null = null;
  let round: AbortController | null = null;

  async function offer(mine: NonNullable<typeof offered>) {
    if (!(await passkeys?.canAutofill().catch(() => false))) return;
    let again = true;
    while (again && offered === mine) again = await offerOnce(mine.onFailure);
  }

  /** Answers whether to offer them again. */
  async function offerOnce(onFailure: (cause: unknown) => void): Promise<boolean> {
    const mine = new AbortController();
    round = mine;
    let lapsed = false;
    const cancel = world.after(offerMs, () => {
      lapsed = true;
      mine.abort();
    });
    const begun = await post('auth.passkeyBegin', {}).catch(() => null);
    try {
      if (begun) await finish(begun, false, { autofill: true, signal: mine.signal });
      return false;
    } catch (error) {
      if (isDismissed(error)) return lapsed;
      onFailure(error);
      return true;
    } finally {
      cancel();
    }
  }

  async function finish(
    { attempt, options }: Output<'auth.passkeyBegin'>,
    trustDevice: boolean,
    how?: { readonly autofill: boolean; readonly signal: AbortSignal },
  ) {
    const response = await browsers().get(options, how);
    goOn(await post('auth.passkeyFinish', { attempt, response, trustDevice, ...here }));
  }

  return {
    needed,
    hasPasskeys: passkeys !== null,
    look: (token) => post('invite.look', { token }),
    async register(input) {
      const answer = await post('auth.register', { ...input, language: parts.language(), ...here });
      if (answer.status === 'waiting_for_approval') waiting = { name: input.name, password: input.password };
      goOn(answer);
    },
    signIn,
    async secondFactor(input) {
      goOn(await post('auth.secondFactor', { ...input, ticket: ticket(), ...here }));
    },
    async passkeySignIn({ trustDevice } = { trustDevice: false }) {
      browsers();
      // A browser asks one question at a time.
      round?.abort();
      const isSecond = needed.peek()?.status === 'second_factor_needed';
      try {
        await finish(await post('auth.passkeyBegin', { ticket: isSecond ? ticket() : null }), trustDevice);
      } catch (error) {
        if (offered) void offer(offered);
        throw error;
      }
    },
    offerPasskeys(onFailure) {
      const mine = { onFailure };
      offered = mine;
      void offer(mine);
      return () => {
        if (offered !== mine) return;
        offered = null;
        round?.abort();
      };
    },
    enrolBegin: () => post('auth.enrolBegin', { ticket: ticket() }),
    async enrolFinish(code) {
      const answer = await post('auth.enrolFinish', { ticket: ticket(), code, ...here });
      onSession(answer);
      if (answer.recoveryCodes.length === 0) return enter();
      need({ status: 'codes_to_keep', recoveryCodes: answer.recoveryCodes });
    },
    enter,
    async checkApproval() {
      if (waiting === null) return need(null);
      goOn(await post('auth.signIn', { ...waiting, ...here }));
    },
    startOver() {
      waiting = null;
      need(null);
    },
    forgotPassword: (account) => post('auth.forgotPassword', { account }),
    resetLook: (token) => post('auth.resetLook', { token }),
    async resetPassword(input) {
      await post('auth.resetPassword', input);
    },
    async confirmEmail(token) {
      await post('email.confirm', { token });
    },
  };
}

function recalled({ tabNotes, now }: World): Needed | null {
  try {
    const kept: unknown = JSON.parse(tabNotes.get('needed') ?? 'null');
    const needed = kept as Extract<Needed, { readonly ticket: string }> | null;
    return needed !== null && needed.expiresAt > now() ? needed : null;
  } catch {
    return null;
  }
}

const isWaiting = (error: unknown) => error instanceof AppError && error.reason === 'account_waiting';
const isDismissed = (error: unknown) => error instanceof AppError && error.reason === 'passkey_dismissed';
