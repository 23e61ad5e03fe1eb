import type { EventBody, ServerEvent } from '../../src/protocol/events.ts';
import { foldMessage, withoutContent } from '../../src/protocol/fold.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import {
  type Conversation,
  type Entry,
  type EntryOf,
  kinds,
  type Message,
  type Privacy,
  type Profile,
  type Span,
} from '../../src/protocol/models.ts';
import type { Device } from './device.ts';

/** What a device holds: the simplest client there can be, which keeps everything it may read. */
export interface Held {
  readonly conversations: Map<ConversationId, Conversation>;
  readonly messages: Map<ConversationId, Map<number, Message>>;
  readonly profiles: Map<string, Profile>;
  blocks: readonly UserId[];
  privacy: Privacy | null;
  cursor: string | null;
  epoch: string | null;
}

export const nothingHeld = (): Held => ({
  conversations: new Map(),
  messages: new Map(),
  profiles: new Map(),
  blocks: [],
  privacy: null,
  cursor: null,
  epoch: null,
});

/** Asks for everything that changed, and reads every conversation on from what it has. */
export async function catchUp(device: Device, held: Held): Promise<void> {
  for (;;) {
    const page = await device.call('sync', { cursor: held.cursor });
    held.cursor = page.cursor;
    held.epoch = page.epoch;
    held.blocks = page.blocks ?? held.blocks;
    held.privacy = page.me?.privacy ?? held.privacy;
    for (const profile of page.profiles) held.profiles.set(profile.userId, profile);
    for (const conversation of page.conversations) {
      const { conversationId } = conversation;
      if (readsMoreOfThePast(held, conversation)) forget(held, conversationId);
      const before = headOf(held, conversationId);
      held.conversations.set(conversationId, conversation);
      const messages = held.messages.get(conversationId);
      for (const seq of messages?.keys() ?? []) if (seq < conversation.head.firstSeq) messages?.delete(seq);
      await readOn(device, held, conversationId, before);
      takeDownRemoved(held, conversationId);
    }
    if (!page.more) return;
  }
}

/** From history alone, as a new device scrolls back. */
export async function readHistory(device: Device, held: Held): Promise<void> {
  for (const conversationId of held.conversations.keys()) {
    const messages = new Map<number, Message>();
    held.messages.set(conversationId, messages);
    for (let before: number | null = null; ; ) {
      const page: { messages: Message[]; more: boolean } = await device.call('conversation.history', {
        conversationId,
        before,
        limit: 3,
      });
      for (const message of page.messages) messages.set(message.seq, message);
      if (!page.more) break;
      before = page.messages[0]?.seq ?? 0;
    }
  }
}

async function readOn(device: Device, held: Held, conversationId: ConversationId, after: number): Promise<void> {
  for (let from = after, more = true; more; ) {
    const page = await device.call('conversation.entries', { conversationId, after: from, limit: 4 });
    for (const entry of page.entries) apply(device, held, entry);
    from = page.entries.at(-1)?.seq ?? from;
    more = page.more;
  }
}

/**
 * Makes a device live: it catches up, hears one event after the other, and repairs gaps by itself. What it hears while it asks
 * for states may be newer than they are, so it waits for them.
 */
export function goLive(device: Device, held: Held): { readonly caughtUp: Promise<void>; idle(): Promise<void> } {
  const caughtUp = catchUp(device, held);
  let queue = caughtUp;
  device.onEvent = (event) => {
    queue = queue.then(() => hear(device, held, event));
  };
  return {
    caughtUp,
    idle: async () => {
      for (let seen: unknown = null; seen !== queue; ) {
        seen = queue;
        await queue;
      }
    },
  };
}

async function hear(device: Device, held: Held, event: ServerEvent): Promise<void> {
  if (event.event === 'changed') await catchUp(device, held);
  if (event.event === 'receipts.moved') moveMarks(device, held, event.body);
  if (event.event === 'profiles.changed')
    for (const profile of event.body.profiles) held.profiles.set(profile.userId, profile);
  if (event.event !== 'entry.appended') return;
  const entry = event.body;
  const head = headOf(held, entry.conversationId);
  if (!held.conversations.has(entry.conversationId) || entry.seq <= head) return;
  if (entry.seq > head + 1) await readOn(device, held, entry.conversationId, head);
  else apply(device, held, entry);
}

/** They came back to a group that shows its past: what a device holds of it has holes. */
function readsMoreOfThePast(held: Held, { conversationId, mine }: Conversation): boolean {
  const before = held.conversations.get(conversationId)?.mine.spans ?? [];
  const isKept = ({ from, to }: Span) =>
    mine.spans.some((span) => span.from === from && (to === null || span.to === to));
  return !before.every(isKept);
}

function forget(held: Held, conversationId: ConversationId): void {
  held.messages.delete(conversationId);
  applied.get(held)?.delete(conversationId);
}

