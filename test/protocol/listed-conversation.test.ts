import { describe, expect, it } from 'vitest';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { fillIn, leaveOutPlain, plainSettings } from '../../src/protocol/listed-conversation.ts';
import { type Conversation, listedConversation } from '../../src/protocol/models.ts';

const conversationId = '01976b5e-0000-7000-8000-000000000001' as ConversationId;
const userId = '01976b5e-0000-7000-8000-000000000002' as UserId;

const plain: Conversation = {
  conversationId,
  kind: 'direct',
  title: '',
  createdAt: 1,
  memberCount: 2,
  settings: plainSettings,
  pins: [],
  peerId: null,
  head: { seq: 0, time: 1, firstSeq: 1 },
  last: null,
  mine: {
    role: 'member',
    spans: [{ from: 1, to: null }],
    member: true,
    readSeq: 0,
    deliveredSeq: 0,
    unread: 0,
    mentions: 0,
    pinned: false,
    archived: false,
    mutedUntil: null,
    markedUnread: false,
    draft: null,
    hidden: [],
  },
  marks: [],
};

/** Everything otherwise. */
const decided: Conversation = {
  ...plain,
  title: 'All of us',
  settings: {
    description: 'About',
    showsPast: true,
    posting: 'admins',
    avatar: 'a'.repeat(64),
    previews: false,
    disappearAfter: 10_000,
    keepFor: 3_600_000,
  },
  pins: [1],
  peerId: userId,
  mine: {
    ...plain.mine,
    role: 'owner',
    member: false,
    mentions: 1,
    pinned: true,
    archived: true,
    mutedUntil: 1,
    markedUnread: true,
    draft: { text: 'begun', replyTo: null, at: 1 },
    hidden: [1],
  },
  marks: [{ userId, deliveredSeq: 1, readSeq: 1 }],
};

describe('a conversation as sync tells it', () => {
  it.each([
    ['plain', plain],
    ['decided', decided],
  ])('comes back whole: %s', (_, conversation) => {
    const listed = leaveOutPlain(conversation);
    expect(listedConversation.parse(listed)).toEqual(listed);
    expect(fillIn(JSON.parse(JSON.stringify(listed)))).toEqual(conversation);
  });

  it('carries nothing that most conversations have', () => {
    const { settings, mine, ...rest } = leaveOutPlain(plain);
    expect(settings).toEqual({});
    expect(Object.keys(mine).sort()).toEqual(['deliveredSeq', 'readSeq', 'spans', 'unread']);
    expect(Object.keys(rest).sort()).toEqual(['conversationId', 'createdAt', 'head', 'kind', 'last', 'memberCount']);
  });

  it('shares no list with another one', () => {
    const [one, other] = [fillIn(leaveOutPlain(plain)), fillIn(leaveOutPlain(plain))];
    one.pins.push(1);
    one.mine.hidden.push(1);
    expect([other.pins, other.mine.hidden]).toEqual([[], []]);
  });
});
