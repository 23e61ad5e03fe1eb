import type { BusMessage } from '../../ports/bus.ts';
import type { MembershipRecord } from '../../ports/conversation-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Discretion } from '../../ports/privacy-store.ts';
import type { ServerEvent } from '../../protocol/events.ts';
import type { ConversationId, SessionId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Entry, kinds } from '../../protocol/models.ts';
import type { Receiver } from '../call.ts';
import { isPlain, marksSeenBy, seesReadingOf } from './discretion.ts';
import type { NodeMemory } from './node-memory.ts';
import { covers, type Rules, type RulesCache } from './rules.ts';

/** Which devices at this node hear what: conversations' events in seq order, cut to what each person may read. */
export interface Delivery {
  /** The device hears nothing before its first `join`. */
  attach(receiver: Receiver): void;
  detach(receiver: Receiver): void;
  /**
   * Registers the device for everything its person is in, and lets it hear from then on. What is read from the stores
   * after this resolves, together with what is heard, misses nothing.
   */
  join(receiver: Receiver): Promise<void>;
  /** Told of typing in conversations that somebody here is in. */
  onTyping(listener: (message: Extract<BusMessage, { type: 'typing' }>) => void): void;
  stop(): void;
}

/** A person with devices at this node. */
interface PersonHere {
  readonly userId: UserId;
  /** False: attached, and not joined yet. */
  readonly receivers: Map<Receiver, boolean>;
  readonly audiences: Set<Audience>;
  /** How often somebody wanted their memberships read; what reads them goes on until it saw the last wish. */
  wishes: number;
  reading: Promise<void> | null;
  readonly unsubscribe: () => void;
}

/** The people at this node who are in one conversation. */
interface Audience {
  readonly conversationId: ConversationId;
  readonly people: Set<PersonHere>;
  /** The last seq passed on; null: none yet, whatever comes first is taken as the next. */
  last: number | null;
  /** Heard beyond `last + 1`. */
  readonly held: Map<number, Entry>;
  cancelRepair: (() => void) | null;
  /** Entries to be passed on once the rules are there; null while they can be passed on at once. */
  backlog: Entry[] | null;
  readonly unsubscribe: () => void;
}

type PublishedMarks = Extract<BusMessage, { type: 'receipts' }>['marks'];

const repairAfterMs = 50;
const rowsPage = 1_000;
const gapSpreadMs = 5_000;
const wholeLog = [{ from: 1, to: null }];
const changed: ServerEvent = { event: 'changed', body: {} };

