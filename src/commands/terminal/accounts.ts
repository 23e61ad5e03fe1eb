import type { Account, Session } from '../../protocol/models.ts';
import { timeIn } from '../../provision/words/format.ts';
import type { Words } from '../../provision/words/words.ts';
import { harmless, type Printer } from './printer.ts';

/** `anna (Anna Smith)`; the id where nothing personal is left. */
export function whoIs({ name, displayName, userId }: Account): string {
  if (name === '') return userId;
  return displayName === name ? harmless(name) : `${harmless(name)} (${harmless(displayName)})`;
}

/** What commands call an account by. */
export function nameOf({ name, userId }: Account): string {
  return name === '' ? userId : harmless(name);
}

/** The devices on which somebody is signed in. */
export function printSessions(printer: Printer, words: Words, sessions: readonly Session[]): void {
  const { users } = words.printing;
  if (sessions.length === 0) {
    printer.line(users.noDevices);
    return;
  }
  const { device, address, created, lastSeen } = users.labels;
  printer.table(
    [device, address, created, lastSeen],
    sessions.map((session) => [
      harmless(session.device) || '–',
      session.addressHint,
      timeIn(words.language, session.createdAt),
      timeIn(words.language, session.lastSeenAt),
    ]),
  );
}
