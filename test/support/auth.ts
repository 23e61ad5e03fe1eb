import { type Auth, makeAuth } from '../../src/core/auth/auth.ts';
import type { ConversationsOfPeople } from '../../src/core/auth/conversations-of-people.ts';
import type { Call, Person } from '../../src/core/call.ts';
import type { Invite } from '../../src/protocol/models.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import type { Role } from '../../src/protocol/roles.ts';
import { makeTestPlatform, type TestPlatform } from './platform.ts';

export const goodPassword = 'gooseberry fool 42';

const elsewhere = { origin: null, receiver: null } as const;
/** Somebody unknown, from this address. */
export const stranger = (address = '198.51.100.7'): Call => ({ caller: { kind: 'anyone' }, address, ...elsewhere });
export const local: Call = { caller: { kind: 'local' }, address: null, ...elsewhere };
export const as = (person: Person, address = '198.51.100.7'): Call => ({ caller: person, address, ...elsewhere });

/** Of an instance where nobody is in any conversation. */
export const noConversations: ConversationsOfPeople = {
  mayAdd: async () => false,
  land: async () => {},
  depart: async () => {},
  removeMessages: async () => null,
  exportOf: async () => ({ lines: [], cursor: null }),
};

type Handlers = Auth['handlers'];
/** What `auth.signIn` and its next steps answer. */
export type SignInAnswer = Awaited<ReturnType<Handlers['auth.signIn']>>;

export interface AuthWorld {
  readonly platform: TestPlatform;
  readonly auth: Auth;
  /** An invite made by the host's owner, with its token. */
  invite(input?: Partial<Parameters<Handlers['invite.create']>[0]>): Promise<{ invite: Invite; token: string }>;
  /** Registers with a fresh invite for the role. */
  register(name: string, role?: Role, from?: Call, deviceToken?: string): Promise<Tokens>;
  /** Where nothing but the password is needed. */
  signIn(name: string, from?: Call, password?: string, deviceToken?: string): Promise<Tokens>;
  /** Whatever is answered. */
  trySignIn(name: string, from?: Call, password?: string, deviceToken?: string): Promise<SignInAnswer>;
  refresh(refreshToken: string | undefined, from?: Call): Promise<Tokens>;
  /** Moves the clock, and lets the service notice. */
  later(ms: number): Promise<void>;
  /** Whom the access token speaks for. */
  person(tokens: Tokens): Promise<Person>;
  close(): Promise<void>;
}

/** The auth service on a platform in memory, running. */
export async function makeAuthWorld(
  over: Parameters<typeof makeTestPlatform>[0] = {},
  people: ConversationsOfPeople = noConversations,
): Promise<AuthWorld> {
  const platform = await makeTestPlatform(over);
  const auth = makeAuth(platform, people);
  await auth.start();
  const { handlers } = auth;

  const invite: AuthWorld['invite'] = async (input = {}) =>
    handlers['invite.create'](
      { role: 'member', maxUses: 1, expiresInHours: 24, note: '', conversationIds: [], ...input },
      local,
    );
  const trySignIn: AuthWorld['trySignIn'] = async (name, from = stranger(), password = goodPassword, deviceToken) =>
    handlers['auth.signIn']({ name, password, device: 'test', keepIn: 'body', deviceToken }, from);

  return {
    platform,
    auth,
    invite,
    async register(name, role = 'member', from = stranger(), deviceToken) {
      const { token } = await invite({ role });
      return signedIn(
        await handlers['auth.register'](
          { name, password: goodPassword, invite: token, device: 'test', keepIn: 'body', deviceToken },
          from,
        ),
      );
    },
    signIn: async (...how) => signedIn(await trySignIn(...how)),
    trySignIn,
    async refresh(refreshToken, from = stranger()) {
      return handlers['auth.refresh']({ refreshToken, keepIn: 'body' }, from);
    },
    async later(ms) {
      platform.clock.advance(ms);
      await platform.clock.pass(1_000);
    },
    person: async (tokens) => auth.authenticate(tokens.accessToken),
    async close() {
      await auth.stop();
      await platform.close();
    },
  };
}

/** The tokens that were answered; fails where something else was. */
export function signedIn(answer: { readonly status: string }): Tokens {
  if (answer.status !== 'signed_in') throw new Error(`not signed in: ${JSON.stringify(answer)}`);
  return answer as Tokens;
}

/** What a failed promise failed with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: unknown) => error,
  );
}
