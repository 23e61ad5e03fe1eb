import type { Call } from '../../src/core/call.ts';
import type { Output, Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, goodPassword, type SignInAnswer, signedIn, stranger } from './auth.ts';
import { totpCode } from './totp-code.ts';

const device = { device: 'test', keepIn: 'body' } as const;

/** What somebody does to have, and to use, a second factor. */
export interface Authenticators {
  /** Sets up an authenticator app for somebody who is signed in. */
  addTotp(tokens: Tokens): Promise<{ secret: string; recoveryCodes: string[] | null }>;
  /** What the app shows now, or a number of steps from now. */
  code(secret: string, steps?: number): string;
  /** Moves the clock on to a code that was not used yet. */
  nextCode(secret: string): Promise<string>;
  /** The ticket that a right password brings. */
  ticket(name: string, from?: Call, deviceToken?: string): Promise<string>;
  /** Answers with a code of the app, or a recovery code. */
  answer(
    ticket: string,
    code: string,
    how?: {
      readonly from?: Call;
      readonly method?: 'totp' | 'recovery_code';
      readonly trustDevice?: boolean;
      readonly deviceToken?: string | undefined;
    },
  ): Promise<Tokens>;
  show(tokens: Tokens): Promise<Output<'security.show'>>;
}

export function makeAuthenticators(world: AuthWorld): Authenticators {
  const { platform, auth } = world;
  const { handlers } = auth;
  const callOf = async (tokens: Tokens) => as(await world.person(tokens));
  const code: Authenticators['code'] = (secret, steps = 0) => totpCode(secret, platform.clock.now() + steps * 30_000);

  return {
    async addTotp(tokens) {
      const call = await callOf(tokens);
      const { secret } = await handlers['totp.begin']({ present: goodPassword }, call);
      const { recoveryCodes } = await handlers['totp.finish']({ code: code(secret) }, call);
      return { secret, recoveryCodes };
    },
    code,
    async nextCode(secret) {
      await world.later(60_000);
      return code(secret);
    },
    async ticket(name, from = stranger(), deviceToken) {
      return ticketOf(await world.trySignIn(name, from, goodPassword, deviceToken), 'second_factor_needed');
    },
    async answer(ticket, typed, { from = stranger(), method = 'totp', trustDevice = false, deviceToken } = {}) {
      const input = { ticket, method, code: typed, trustDevice, deviceToken, ...device };
      return signedIn(await handlers['auth.secondFactor'](input, from));
    },
    show: async (tokens) => handlers['security.show']({}, await callOf(tokens)),
  };
}

export function ticketOf(answer: SignInAnswer, status: 'second_factor_needed' | 'enrolment_needed'): string {
  if (answer.status !== status) throw new Error(`not ${status}: ${JSON.stringify(answer)}`);
  return (answer as Extract<SignInAnswer, { ticket: string }>).ticket;
}
