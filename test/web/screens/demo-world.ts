import type { ClientId, ConversationId, InviteId, SessionId, UserId } from '../../../src/protocol/ids.ts';
import {
  type Conversation,
  type GroupSettings,
  type Keeping,
  type Message,
  type Profile,
  plainSettings,
} from '../../../src/protocol/models.ts';
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

/** The demo site draws one for every name. */
function pictureNamed(number: number): string {
  return (number * 37 + 11).toString(16).padStart(64, '0');
}

export const people: readonly Profile[] = names.map((displayName, number) => ({
  userId: userIdOf(number),
  name: signInName(displayName) || 'foxy',
  displayName,
  gone: displayName === 'Ivy',
  ...(number % 4 === 1 ? { avatar: pictureNamed(number) } : {}),
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
  readonly keeping: Keeping;
  readonly mentions: number;
  readonly settings: GroupSettings;
  /** Behind the last message. */
  readonly pins: readonly number[];
}

/** What is written there lately disappears. */
const fleeting = 5;

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
    keeping: {
      pinned: number === 6 || number === 7,
      archived: number >= 17 && number <= 20,
      mutedUntil: number === 3 || number === 8 ? 253_402_300_799_000 : null,
      markedUnread: number === 8,
    },
    mentions: number === 0 ? 2 : number === 3 ? 1 : 0,
    settings: {
      ...plainSettings,
      disappearAfter: number === fleeting ? 7 * day : null,
      description:
        number === 0
          ? 'For all of us, wherever we are just now.\nPhotos go to the other group, please: grandmother’s telephone is full.'
          : '',
      avatar: number % 9 === 3 ? pictureNamed(number) : null,
      showsPast: number === 12,
      posting: number === 12 ? 'admins' : 'members',
    },
    pins: number === 0 ? [12, 40, 300] : number === 3 ? [6] : [],
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
    ...(number === fleeting && seq > count - 12 ? { expiresAt: timeAt(conversation, seq) + 7 * day } : {}),
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
  const special = number === 0 ? specialAt(count - seq, { ...base, senderId }) : null;
  if (special !== null) return special;
  if (scatter(seq, number) % 41 === 0) return { ...base, senderId, kind: 'message', body: { text: '' }, emptied: true };
  const edited = scatter(seq, 9) % 23 === 0 ? { editedAt: lastTime } : {};
  const body = { text: textAt(conversation, seq), ...repliesAt(conversation, seq) };
  return { ...base, senderId, kind: 'message', body, ...edited, ...reactionsAt(conversation, seq) };
}

function repliesAt({ number, count }: DemoConversation, seq: number): { replyTo?: number } {
  if (scatter(seq, number + 77) % 9 !== 0 || seq < 6) return {};
  return { replyTo: seq === count - 5 ? seq - 2 : Math.max(3, seq - 1 - (scatter(seq, 4) % 40)) };
}

const reactionSets = [['👍'], ['❤️', '😂'], ['👍', '❤️', '🎉', '🔥', '😮', '🙏'], ['😢']];

function reactionsAt({ members, number }: DemoConversation, seq: number): Pick<Message, 'reactions'> {
  if (scatter(seq, number + 31) % 6 !== 0) return {};
  const set = reactionSets[scatter(seq, 8) % reactionSets.length] ?? [];
  const reactions = set.map((emoji, index) => {
    const userIds = members.slice(index % 2, 1 + (scatter(seq, index) % members.length)).map(userIdOf);
    return { emoji, count: Math.max(1, userIds.length) + (index === 0 && seq % 5 === 0 ? 120 : 0), userIds };
  });
  return { reactions };
}

type Base = Pick<Message, 'conversationId' | 'seq' | 'time' | 'clientId' | 'senderId'>;

/** What is to be seen once, near the end of the longest conversation. */
function specialAt(behind: number, base: Base): Message | null {
  const voters = [0, 1, 2, 3, 4, 5].map(userIdOf);
  const ballots = voters.map((userId, index) => ({ userId, options: index < 3 ? [0] : index === 3 ? [0, 2] : [1] }));
  switch (behind) {
    case 9:
      return { ...base, kind: 'video' as 'message', body: { text: '' } };
    case 3:
      return { ...base, senderId: userIdOf(1), kind: 'poll', body: { ...askedWhen, several: true }, ballots };
    case 2:
      return {
        ...base,
        senderId: userIdOf(2),
        kind: 'poll',
        body: { question: 'Кто приведёт собаку?', options: ['Я', 'Не я'], several: false },
        ballots: ballots.slice(1, 3),
      };
    case 4:
      return {
        ...base,
        senderId: userIdOf(5),
        kind: 'message',
        body: {
          text: '@anna.petrova @all please answer, and see https://example.org/@anna.petrova',
          mentions: [userIdOf(0)],
          mentionsAll: true,
        },
        preview: {
          url: 'https://example.org/@anna.petrova',
          site: 'example.org',
          title:
            'Anna Petrova – The regatta calendar of the whole lake, with tides, cranes and all the harbours that have one',
          description:
            'When the cranes come, who launches first, and where to leave the trailer. Brought up to date every Sunday evening by whoever comes home first.',
        },
      };
    case 7:
      return {
        ...base,
        senderId: userIdOf(0),
        kind: 'message',
        body: { text: 'https://xn--d1acpjx3f.example/погода' },
        preview: {
          url: 'https://xn--d1acpjx3f.example/погода',
          site: 'xn--d1acpjx3f.example',
          title: 'Погода на выходные',
          description: '',
        },
      };
    case 5:
      return {
        ...base,
        senderId: userIdOf(0),
        kind: 'message',
        body: {
          text: 'The harbour master says that the crane comes on Thursday',
          forwarded: { userId: userIdOf(5), displayName: people[5]?.displayName ?? '' },
        },
      };
    case 6:
      return {
        ...base,
        senderId: userIdOf(3),
        kind: 'message',
        body: { text: 'Agreed', replyTo: base.seq - 8 },
      };
    case 14:
      return {
        ...base,
        senderId: userIdOf(1),
        kind: 'poll',
        body: { question: 'Red or blue?', options: ['Red', 'Blue'], several: false },
        ballots: voters.map((userId, index) => ({ userId, options: [index % 2] })),
        closed: true,
      };
    case 13:
      return {
        ...base,
        kind: 'settings',
        body: { ...plainSettings, disappearAfter: 7 * day, changed: ['disappearAfter'] },
      };
    default:
      return null;
  }
}

const askedWhen = {
  question: 'When shall we meet for the regatta, everybody?',
  options: [
    'On Saturday at ten, at the old harbour where the boats lie, and bring something to eat',
    'Sunday',
    'I cannot come',
  ],
};

function textAt({ number, count }: DemoConversation, seq: number): string {
  if (seq === count - 16) return longText;
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
    settings: demo.settings,
    pins: demo.pins.map((behind) => count - behind),
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
      mentions: demo.mentions,
      ...demo.keeping,
      draft: null,
      hidden: [],
    },
    marks: [],
  };
}
