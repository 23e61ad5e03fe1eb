import { randomUUID } from 'node:crypto';
import type { NewUser } from '../../src/ports/user-store.ts';
import type {
  ApiTokenId,
  ClientId,
  ConversationId,
  InviteId,
  PasskeyId,
  ReportId,
  SessionId,
  UserId,
} from '../../src/protocol/ids.ts';
import type { Stores } from './databases.ts';

export const someId = {
  user: () => randomUUID() as UserId,
  session: () => randomUUID() as SessionId,
  conversation: () => randomUUID() as ConversationId,
  invite: () => randomUUID() as InviteId,
  client: () => randomUUID() as ClientId,
  passkey: () => randomUUID() as PasskeyId,
  apiToken: () => randomUUID() as ApiTokenId,
  report: () => randomUUID() as ReportId,
};

export function somebody(name: string, more: Partial<NewUser> = {}): NewUser {
  return {
    userId: someId.user(),
    name,
    displayName: name,
    passwordHash: 'hash',
    role: 'member',
    state: 'active',
    email: null,
    language: null,
    ...more,
  };
}

/** Makes accounts of these names; answers their ids in the same order. */
export async function addPeople<const Names extends readonly string[]>(
  { users }: Pick<Stores, 'users'>,
  ...names: Names
): Promise<{ [I in keyof Names]: UserId }> {
  const ids: UserId[] = [];
  for (const name of names) {
    const user = somebody(name);
    await users.add(user);
    ids.push(user.userId);
  }
  return ids as { [I in keyof Names]: UserId };
}
