import { AppError, closeCodes, errorStatus, type WireError } from '../../src/protocol/errors.ts';
import type { ServerEvent } from '../../src/protocol/events.ts';
import type { ClientId, ConversationId, SessionId, UserId } from '../../src/protocol/ids.ts';
import { leaveOutPlain } from '../../src/protocol/listed-conversation.ts';
import {
  type Conversation,
  type Draft,
  type Entry,
  type GroupSettings,
  type Keeping,
  type MemberRole,
  type Message,
  openPrivacy,
  type Privacy,
  type Profile,
  plainSettings,
  type Span,
} from '../../src/protocol/models.ts';
import type { Input, Output } from '../../src/protocol/operations.ts';
import type { Wire } from '../../src/web/engine/world.ts';

/** What stays when a page is closed and opened again. */
export interface Disk {
  readonly indexedDB: IDBFactory | null;
  readonly notes: Map<string, string> | null;
  cookie: string | null;
}

interface Talk {
  readonly conversationId: ConversationId;
  readonly kind: 'direct' | 'group';
  title: string;
  readonly members: Map<UserId, Row>;
  readonly entries: Entry[];
  pins: number[];
  settings: GroupSettings;
}
interface Row {
  spans: Span[];
  member: boolean;
  readSeq: number;
  deliveredSeq: number;
  role: MemberRole;
  keeping: Keeping;
  draft: Draft | null;
  hidden: number[];
}
interface Device {
  readonly wire: Wire;
  userId: UserId | null;
  knownEpoch: string | null;
  hears: boolean;
}
export interface Asked {
  readonly op: string;
  readonly input: { readonly [key: string]: unknown };
  readonly userId: UserId | null;
}

const uuid = (kind: string, n: number) => `00000000-${kind}-7000-8000-${String(n).padStart(12, '0')}`;
export const userNumber = (n: number) => uuid('aaaa', n) as UserId;

/**
 * A server of the protocol in memory, which does to its connections what the test says: loses answers, refuses, falls
 * silent, dies. Its reading of the log is its own, not the client's.
 */
export class Backend {
  epoch = 'epoch-1';
  /** Nothing answers while false. */
  up = true;
  /** Events are lost while true. */
  mute = false;
  readonly asked: Asked[] = [];
  readonly people = new Map<UserId, Profile>();
  readonly talks = new Map<ConversationId, Talk>();
  readonly devices = new Set<Device>();
  readonly sessions = new Map<string, UserId>();
  readonly blocks = new Map<UserId, Set<UserId>>();
  readonly privacy = new Map<UserId, Privacy>();
  /** Where conversations begin by now. */
  readonly firstSeqs = new Map<ConversationId, number>();
  readonly scheduled = new Map<ClientId, Output<'scheduled.list'>['scheduled'][number]>();
  /** Messages in one page of history at most: few, where they are long. */
  pageSize = Number.POSITIVE_INFINITY;
  refreshes = 0;
  dials = 0;
  /** Answers a request in the server's place. `lose`: it is carried out, and the connection dies before the answer. */
  meddle: (asked: Asked) => 'lose' | 'hang' | WireError | undefined = () => undefined;
  /** Held back answers go when this resolves. */
  hold: Promise<void> | null = null;
  #next = 1;
  #time = 1_700_000_000_000;

  person(n: number, displayName = `Person ${n}`): UserId {
    const userId = userNumber(n);
    this.people.set(userId, { userId, name: `person${n}`, displayName, gone: false });
    return userId;
  }

  /** Signs a device in before the test begins. */
  cookie(userId: UserId): string {
    const cookie = `session-${this.#next++}`;
    this.sessions.set(cookie, userId);
    return cookie;
  }

