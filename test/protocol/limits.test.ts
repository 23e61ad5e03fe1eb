import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';

const conversationId = randomUUID();
const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
const letters = (count: number) => 'ж'.repeat(count);

/** An operation's field that a limit bounds, with what has so much in it. */
const bounded: readonly {
  readonly limit: keyof typeof limits;
  readonly op: OperationName;
  readonly most: number;
  readonly least?: number;
  input(amount: number): object;
}[] = [
  {
    limit: 'textBytes',
    op: 'message.send',
    most: limits.textBytes,
    input: (bytes) => ({ conversationId, clientId: randomUUID(), text: letters(bytes / 2) + 'x'.repeat(bytes % 2) }),
  },
  {
    limit: 'seq',
    op: 'message.pin',
    most: limits.seq,
    least: 1,
    input: (seq) => ({ conversationId, seq, on: true }),
  },
  {
    limit: 'pageItems',
    op: 'conversation.history',
    most: limits.pageItems,
    input: (limit) => ({ conversationId, limit }),
  },
  {
    limit: 'membersPerChange',
    op: 'conversation.addMembers',
    most: limits.membersPerChange,
    least: 1,
    input: (count) => ({ conversationId, userIds: ids(count) }),
  },
  {
    limit: 'disappearAfter',
    op: 'conversation.setSettings',
    most: limits.disappearAfter.max,
    least: limits.disappearAfter.min,
    input: (disappearAfter) => ({ conversationId, settings: { disappearAfter } }),
  },
  {
    limit: 'keepFor',
    op: 'conversation.setSettings',
    most: limits.keepFor.max,
    least: limits.keepFor.min,
    input: (keepFor) => ({ conversationId, settings: { keepFor } }),
  },
  {
    limit: 'titleLength',
    op: 'conversation.setTitle',
    most: limits.titleLength,
    least: 1,
    input: (length) => ({ conversationId, title: letters(length) }),
  },
  {
    limit: 'displayNameLength',
    op: 'user.update',
    most: limits.displayNameLength,
    least: 1,
    input: (length) => ({ displayName: letters(length) }),
  },
  {
    limit: 'emailLength',
    op: 'mail.test',
    most: limits.emailLength,
    input: (length) => ({ to: `x@${'y.'.repeat(length).slice(0, length - 5)}yyy` }),
  },
  {
    limit: 'reportNoteLength',
    op: 'report.create',
    most: limits.reportNoteLength,
    input: (length) => ({ conversationId, seq: 1, reason: 'spam', note: letters(length) }),
  },
  {
    limit: 'linkHours',
    op: 'link.create',
    most: limits.linkHours,
    least: 1,
    input: (expiresInHours) => ({ conversationId, expiresInHours }),
  },
  {
    limit: 'linkLength',
    op: 'webhook.createOutgoing',
    most: limits.linkLength,
    input: (length) => ({ conversationId, name: 'x', url: `https://x.example/${'x'.repeat(length)}`.slice(0, length) }),
  },
  {
    limit: 'webhookWordLength',
    op: 'webhook.createOutgoing',
    most: limits.webhookWordLength,
    least: 1,
    input: (length) => ({
      conversationId,
      name: 'x',
      url: 'https://x.example',
      trigger: 'word',
      word: letters(length),
    }),
  },
  {
    limit: 'inviteConversations',
    op: 'invite.create',
    most: limits.inviteConversations,
    input: (count) => ({ conversationIds: ids(count) }),
  },
  {
    limit: 'watchedPeople',
    op: 'presence.watch',
    most: limits.watchedPeople,
    input: (count) => ({ userIds: ids(count) }),
  },
  {
    limit: 'marksPerRequest',
    op: 'receipts.mark',
    most: limits.marksPerRequest,
    input: (count) => ({ marks: ids(count).map((id) => ({ conversationId: id, readSeq: 1 })) }),
  },
  {
    limit: 'searchResults',
    op: 'message.search',
    most: limits.searchResults,
    least: 1,
    input: (limit) => ({ query: 'x', limit }),
  },
];

const takes = (op: OperationName, input: object) => operations[op].input.safeParse(input).success;

test.each(bounded)('$limit in $op: takes the most, and not one more', ({ op, most, input }) => {
  expect([takes(op, input(most)), takes(op, input(most + 1))]).toEqual([true, false]);
});

const bothBounded = bounded.flatMap((bound) => (bound.least === undefined ? [] : [{ ...bound, least: bound.least }]));

test.each(bothBounded)('$limit in $op: takes the least, and not one less', ({ op, least, input }) => {
  expect([takes(op, input(least)), takes(op, input(least - 1))]).toEqual([true, false]);
});

test('what is refused as too large says so, and not only that it is invalid', () => {
  const text = letters(limits.textBytes);
  const { error } = operations['message.send'].input.safeParse({ conversationId, clientId: randomUUID(), text });
  expect(error?.issues[0]).toMatchObject({ path: ['text'], params: { reason: 'too_large' } });
});
