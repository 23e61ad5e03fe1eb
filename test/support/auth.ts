import { type Auth, makeAuth } from '../../src/core/auth/auth.ts';
import type { Call, Person } from '../../src/core/call.ts';
import type { Invite } from '../../src/protocol/models.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import type { Role } from '../../src/protocol/roles.ts';
import { makeTestPlatform, type TestPlatform } from './platform.ts';

export const goodPassword = 'gooseberry fool 42';

/** Somebody unknown, from this address. */
export const stranger = (address = '198.51.100.7'): Call => ({ caller: { kind: 'anyone' }, address, receiver: null });
export const local: Call = { caller: { kind: 'local' }, address: null, receiver: null };
export const as = (person: Person, address = '198.51.100.7'): Call => ({ caller: person, address, receiver: null });

export interface AuthWorld {
  readonly platform: TestPlatform;
  readonly auth: Auth;
  /** An invite made by the host's owner, with its token. */
  invite(input?: Partial<Parameters<Auth['handlers']['invite.create']>[0]>): Promise<{ invite: Invite; token: string }>;
  /** Registers with a fresh invite for the role. */
  register(name: string, role?: Role, from?: Call): Promise<Tokens>;
  signIn(name: string, from?: Call, password?: string): Promise<Tokens>;
  refresh(refreshToken: string | undefined, from?: Call): Promise<Tokens>;
  /** Moves the clock, and lets the service notice. */
  later(ms: number): Promise<void>;
  /** Whom the access token speaks for. */
  person(tokens: Tokens): Promise<Person>;
  close(): Promise<void>;
}

/** The auth service on a platform in memory, running. */
export async function makeAuthWorld(over: Parameters<typeof makeTestPlatform>[0] = {}): Promise<AuthWorld> {
  const platform = await makeTestPlatform(over);
  const auth = makeAuth(platform);
  await auth.start();
  const { handlers } = auth;

  const invite: AuthWorld['invite'] = async (input = {}) =>
    handlers['invite.create']({ role: 'member', maxUses: 1, expiresInHours: 24, note: '', ...input }, local);

  return {
    platform,
    auth,
    invite,
    async register(name, role = 'member', from = stranger()) {
      const { token } = await invite({ role });
      return handlers['auth.register'](
        { name, password: goodPassword, invite: token, device: 'test', keepIn: 'body' },
        from,
      );
    },
    async signIn(name, from = stranger(), password = goodPassword) {
      return handlers['auth.signIn']({ name, password, device: 'test', keepIn: 'body' }, from);
    },
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

/** What a failed promise failed with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it went well');
    },
    (error: unknown) => error,
  );
}