/** What disappears is gone at its time, whatever anybody says. */
export function hideExpired(device: Device, held: Held, now: number): void {
  for (const [conversationId, conversation] of held.conversations) {
    const messages = held.messages.get(conversationId) ?? new Map<number, Message>();
    for (const [seq, message] of messages)
      if ((message.expiresAt ?? Infinity) <= now) messages.set(seq, withoutContent(message));
    takeDownRemoved(held, conversationId);
    recount(device, conversation, new Map([...messages].sort(([a], [b]) => a - b)));
  }
}

/** A state may have been made between a removal and its taking the pin down. */
function takeDownRemoved(held: Held, conversationId: ConversationId): void {
  const conversation = held.conversations.get(conversationId);
  const messages = held.messages.get(conversationId);
  if (conversation) conversation.pins = conversation.pins.filter((seq) => messages?.get(seq)?.emptied !== true);
}

const applied = new WeakMap<Held, Map<ConversationId, number>>();

/** The last entry this device applied. */
function headOf(held: Held, conversationId: ConversationId): number {
  return applied.get(held)?.get(conversationId) ?? 0;
}

function apply(device: Device, held: Held, entry: Entry): void {
  const conversation = held.conversations.get(entry.conversationId);
  if (!conversation || entry.seq <= headOf(held, entry.conversationId)) return;
  let messages = held.messages.get(entry.conversationId);
  if (!messages) {
    messages = new Map();
    held.messages.set(entry.conversationId, messages);
  }
  fold(messages, entry);

  const heads = applied.get(held) ?? new Map<ConversationId, number>();
  applied.set(held, heads);
  heads.set(entry.conversationId, entry.seq);
  if (entry.seq <= conversation.head.seq) return;

  conversation.head.seq = entry.seq;
  conversation.head.time = entry.time;
  if (entry.kind === 'title') conversation.title = entry.body.title;
  if (entry.kind === 'settings') {
    const { changed: _changed, ...settings } = entry.body;
    conversation.settings = settings;
  }
  if (entry.kind === 'pin') movePin(conversation, messages, entry);
  if (entry.kind === 'removal') takeDownRemoved(held, entry.conversationId);
  if (entry.kind === 'joined') conversation.memberCount += entry.body.userIds.length;
  if (entry.kind === 'left' || entry.kind === 'removed') {
    conversation.memberCount -= 1;
    conversation.marks = conversation.marks.filter((mark) => mark.userId !== entry.body.userId);
  }
  if (kinds[entry.kind].counts && entry.senderId === device.userId) raise(conversation.mine, entry.seq, entry.seq);
  recount(device, conversation, messages);
}

function fold(messages: Map<number, Message>, entry: Entry): void {
  if (entry.target === undefined) {
    messages.set(entry.seq, entry);
    return;
  }
  const target = messages.get(entry.target);
  if (target) messages.set(entry.target, foldMessage(target, entry));
}

/** Of what they may not read they hold nothing, and see no pin. */
function movePin(conversation: Conversation, messages: ReadonlyMap<number, Message>, entry: EntryOf<'pin'>): void {
  const { target } = entry;
  if (target === undefined) return;
  const others = conversation.pins.filter((seq) => seq !== target);
  const message = messages.get(target);
  conversation.pins = entry.body.on && message && !message.emptied ? [target, ...others] : others;
}

function moveMarks(device: Device, held: Held, { conversationId, marks }: EventBody<'receipts.moved'>): void {
  const conversation = held.conversations.get(conversationId);
  if (!conversation) return;
  for (const mark of marks) {
    if (mark.userId === device.userId) {
      raise(conversation.mine, mark.deliveredSeq, mark.readSeq);
      recount(device, conversation, held.messages.get(conversationId) ?? new Map());
      continue;
    }
    const known = conversation.marks.find((other) => other.userId === mark.userId);
    if (known) raise(known, mark.deliveredSeq, mark.readSeq);
    else conversation.marks.push({ userId: mark.userId, deliveredSeq: mark.deliveredSeq, readSeq: mark.readSeq });
  }
}

function raise(marks: { deliveredSeq: number; readSeq: number }, deliveredSeq: number, readSeq: number): void {
  marks.deliveredSeq = Math.max(marks.deliveredSeq, deliveredSeq, readSeq);
  marks.readSeq = Math.max(marks.readSeq, readSeq);
}

function recount(device: Device, conversation: Conversation, messages: ReadonlyMap<number, Message>): void {
  const mine = [...messages.values()].filter((message) =>
    conversation.mine.spans.some((span) => message.seq >= span.from && message.seq <= (span.to ?? message.seq)),
  );
  conversation.last = mine.at(-1) ?? null;
  const unread = mine.filter(
    (message) =>
      kinds[message.kind].counts &&
      message.senderId !== device.userId &&
      !message.emptied &&
      message.seq > conversation.mine.readSeq,
  );
  conversation.mine.unread = unread.length;
  conversation.mine.mentions = unread.filter((message) => mentions(message, device.userId)).length;
}

function mentions(message: Message, userId: UserId): boolean {
  if (message.kind !== 'message') return false;
  return message.body.mentionsAll === true || (message.body.mentions ?? []).includes(userId);
}