export function makeDelivery({
  bus,
  clock,
  conversations,
  log,
  messages,
  random,
  rules,
  memory,
}: Pick<Platform, 'bus' | 'clock' | 'conversations' | 'log' | 'messages' | 'random'> & {
  rules: RulesCache;
  memory: Pick<NodeMemory, 'sent'>;
}): Delivery {
  const people = new Map<UserId, PersonHere>();
  const audiences = new Map<ConversationId, Audience>();
  let heardTyping: (message: Extract<BusMessage, { type: 'typing' }>) => void = () => {};

  // People and their memberships

  function personHere(userId: UserId): PersonHere {
    let here = people.get(userId);
    if (!here) {
      const unsubscribe = bus.subscribe(`user:${userId}`, (message) => hearPersonal(userId, message));
      here = { userId, receivers: new Map(), audiences: new Set(), wishes: 0, reading: null, unsubscribe };
      people.set(userId, here);
    }
    return here;
  }

  function hearPersonal(userId: UserId, message: BusMessage) {
    const here = people.get(userId);
    if (!here) return;
    // Only their own.
    if (message.type === 'receipts') passToPerson(here, receiptsEvent(message.conversationId, message.marks));
    if (message.type === 'changed') memberships(here);
  }

  /** Reads anew what they are in, and tells their devices to sync. */
  function memberships(here: PersonHere) {
    if (here.receivers.size === 0) return;
    readMemberships(here).then(
      () => passToPerson(here, changed),
      (error: unknown) => {
        log.warn({ error, userId: here.userId }, 'could not read memberships; the device is asked to sync');
        passToPerson(here, changed);
      },
    );
  }

  /** Resolves after a whole reading that began behind this call. */
  function readMemberships(here: PersonHere): Promise<void> {
    here.wishes++;
    here.reading ??= readUntilStill(here).finally(() => {
      here.reading = null;
      // They may all have gone while it was read.
      if (here.receivers.size === 0) depart(here);
    });
    return here.reading;
  }

  async function readUntilStill(here: PersonHere): Promise<void> {
    let seen: number;
    do {
      seen = here.wishes;
      const present = await readOnce(here);
      for (const audience of here.audiences) if (!present.has(audience)) leave(here, audience);
    } while (seen !== here.wishes);
  }

  async function readOnce(here: PersonHere): Promise<ReadonlySet<Audience>> {
    const present = new Set<Audience>();
    for (let after: ConversationId | null = null; ; ) {
      const rows = await conversations.memberships(here.userId, after, rowsPage);
      for (const row of rows) if (mayHear(row)) present.add(enter(here, row.conversationId));
      const last = rows.at(-1);
      if (!last || rows.length < rowsPage) return present;
      after = last.conversationId;
    }
  }

  function enter(here: PersonHere, conversationId: ConversationId): Audience {
    let audience = audiences.get(conversationId);
    if (!audience) {
      const unsubscribe = bus.subscribe(`conversation:${conversationId}`, (message) => hear(conversationId, message));
      audience = {
        conversationId,
        people: new Set(),
        last: null,
        held: new Map(),
        cancelRepair: null,
        backlog: null,
        unsubscribe,
      };
      audiences.set(conversationId, audience);
    }
    audience.people.add(here);
    here.audiences.add(audience);
    return audience;
  }

  function leave(here: PersonHere, audience: Audience) {
    here.audiences.delete(audience);
    audience.people.delete(here);
    if (audience.people.size > 0) return;
    audience.unsubscribe();
    audience.cancelRepair?.();
    audiences.delete(audience.conversationId);
  }

  function depart(here: PersonHere) {
    for (const audience of here.audiences) leave(here, audience);
    here.unsubscribe();
    if (people.get(here.userId) === here) people.delete(here.userId);
  }

  // What is heard of a conversation

  function hear(conversationId: ConversationId, message: BusMessage) {
    const audience = audiences.get(conversationId);
    if (!audience) return;
    if (message.type === 'entry') hearEntry(audience, message.entry);
    else if (message.type === 'receipts') hearReceipts(audience, message.marks);
    else if (message.type === 'profiles')
      passToAll(audience, { event: 'profiles.changed', body: { profiles: [...message.profiles] } });
    else if (message.type === 'typing') heardTyping(message);
  }

  function hearReceipts(audience: Audience, marks: PublishedMarks) {
    const known = rules.peek(audience.conversationId);
    if (known) passReceipts(audience, marks, known.discretion);
    else
      newestRules(audience.conversationId).then(
        ({ discretion }) => passReceipts(audience, marks, discretion),
        (error: unknown) => {
          log.warn({ error, conversationId: audience.conversationId }, 'could not judge who sees marks; devices sync');
          passToAll(audience, changed);
        },
      );
  }

  /** Rules that were not forgotten while they were read: no entry makes up for a mark that was passed on wrongly. */
  async function newestRules(conversationId: ConversationId): Promise<Rules> {
    for (;;) {
      const read = await rules.get(conversationId);
      const known = rules.peek(conversationId);
      if (known === read) return read;
    }
  }

  function passReceipts({ conversationId, people: here }: Audience, marks: PublishedMarks, discretion: Discretion) {
    if (isPlain(discretion)) {
      const event = receiptsEvent(conversationId, marks);
      for (const one of here) passToPerson(one, event);
      return;
    }
    for (const one of here) {
      const told = marks.filter((mark) => !mark.justRead || seesReadingOf(one.userId, mark.userId, discretion));
      const seen = marksSeenBy(one.userId, told, discretion);
      if (seen.length > 0) passToPerson(one, receiptsEvent(conversationId, seen));
    }
  }

  function hearEntry(audience: Audience, entry: Entry) {
    const { last } = audience;
    if (last !== null && entry.seq <= last) return;
    if (last !== null && entry.seq > last + 1) {
      audience.held.set(entry.seq, entry);
      audience.cancelRepair ??= clock.after(repairAfterMs, () => repair(audience));
      return;
    }
    next(audience, entry);
    for (let held = audience.held.get(entry.seq + 1); held; held = audience.held.get(held.seq + 1)) {
      audience.held.delete(held.seq);
      next(audience, held);
    }
    if (audience.held.size === 0 && audience.cancelRepair) {
      audience.cancelRepair();
      audience.cancelRepair = null;
    }
  }

  /** What did not come within 50 ms is read from the store. */
  function repair(audience: Audience) {
    audience.cancelRepair = null;
    messages
      .entries({
        conversationId: audience.conversationId,
        after: audience.last ?? 0,
        spans: wholeLog,
        limit: limits.pageItems,
        maxBytes: limits.pageBytes,
      })
      .then(
        ({ entries }) => {
          for (const entry of entries) hearEntry(audience, entry);
          // The store knows nothing between: what is held follows what is further away than a page.
          if (audience.held.size > 0) audience.cancelRepair ??= clock.after(repairAfterMs, () => repair(audience));
        },
        (error: unknown) => {
          log.warn({ error, conversationId: audience.conversationId }, 'could not read missed entries; devices sync');
          audience.held.clear();
          audience.last = null;
          passToAll(audience, changed);
        },
      );
  }

  function next(audience: Audience, entry: Entry) {
    audience.last = entry.seq;
    if (audience.backlog) {
      audience.backlog.push(entry);
      return;
    }
    if (kinds[entry.kind]?.rules !== false) rules.forget(audience.conversationId);
    const known = rules.peek(audience.conversationId);
    if (known) {
      pass(audience, entry, known);
      return;
    }
    audience.backlog = [entry];
    void drain(audience);
  }

  async function drain(audience: Audience): Promise<void> {
    const backlog = audience.backlog ?? [];
    for (let entry = backlog[0]; entry; entry = backlog[0]) {
      try {
        if (kinds[entry.kind]?.rules !== false) rules.forget(audience.conversationId);
        pass(audience, entry, await rules.get(audience.conversationId));
      } catch (error) {
        log.warn(
          { error, conversationId: audience.conversationId },
          'could not judge who hears an entry; devices sync',
        );
        passToAll(audience, changed);
      }
      backlog.shift();
    }
    audience.backlog = null;
  }

  function pass(audience: Audience, entry: Entry, by: Rules) {
    const event: ServerEvent = { event: 'entry.appended', body: entry };
    const sent: SessionId[] = [];
    for (const here of audience.people) {
      const row = by.members.get(here.userId);
      if (!row || !covers(row.spans, entry.seq)) continue;
      for (const [receiver, joined] of here.receivers)
        if (joined && receiver.hear(event)) sent.push(receiver.sessionId);
    }
    if (sent.length > 0) memory.sent(entry, sent);
  }

  function passToAll(audience: Audience, event: ServerEvent) {
    for (const here of audience.people) passToPerson(here, event);
  }

  function passToPerson(here: PersonHere, event: ServerEvent) {
    for (const [receiver, joined] of here.receivers) if (joined) receiver.hear(event);
  }

  /** Something may have been missed: memberships are read anew and devices sync, spread over five seconds. */
  const endGaps = bus.onGap(() => {
    for (const audience of audiences.values()) {
      audience.last = null;
      audience.held.clear();
      rules.forget(audience.conversationId);
    }
    for (const here of people.values())
      clock.after(Math.floor(random.fraction() * gapSpreadMs), () => memberships(here));
  });

  return {
    attach: (receiver) => {
      personHere(receiver.userId).receivers.set(receiver, false);
    },
    detach: (receiver) => {
      const here = people.get(receiver.userId);
      if (!here) return;
      here.receivers.delete(receiver);
      if (here.receivers.size === 0) depart(here);
    },
    join: async (receiver) => {
      const here = people.get(receiver.userId);
      if (!here?.receivers.has(receiver)) return;
      await readMemberships(here);
      if (here.receivers.has(receiver)) here.receivers.set(receiver, true);
    },
    onTyping: (listener) => {
      heardTyping = listener;
    },
    stop: () => {
      endGaps();
      for (const here of people.values()) depart(here);
    },
  };
}

/** Who is in, or still has the entry of their own leaving before them. */
function mayHear(row: MembershipRecord): boolean {
  return row.member || row.spans.some((span) => span.to === null);
}

function receiptsEvent(conversationId: ConversationId, marks: PublishedMarks): ServerEvent {
  const told = marks.map(({ userId, deliveredSeq, readSeq, time }) => ({ userId, deliveredSeq, readSeq, time }));
  return { event: 'receipts.moved', body: { conversationId, marks: told } };
}
