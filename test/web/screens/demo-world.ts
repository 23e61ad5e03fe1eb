import type { ClientId, ConversationId, InviteId, SessionId, UserId } from '../../../src/protocol/ids.ts';
import type { Conversation, Message, Profile } from '../../../src/protocol/models.ts';
import { groupTitles, longText, names, texts } from './demo-texts.ts';

const id = (kind: number, number: number): string =>
  `0${kind}980000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`;
export const userIdOf = (number: number) => id(1, number) as UserId;
export const conversationIdOf = (number: number) => id(2, number) as ConversationId;
export const sessionIdOf = (number: number) => id(3, number) as SessionId;
export const inviteIdOf = (number: number) => id(4, number) as InviteId;
const clientIdOf = (conversation: number, seq: number) => id(5, conversation * 1_000_000 + seq) as ClientId;

const signInName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\s+/gu, '.')
    .replace(/[^\p{L}\p{M}\p{N}._-]/gu, '')
    .slice(0, 32);

export const people: readonly Profile[] = names.map((displayName, number) => ({
  userId: userIdOf(number),
  name: signInName(displayName) || 'foxy',
  displayName,
  gone: displayName === 'Ivy',
}));

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A whole number that looks random and is always the same for the same input. */
export function scatter(a: number, b = 0): number {
  let value = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 12)) >>> 0;
}

export interface DemoConversation {
  readonly number: number;
  readonly id: ConversationId;
  readonly kind: 'direct' | 'group';
  readonly title: string;
  readonly members: readonly number[];
  readonly count: number;
  readonly unread: number;
  readonly draft: string;
  readonly lastTime: number;
  readonly member: boolean;
  readonly role: 'owner' | 'admin' | 'member';
  readonly typing: readonly number[];
  readonly failed: string | null;
}

/** The conversations that a person has. Number 0 holds 100,000 messages. */
export function makeConversations(now: number, count: number): readonly DemoConversation[] {
  const made: DemoConversation[] = [];
  for (let number = 0; number < count; number += 1) made.push(makeConversation(now, number));
  return made;
}

function makeConversation(now: number, number: number): DemoConversation {
  const group = number % 3 === 0;
  const peer = number === 1 ? 1 : number === 7 ? 0 : 1 + (scatter(number) % (names.length - 1));
  const direct = [2, 3, 4, 12, 28][[2, 4, 5, 8, 10].indexOf(number)] ?? peer;
  const members = group
    ? Array.from({ length: 3 + (number % 9) }, (_, index) => (number + index * 5) % names.length)
    : [0, direct];
  return {
    number,
    id: conversationIdOf(number),
    kind: group ? 'group' : 'direct',
    title: group ? (groupTitles[(number / 3) % groupTitles.length] ?? '') : '',
    members: [...new Set([0, ...members])],
    count: number === 0 ? 100_000 : number === 11 ? 0 : number === 13 ? 3 : 20 + (scatter(number, 3) % 400),
    unread: [7, 0, 128, 3, 0, 1][number] ?? (scatter(number, 5) % 7 === 0 ? scatter(number, 6) % 40 : 0),
    draft: number === 4 ? 'I was going to say that' : '',
    lastTime:
      now - (number < 6 ? number * 4 * minute + minute : number < 14 ? number * 5 * hour : (number - 12) * day * 1.3),
    member: number !== 9,
    role: number === 0 ? 'owner' : number === 3 ? 'admin' : 'member',
    typing: number === 1 ? [1] : number === 3 ? [2, 5] : [],
    failed: number === 1 ? 'I think this one did not get through' : null,
  };
}

/** The message with a number, made when it is looked at. */
export function messageAt(conversation: DemoConversation, seq: number): Message {
  const { number, count, lastTime, members } = conversation;
  const base = {
    conversationId: conversation.id,
    seq,
    time: timeAt(conversation, seq),
    clientId: clientIdOf(number, seq),
  };
  const senderId = userIdOf(senderAt(conversation, seq));
  if (conversation.kind === 'group' && seq === 1) {
    return { ...base, senderId, kind: 'created', body: { title: conversation.title, userIds: members.map(userIdOf) } };
  }
  if (conversation.kind === 'group' && seq === 2) {
    return {
      ...base,
      senderId: userIdOf(members[1] ?? 0),
      kind: 'joined',
      body: { userIds: [userIdOf(members[2] ?? 0)] },
    };
  }
  if (conversation.kind === 'group' && seq % 97 === 0) {
    return { ...base, senderId, kind: 'title', body: { title: conversation.title } };
  }
  if (!conversation.member && seq === count) {
    return { ...base, senderId: userIdOf(members[1] ?? 0), kind: 'removed', body: { userId: userIdOf(0) } };
  }
  if (seq === count - 9 && number === 0) return { ...base, senderId, kind: 'poll' as 'message', body: { text: '' } };
  if (scatter(seq, number) % 41 === 0) return { ...base, senderId, kind: 'message', body: { text: '' }, emptied: true };
  const edited = scatter(seq, 9) % 23 === 0 ? { editedAt: lastTime } : {};
  return { ...base, senderId, kind: 'message', body: { text: textAt(conversation, seq) }, ...edited };
}

function textAt({ number, count }: DemoConversation, seq: number): string {
  if (seq === count - 14) return longText;
  return texts[scatter(seq, number * 7 + 1) % texts.length] ?? '';
}

/** People write several in a row, then somebody answers. */
function senderAt({ members, number }: DemoConversation, seq: number): number {
  const turn = Math.floor(seq / (1 + (scatter(number, 11) % 3)));
  return members[scatter(turn, number) % members.length] ?? 0;
}

/** Bursts with pauses: most follow within a minute, some only the next day. */
function timeAt({ count, lastTime, number }: DemoConversation, seq: number): number {
  const behind = count - seq;
  const pauses = Math.floor(behind / 12);
  return Math.round(lastTime - behind * 50_000 - pauses * 5.3 * hour - (scatter(seq, number) % 20_000));
}

export function asConversation(demo: DemoConversation, read: number): Conversation {
  const { count } = demo;
  const last = count === 0 ? null : messageAt(demo, count);
  return {
    conversationId: demo.id,
    kind: demo.kind,
    title: demo.title,
    createdAt: timeAt(demo, 1),
    memberCount: demo.members.length,
    peerId: demo.kind === 'group' ? null : userIdOf(demo.members[1] ?? 0),
    head: { seq: count, time: last?.time ?? 0, firstSeq: 1 },
    last,
    mine: {
      role: demo.role,
      spans: [{ from: 1, to: demo.member ? null : count }],
      member: demo.member,
      readSeq: read,
      deliveredSeq: count,
      unread: demo.unread,
    },
    marks: [],
  };
}
