import { describe, expect, test } from 'vitest';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Message, Profile } from '../../src/protocol/models.ts';
import { rowsOf, sameRow } from '../../src/web/conversation/message-rows.ts';
import type { ShownMessage } from '../../src/web/engine/engine.ts';
import { plain } from '../../src/web/engine/shown.ts';

const minute = 60_000;
const startOfDay = (time: number) => time - (time % 86_400_000);

const person = (id: string): Profile => ({ userId: id as UserId, name: id, displayName: id, gone: false });

function shown(seq: number, from: string, time: number, kind: Message['kind'] = 'message'): ShownMessage {
  const sender = person(from);
  const message = {
    conversationId: 'c' as ConversationId,
    seq,
    time,
    clientId: `m${seq}` as ClientId,
    senderId: sender.userId,
    kind,
    body: { text: 'x' },
  } as Message;
  const mine = from === 'me';
  return { ...plain, key: `m${seq}`, seq, message, text: 'x', mine, sender, time, state: null };
}

const rows = (messages: readonly ShownMessage[], unreadFrom: number | null = null) =>
  rowsOf({ messages, unreadFrom, fromStart: false, startOfDay });
const look = (messages: readonly ShownMessage[], unreadFrom: number | null = null) =>
  rows(messages, unreadFrom).map((row) =>
    row.kind === 'message' ? `${row.key}${row.first ? '<' : '-'}${row.last ? '>' : '-'}` : row.kind,
  );

describe('grouping', () => {
  test('one sender within five minutes is a group; a sixth minute, another sender or a notice begins anew', () => {
    expect(
      look([
        shown(1, 'a', 0),
        shown(2, 'a', 4 * minute),
        shown(3, 'a', 8 * minute),
        shown(4, 'a', 13 * minute),
        shown(5, 'b', 13 * minute),
        shown(6, 'b', 13 * minute, 'title'),
        shown(7, 'b', 13 * minute),
      ]),
    ).toEqual(['day', 'm1<-', 'm2--', 'm3->', 'm4<>', 'm5<>', 'notice', 'm7<>']);
  });

  test('a new day has its line, once, and begins a group', () => {
    const midnight = 86_400_000;
    expect(
      look([shown(1, 'a', midnight - minute), shown(2, 'a', midnight + minute), shown(3, 'a', midnight + 2 * minute)]),
    ).toEqual(['day', 'm1<>', 'day', 'm2<-', 'm3->']);
  });

  test('what waits in the outbox joins my group', () => {
    const waiting: ShownMessage = {
      ...shown(2, 'me', minute),
      seq: null,
      message: null,
      sender: null,
      state: 'waiting',
    };
    expect(look([shown(1, 'me', 0), waiting])).toEqual(['day', 'm1<-', 'm2->']);
  });

  test('kinds that this client does not know have a row', () => {
    expect(look([shown(1, 'a', 0, 'video' as 'title')])).toEqual(['day', 'notice']);
  });
});

describe('the unread line', () => {
  test('stands before the first unread message of others and divides a group', () => {
    expect(look([shown(1, 'a', 0), shown(2, 'a', 0), shown(3, 'a', 0)], 2)).toEqual([
      'day',
      'm1<>',
      'unread',
      'm2<-',
      'm3->',
    ]);
  });

  test('stands before the next one where that seq has no row', () => {
    expect(look([shown(1, 'a', 0), shown(5, 'a', 0)], 3)).toEqual(['day', 'm1<>', 'unread', 'm5<>']);
  });

  test('is not shown for what I wrote', () => {
    expect(look([shown(1, 'a', 0), shown(2, 'me', 0)], 2)).not.toContain('unread');
  });
});

test('keys are never used twice', () => {
  const messages = Array.from({ length: 200 }, (_, index) =>
    shown(index + 1, index % 3 === 0 ? 'a' : 'me', index * 47 * minute),
  );
  const keys = rows(messages, 90).map((row) => row.key);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a row that looks the same is the same', () => {
  const message = shown(1, 'a', 0);
  const [, before] = rows([message]);
  const [, after] = rows([message]);
  const [, grown] = rows([message, shown(2, 'a', 0)]);
  if (before === undefined || after === undefined || grown === undefined) throw new Error('three rows');
  expect(sameRow(before, after)).toBe(true);
  expect(sameRow(before, grown)).toBe(false);
});