  talk(userIds: readonly UserId[], kind: 'direct' | 'group' = 'direct', title = ''): ConversationId {
    const conversationId = uuid('cccc', this.#next++) as ConversationId;
    const members = new Map(userIds.map((userId) => [userId, newRow()]));
    const settings: GroupSettings = { ...plainSettings, showsPast: true };
    this.talks.set(conversationId, { conversationId, kind, title, members, entries: [], pins: [], settings });
    return conversationId;
  }

  append(conversationId: ConversationId, senderId: UserId, what: object, clientId?: ClientId): Entry {
    const talk = this.of(conversationId);
    const base = { conversationId, seq: talk.entries.length + 1, time: ++this.#time, senderId };
    const entry = { ...base, clientId: clientId ?? uuid('eeee', this.#next++), ...what } as Entry;
    talk.entries.push(entry);
    const mine = talk.members.get(senderId);
    if (mine && entry.kind === 'message') mine.readSeq = entry.seq;
    this.tell(conversationId, { event: 'entry.appended', body: entry });
    return entry;
  }

  say(conversationId: ConversationId, senderId: UserId, text: string): Entry {
    return this.append(conversationId, senderId, { kind: 'message', body: { text } });
  }

  tell(conversationId: ConversationId, event: ServerEvent): void {
    if (this.mute) return;
    for (const device of this.devices) {
      if (device.hears && device.userId && this.of(conversationId).members.has(device.userId)) this.send(device, event);
    }
  }

  tellAll(event: ServerEvent): void {
    for (const device of this.devices) if (device.hears) this.send(device, event);
  }

  /** Every connection dies. */
  cut(code = 1006): void {
    for (const device of [...this.devices]) {
      this.devices.delete(device);
      queueMicrotask(() => device.wire.onclose?.({ code }));
    }
  }

  /** The instance is back at an earlier state. */
  restore(epoch: string, cut: (talk: Talk) => void): void {
    this.epoch = epoch;
    for (const talk of this.talks.values()) cut(talk);
    this.cut(1012);
  }

  texts(conversationId: ConversationId): string[] {
    return this.of(conversationId).entries.flatMap((entry) => (entry.kind === 'message' ? [entry.body.text] : []));
  }

  count(op: string): number {
    return this.asked.filter((one) => one.op === op).length;
  }

  inputs(op: string): Asked['input'][] {
    return this.asked.filter((one) => one.op === op).map(({ input }) => input);
  }

  of(conversationId: ConversationId): Talk {
    const talk = this.talks.get(conversationId);
    if (!talk) throw new AppError('forbidden', 'not_a_member');
    return talk;
  }

  connect(isOnline: () => boolean): Wire {
    this.dials++;
    const device: Device = {
      userId: null,
      knownEpoch: null,
      hears: false,
      wire: {
        onopen: null,
        onmessage: null,
        onclose: null,
        onerror: null,
        send: (text) => void this.hear(device, text),
        close: () => void this.devices.delete(device),
      },
    };
    queueMicrotask(() => {
      if (this.up && isOnline()) {
        this.devices.add(device);
        device.wire.onopen?.();
      } else device.wire.onclose?.({ code: 1006 });
    });
    return device.wire;
  }

  async fetch(path: string, init: RequestInit, disk: Disk, isOnline: () => boolean): Promise<Response> {
    await Promise.resolve();
    if (!this.up || !isOnline()) throw new TypeError('Failed to fetch');
    const op = path.replace('/api/', '');
    const input = JSON.parse(String(init.body));
    const asked = { op, input, userId: null };
    this.asked.push(asked);
    const meddled = this.meddle(asked);
    if (meddled === 'hang' || meddled === 'lose') throw new TypeError('Failed to fetch');
    if (meddled) return answer({ ok: false, error: meddled });
    try {
      return answer({ ok: true, output: this.overHttp(op, input, disk) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return answer({ ok: false, error: error.toWire() });
    }
  }

  overHttp(op: string, input: Record<string, string>, disk: Disk): unknown {
    if (op === 'instance.about') {
      return { name: 'Home', version: '0.1.0', registration: 'invite', accent: null, address: null };
    }
    if (op === 'auth.signIn') {
      const person = [...this.people.values()].find(({ name }) => name === input.name);
      if (!person) throw new AppError('unauthenticated', 'wrong');
      disk.cookie = this.cookie(person.userId);
      return this.tokens(disk.cookie);
    }
    if (op === 'auth.refresh') {
      this.refreshes++;
      return this.tokens(disk.cookie ?? '');
    }
    if (op === 'auth.signOut') {
      this.sessions.delete(disk.cookie ?? '');
      disk.cookie = null;
      return {};
    }
    throw new AppError('not_found', 'unknown_operation');
  }

  tokens(cookie: string) {
    const userId = this.sessions.get(cookie);
    if (!userId) throw new AppError('unauthenticated', 'session_closed');
    const expiresAt = this.#time + 600_000;
    return { status: 'signed_in', userId, sessionId: cookie as SessionId, accessToken: cookie, expiresAt };
  }

  async hear(device: Device, text: string): Promise<void> {
    const { id, op, input } = JSON.parse(text);
    const asked = { op, input, userId: device.userId };
    this.asked.push(asked);
    const meddled = this.meddle(asked);
    if (meddled === 'hang') return;
    if (meddled && meddled !== 'lose') return this.send(device, { id, ok: false, error: meddled });
    let frame: object;
    try {
      frame = { id, ok: true, output: this.perform(device, op, input as never) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      frame = { id, ok: false, error: error.toWire() };
    }
    if (meddled === 'lose') {
      this.devices.delete(device);
      queueMicrotask(() => device.wire.onclose?.({ code: 1006 }));
      return;
    }
    await this.hold;
    this.send(device, frame);
    if (op === 'sync') device.hears = true;
    if (op === 'connection.open' && 'error' in frame) {
      this.devices.delete(device);
      device.wire.onclose?.({ code: closeCodes.unauthenticated });
    }
  }

  send(device: Device, frame: object): void {
    const data = JSON.stringify(frame);
    queueMicrotask(() => {
      if (this.devices.has(device)) device.wire.onmessage?.({ data });
    });
  }

  perform(device: Device, op: string, input: never): unknown {
    if (op === 'connection.open') {
      const { accessToken, epoch } = input as { accessToken: string; epoch: string | null };
      const userId = this.sessions.get(accessToken);
      if (!userId) throw new AppError('unauthenticated', 'bad_token');
      device.userId = userId;
      device.knownEpoch = epoch ?? this.epoch;
      return { userId, sessionId: accessToken, epoch: this.epoch, time: this.#time, version: '0.1.0' };
    }
    const me = device.userId as UserId;
    if (op === 'sync') {
      device.knownEpoch = this.epoch;
      return this.syncFor(me);
    }
    if (device.knownEpoch !== this.epoch) throw new AppError('epoch_changed', 'epoch_changed');
    const perform = this.handlers[op];
    if (!perform) throw new AppError('not_found', 'unknown_operation');
    return perform(me, input);
  }

  syncFor(me: UserId) {
    const mine = [...this.talks.values()].filter(({ members }) => members.has(me));
    const privacy = this.privacy.get(me) ?? openPrivacy;
    const account = { ...this.people.get(me), role: 'member', createdAt: 1, lastSeenAt: null, privacy };
    return {
      epoch: this.epoch,
      cursor: `cursor-${this.#time}`,
      more: false,
      me: account,
      blocks: [...(this.blocks.get(me) ?? [])],
      conversations: mine.map((talk) => leaveOutPlain(this.stateOf(talk, me))),
      profiles: [...this.people.values()],
    };
  }

  readonly handlers: Record<string, (me: UserId, input: never) => unknown> = {
    'instance.about': () => ({ name: 'Home', version: '0.1.0', registration: 'invite', accent: null, address: null }),
    'person.block': (me, { userId, on }: { userId: UserId; on: boolean }) => {
      const mine = this.blocks.get(me) ?? new Set();
      if (on) mine.add(userId);
      else mine.delete(userId);
      this.blocks.set(me, mine);
      this.tellAll({ event: 'changed', body: {} });
      return {};
    },
    'privacy.set': (me, change: Partial<Privacy>) => {
      const privacy = { ...(this.privacy.get(me) ?? openPrivacy), ...change };
      this.privacy.set(me, privacy);
      this.tellAll({ event: 'changed', body: {} });
      return { privacy };
    },
    'message.send': (
      me,
      input: { conversationId: ConversationId; clientId: ClientId; text: string; replyTo?: number; preview?: false },
    ) => {
      const { text, replyTo, preview } = input;
      const mentions = this.mentionedIn(text);
      const body = {
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(preview === undefined ? {} : { preview }),
        ...(mentions.length > 0 ? { mentions } : {}),
      };
      return this.once(me, input, { kind: 'message', body });
    },
    'message.forward': (
      me,
      input: {
        conversationId: ConversationId;
        clientId: ClientId;
        from: { conversationId: ConversationId; seq: number };
      },
    ) => {
      const source = this.messagesOf(input.from.conversationId).find(({ seq }) => seq === input.from.seq);
      if (source?.kind !== 'message') throw new AppError('not_found', 'no_such_message');
      const userId = source.senderId as UserId;
      const forwarded = source.body.forwarded ?? { userId, displayName: this.people.get(userId)?.displayName ?? '' };
      return this.once(me, input, { kind: 'message', body: { text: source.body.text, forwarded } });
    },
    'poll.create': (
      me,
      input: {
        conversationId: ConversationId;
        clientId: ClientId;
        question: string;
        options: string[];
        several: boolean;
      },
    ) => {
      const { question, options, several } = input;
      return this.once(me, input, { kind: 'poll', body: { question, options, several } });
    },
    'message.react': (me, input: { conversationId: ConversationId; seq: number; emoji: string; on: boolean }) => {
      const { conversationId, seq, emoji, on } = input;
      this.append(conversationId, me, {
        kind: 'reaction',
        body: { changes: [{ userId: me, emoji, on }] },
        target: seq,
      });
      return {};
    },
    'poll.vote': (
      me,
      { conversationId, seq, options }: { conversationId: ConversationId; seq: number; options: number[] },
    ) => {
      this.append(conversationId, me, { kind: 'vote', body: { votes: [{ userId: me, options }] }, target: seq });
      return {};
    },
    'message.look': (me, { conversationId, seqs }: { conversationId: ConversationId; seqs: number[] }) => ({
      messages: this.messagesOf(conversationId).filter(
        ({ seq }) => seqs.includes(seq) && this.reads(conversationId, me, seq),
      ),
      more: false,
    }),
    'message.hide': (me, { conversationId, seqs }: { conversationId: ConversationId; seqs: number[] }) => {
      this.row(conversationId, me).hidden.push(...seqs);
      this.changed(me);
      return {};
    },
    'conversation.setMine': (
      me,
      { conversationId, change }: { conversationId: ConversationId; change: Partial<Keeping> },
    ) => {
      Object.assign(this.row(conversationId, me).keeping, change);
      this.changed(me);
      return {};
    },
    'draft.set': (
      me,
      { conversationId, draft }: { conversationId: ConversationId; draft: Omit<Draft, 'at'> | null },
    ) => {
      this.row(conversationId, me).draft = draft && { ...draft, at: ++this.#time };
      this.changed(me);
      return {};
    },
    'message.edit': (me, input: { conversationId: ConversationId; clientId: ClientId; seq: number; text: string }) =>
      this.once(me, input, { kind: 'edit', body: { text: input.text }, target: input.seq }),
    'message.remove': (me, input: { conversationId: ConversationId; clientId: ClientId; seq: number }) => {
      const answer = this.once(me, input, { kind: 'removal', body: {}, target: input.seq });
      const { entries } = this.of(input.conversationId);
      const at = input.seq - 1;
      entries.forEach((entry, i) => {
        if (i === at || (entry.kind === 'edit' && entry.target === input.seq))
          entries[i] = { ...entry, body: {}, emptied: true } as Entry;
      });
      return answer;
    },
    'conversation.entries': (me, input: { conversationId: ConversationId; after: number; limit?: number }) => {
      const { entries } = this.of(input.conversationId);
      const readable = entries.filter((one) => one.seq > input.after && this.reads(input.conversationId, me, one.seq));
      const page = readable.slice(0, input.limit ?? 100);
      return { entries: page, more: page.length < readable.length, head: this.headFor(input.conversationId, me) };
    },
    'conversation.history': (
      me,
      {
        conversationId,
        before = null,
        limit = 100,
      }: { conversationId: ConversationId; before: number | null; limit: number },
    ) => {
      const all = this.messagesOf(conversationId)
        .filter(({ seq }) => this.reads(conversationId, me, seq))
        .filter(({ seq }) => before === null || seq < before);
      const messages = all.slice(-Math.min(limit, this.pageSize));
      return { messages, asOf: this.headFor(conversationId, me), more: messages.length < all.length, hidden: [] };
    },
    'receipts.mark': (
      me,
      input: { marks: { conversationId: ConversationId; deliveredSeq?: number; readSeq?: number }[] },
    ) => {
      for (const { conversationId, deliveredSeq = 0, readSeq = 0 } of input.marks) {
        const row = this.of(conversationId).members.get(me);
        if (!row) continue;
        row.deliveredSeq = Math.max(row.deliveredSeq, deliveredSeq, readSeq);
        row.readSeq = Math.max(row.readSeq, readSeq);
        const mark = { userId: me, deliveredSeq: row.deliveredSeq, readSeq: row.readSeq, time: this.#time };
        this.tell(conversationId, { event: 'receipts.moved', body: { conversationId, marks: [mark] } });
      }
      return {};
    },
    'receipts.list': () => ({ marks: [] }),
    'scheduled.list': () => ({ scheduled: [...this.scheduled.values()], more: false }),
    'scheduled.create': (me, input: Input<'scheduled.create'>) => {
      const scheduled = { ...input, refused: null };
      this.scheduled.set(input.clientId, scheduled);
      this.changed(me);
      return { scheduled };
    },
    'scheduled.change': (_me, { clientId, ...change }: Input<'scheduled.change'>) => {
      const before = this.scheduled.get(clientId);
      if (!before) throw new AppError('not_found', 'no_such_scheduled');
      const scheduled = { ...before, text: change.text ?? before.text, sendAt: change.sendAt ?? before.sendAt };
      this.scheduled.set(clientId, scheduled);
      return { scheduled };
    },
    'scheduled.cancel': (_me, { clientId }: Input<'scheduled.cancel'>) => {
      this.scheduled.delete(clientId);
      return {};
    },
    'scheduled.sendNow': (me, { clientId }: Input<'scheduled.sendNow'>) => {
      const one = this.scheduled.get(clientId);
      if (!one) throw new AppError('not_found', 'no_such_scheduled');
      this.scheduled.delete(clientId);
      const { seq, time } = this.append(
        one.conversationId,
        me,
        { kind: 'message', body: { text: one.text } },
        clientId,
      );
      return { seq, time };
    },
    'presence.watch': (_me, { userIds }: { userIds: UserId[] }) => ({
      people: userIds.map((userId) => ({ userId, online: true, lastSeenAt: null })),
    }),
    'typing.set': () => ({}),
    'conversation.openDirect': (me, { userId }: { userId: UserId }) => {
      const conversationId = this.talk([me, userId]);
      return { conversation: this.stateOf(this.of(conversationId), me) };
    },
    'session.list': () => ({ sessions: [] }),
  };

  row(conversationId: ConversationId, me: UserId): Row {
    const row = this.of(conversationId).members.get(me);
    if (!row) throw new AppError('forbidden', 'not_a_member');
    return row;
  }

  /** Something of a person changed that no entry tells. */
  changed(me: UserId): void {
    if (this.mute) return;
    for (const device of this.devices)
      if (device.hears && device.userId === me) this.send(device, { event: 'changed', body: {} });
  }

  mentionedIn(text: string): UserId[] {
    return [...this.people.values()].filter(({ name }) => text.includes(`@${name}`)).map(({ userId }) => userId);
  }

  once(me: UserId, { conversationId, clientId }: { conversationId: ConversationId; clientId: ClientId }, what: object) {
    const talk = this.of(conversationId);
    if (!talk.members.get(me)?.member) throw new AppError('forbidden', 'not_a_member');
    const known = talk.entries.find((entry) => entry.clientId === clientId && entry.senderId === me);
    if (known) {
      const same = known.emptied || JSON.stringify(known.body) === JSON.stringify((what as { body: object }).body);
      if (!same) throw new AppError('conflict', 'client_id_used');
      return { seq: known.seq, time: known.time };
    }
    const { seq, time } = this.append(conversationId, me, what, clientId);
    return { seq, time };
  }

  reads(conversationId: ConversationId, me: UserId, seq: number): boolean {
    const spans = this.of(conversationId).members.get(me)?.spans ?? [];
    return spans.some(({ from, to }) => from <= seq && seq <= (to ?? seq));
  }

  headFor(conversationId: ConversationId, me: UserId): number {
    const { members, entries } = this.of(conversationId);
    const last = members.get(me)?.spans.at(-1);
    return last ? Math.min(entries.length, last.to ?? entries.length) : 0;
  }

  messagesOf(conversationId: ConversationId): Message[] {
    const { entries } = this.of(conversationId);
    return entries
      .filter((entry) => entry.target === undefined)
      .map((entry) => {
        const changes = entries.filter((one) => one.target === entry.seq);
        const edit = changes.filter((one) => one.kind === 'edit').at(-1);
        if (entry.emptied || changes.some((one) => one.kind === 'removal'))
          return { ...entry, body: {}, emptied: true } as Message;
        const edited = edit ? { body: { ...entry.body, ...edit.body }, editedAt: edit.time } : {};
        return {
          ...entry,
          ...edited,
          ...reactionsIn(changes),
          ...ballotsIn(changes),
          ...previewIn(entry, changes),
        } as Message;
      });
  }

  stateOf(talk: Talk, me: UserId): Conversation {
    const { conversationId, kind, title, members, entries, pins, settings } = talk;
    const row = members.get(me) as NonNullable<ReturnType<typeof members.get>>;
    const readable = this.messagesOf(conversationId).filter(({ seq }) => this.reads(conversationId, me, seq));
    const unread = readable.filter(
      (one) =>
        one.seq > row.readSeq && (one.kind === 'message' || one.kind === 'poll') && one.senderId !== me && !one.emptied,
    );
    const mentions = unread.filter((one) => one.kind === 'message' && one.body.mentions?.includes(me));
    const others = [...members].filter(([userId]) => userId !== me);
    const seq = this.headFor(conversationId, me);
    return {
      conversationId,
      kind,
      title,
      createdAt: 1,
      memberCount: members.size,
      settings,
      pins,
      peerId: kind === 'direct' ? (others[0]?.[0] ?? me) : null,
      head: { seq, time: entries[seq - 1]?.time ?? 0, firstSeq: this.firstSeqs.get(conversationId) ?? 1 },
      last: readable.at(-1) ?? null,
      mine: {
        role: row.role,
        spans: row.spans,
        member: row.member,
        readSeq: row.readSeq,
        deliveredSeq: Math.max(row.deliveredSeq, row.readSeq),
        unread: Math.min(999, unread.length),
        mentions: mentions.length,
        ...row.keeping,
        draft: row.draft,
        hidden: [...row.hidden],
      },
      marks: others.map(([userId, { deliveredSeq, readSeq }]) => ({
        userId,
        deliveredSeq: Math.max(deliveredSeq, readSeq),
        readSeq: this.hidesReading(userId) || this.hidesReading(me) ? 0 : readSeq,
      })),
    };
  }

  hidesReading(userId: UserId): boolean {
    return this.privacy.get(userId)?.readReceipts === false;
  }
}

function answer(body: { ok: true; output: unknown } | { ok: false; error: WireError }): Response {
  return Response.json(body, { status: body.ok ? 200 : errorStatus[body.error.code] });
}

const newRow = (): Row => ({
  spans: [{ from: 1, to: null }],
  member: true,
  readSeq: 0,
  deliveredSeq: 0,
  role: 'member',
  keeping: { pinned: false, archived: false, mutedUntil: null, markedUnread: false },
  draft: null,
  hidden: [],
});

function reactionsIn(changes: readonly Entry[]): Pick<Message, 'reactions'> {
  const found = new Map<string, Set<UserId>>();
  for (const entry of changes) {
    if (entry.kind !== 'reaction') continue;
    for (const { userId, emoji, on } of entry.body.changes) {
      const people = found.get(emoji) ?? new Set();
      if (on) found.set(emoji, people.add(userId));
      else if (people.delete(userId) && people.size === 0) found.delete(emoji);
    }
  }
  const reactions = [...found].map(([emoji, people]) => ({ emoji, count: people.size, userIds: [...people] }));
  return reactions.length > 0 ? { reactions } : {};
}

/** The one looked up last, as long as the text has held its link since. */
function previewIn(entry: Entry, changes: readonly Entry[]): Pick<Message, 'preview'> {
  if (entry.kind !== 'message') return {};
  const last = changes.findLast((one) => one.kind === 'preview');
  if (last?.kind !== 'preview') return {};
  const edits = changes.filter((one) => one.kind === 'edit');
  const before = edits.findLast(({ seq }) => seq < last.seq);
  const texts = [
    before?.body.text ?? entry.body.text,
    ...edits.filter(({ seq }) => seq > last.seq).map((one) => one.body.text),
  ];
  return texts.every((text) => text.includes(last.body.url)) ? { preview: last.body } : {};
}

function ballotsIn(changes: readonly Entry[]): Pick<Message, 'ballots'> {
  const votes = changes.flatMap((entry) => (entry.kind === 'vote' ? entry.body.votes : []));
  if (votes.length === 0) return {};
  const ballots = new Map<UserId, number[]>();
  for (const { userId, options } of votes) {
    ballots.delete(userId);
    if (options.length > 0) ballots.set(userId, options);
  }
  return { ballots: [...ballots].map(([userId, options]) => ({ userId, options })) };
}
