import { randomUUID } from 'node:crypto';
import type { Draft } from '../../src/ports/message-log.ts';
import type { ClientId, ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Span } from '../../src/protocol/models.ts';

export const newConversation = () => randomUUID() as ConversationId;
export const newPerson = () => randomUUID() as UserId;
export const newKey = () => randomUUID() as ClientId;
export const everything: readonly Span[] = [{ from: 1, to: null }];
export const page = { limit: 100, maxBytes: 128 * 1024 };

type Around = Partial<Pick<Draft, 'conversationId' | 'senderId' | 'clientId' | 'time' | 'rulesSeq' | 'expiresAt'>>;

const around = (given: Around) => ({
  conversationId: given.conversationId ?? newConversation(),
  senderId: given.senderId === undefined ? newPerson() : given.senderId,
  clientId: given.clientId ?? newKey(),
  time: given.time ?? 1_000,
  rulesSeq: given.rulesSeq === undefined ? null : given.rulesSeq,
  ...(given.expiresAt === undefined ? {} : { expiresAt: given.expiresAt }),
});

export const say = (text: string, given: Around): Draft => ({ ...around(given), kind: 'message', body: { text } });
export const preview = (target: number, title: string, given: Around): Draft => ({
  ...around(given),
  senderId: null,
  kind: 'preview',
  target,
  body: { url: 'https://example.org/', site: 'example.org', title, description: '' },
});
export const edit = (target: number, text: string, given: Around): Draft => ({
  ...around(given),
  kind: 'edit',
  target,
  body: { text },
});
export const remove = (target: number, given: Around): Draft => ({
  ...around(given),
  kind: 'removal',
  target,
  body: {},
});
export const mention = (userIds: readonly UserId[], all: boolean, given: Around): Draft => ({
  ...around(given),
  kind: 'message',
  body: { text: 'hey', mentions: [...userIds], ...(all ? { mentionsAll: true } : {}) },
});
export const react = (target: number, userId: UserId, emoji: string, on: boolean, given: Around): Draft => ({
  ...around(given),
  kind: 'reaction',
  target,
  body: { changes: [{ userId, emoji, on }] },
});
export const vote = (target: number, userId: UserId, options: number[], given: Around): Draft => ({
  ...around(given),
  kind: 'vote',
  target,
  body: { votes: [{ userId, options }] },
});
export const retitle = (title: string, given: Around): Draft => ({ ...around(given), kind: 'title', body: { title } });
