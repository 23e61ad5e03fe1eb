import type { ConversationId, SessionId, UserId } from '../../protocol/ids.ts';

/** How far devices received, and people read, in one conversation. */
export interface Confirmed {
  readonly devices: ReadonlyMap<SessionId, number>;
  readonly people: ReadonlyMap<UserId, number>;
}

/**
 * What devices said to this node of what they received, and people of what they read, while it stands in memory only or is
 * told apart by device nowhere else. What was not touched for longest is forgotten: whoever asks then hears of less.
 */
export interface DeviceMarks {
  delivered(conversationId: ConversationId, sessionId: SessionId, seq: number): void;
  read(conversationId: ConversationId, userId: UserId, seq: number): void;
  of(conversationId: ConversationId): Confirmed;
}

const most = 100_000;
const nothing: Confirmed = { devices: new Map(), people: new Map() };

export function makeDeviceMarks(room: number = most): DeviceMarks {
  const known = new Map<
    ConversationId,
    { readonly devices: Map<SessionId, number>; readonly people: Map<UserId, number> }
  >();
  let size = 0;

  function touched(conversationId: ConversationId) {
    const marks = known.get(conversationId) ?? { devices: new Map(), people: new Map() };
    known.delete(conversationId);
    known.set(conversationId, marks);
    return marks;
  }

  function raise<K>(marks: Map<K, number>, key: K, seq: number) {
    const before = marks.get(key);
    if (before === undefined) size++;
    marks.set(key, Math.max(before ?? 0, seq));
    if (size > room) forgetOldest();
  }

  function forgetOldest() {
    const [oldest] = known;
    if (!oldest) return;
    const [conversationId, { devices, people }] = oldest;
    known.delete(conversationId);
    size -= devices.size + people.size;
  }

  return {
    delivered: (conversationId, sessionId, seq) => raise(touched(conversationId).devices, sessionId, seq),
    read: (conversationId, userId, seq) => raise(touched(conversationId).people, userId, seq),
    of: (conversationId) => known.get(conversationId) ?? nothing,
  };
}

export function merged(all: readonly Confirmed[]): Confirmed {
  const devices = new Map<SessionId, number>();
  const people = new Map<UserId, number>();
  for (const one of all) {
    for (const [sessionId, seq] of one.devices) devices.set(sessionId, Math.max(seq, devices.get(sessionId) ?? 0));
    for (const [userId, seq] of one.people) people.set(userId, Math.max(seq, people.get(userId) ?? 0));
  }
  return { devices, people };
}
