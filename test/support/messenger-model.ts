import type { UserId } from '../../src/protocol/ids.ts';
import type { MemberRole, Span } from '../../src/protocol/models.ts';

/** A line of a conversation. What a person reads is made of those in their spans. */
interface Line {
  readonly kind: string;
  readonly by: UserId;
  readonly body: Readonly<Record<string, unknown>>;
  readonly target?: number;
}
interface Member {
  in: boolean;
  role: MemberRole;
  spans: Span[];
  joinedSeq: number;
  read: number;
  readonly hidden: Set<number>;
  archived: boolean;
  draft: string | null;
}
interface Talk {
  readonly pair: readonly [UserId, UserId] | null;
  readonly lines: Line[];
  readonly members: Map<UserId, Member>;
  title: string;
  posting: 'members' | 'admins';
  showsPast: boolean;
  pins: number[];
}

/** A message as somebody reads it. */
export interface Reading {
  readonly seq: number;
  readonly kind: string;
  readonly by: string;
  readonly body: unknown;
  readonly edited: boolean;
  readonly reactions: readonly (readonly [emoji: string, people: readonly UserId[]])[];
  readonly ballots: readonly (readonly [UserId, readonly number[]])[];
  readonly closed: boolean;
}

/** A conversation as somebody has it. */
export interface Having {
  readonly isIn: boolean;
  readonly role: MemberRole | null;
  readonly title: string | null;
  readonly people: number;
  readonly posting: string | null;
  readonly pins: readonly number[];
  readonly head: number;
  readonly readSeq: number;
  readonly unread: number;
  readonly mentions: number;
  readonly hidden: readonly number[];
  readonly archived: boolean;
  readonly draft: string | null;
  /** How far others have read, as far as one may know, of those who did. */
  readonly reads: readonly (readonly [UserId, number])[];
  readonly messages: readonly Reading[];
}

/** Refused, with the reason; or done, with the seq of what was said. */
export type Outcome = { readonly reason: string } | { readonly seq: number } | { readonly done: true };

const done: Outcome = { done: true };
const no = (reason: string): Outcome => ({ reason });
const covers = (spans: readonly Span[], seq: number) =>
  spans.some(({ from, to }) => seq >= from && (to === null || seq <= to));
const counts = (line: Line) => line.kind === 'message' || line.kind === 'poll';

/** What the messenger promises, as simply as it can be said: one list of lines a conversation, and who may read which. */
export class MessengerModel {
  readonly talks: Talk[] = [];
  readonly #names: ReadonlyMap<string, UserId>;
  readonly #blocks = new Map<UserId, Set<UserId>>();
  readonly #secretive = new Set<UserId>();

  constructor(names: ReadonlyMap<string, UserId>) {
    this.#names = names;
  }

  openDirect(me: UserId, other: UserId): Outcome | { readonly place: number } {
    const found = this.talks.findIndex(
      ({ pair }) => pair?.includes(me) && pair.includes(other) && (me === other) === (pair[0] === pair[1]),
    );
    if (me !== other && this.#doesBlock(other, me)) return no('may_not_write');
    if (found >= 0) return { place: found };
    if (this.#doesBlock(me, other)) return no('person_blocked');
    return { place: this.#begin([me, other], [me, other], 'member', {}) };
  }

  create(me: UserId, others: readonly UserId[], showsPast: boolean): Outcome | { readonly place: number } {
    const invited = [...new Set(others)].filter((one) => one !== me);
    if (invited.some((one) => this.#doesBlock(one, me))) return no('may_not_write');
    const place = this.#begin(null, [me, ...invited], 'member', { title: 'group', showsPast });
    this.#member(place, me).role = 'owner';
    this.#add(place, { kind: 'created', by: me, body: { title: 'group', userIds: invited } });
    for (const member of this.#talk(place).members.values()) member.joinedSeq = 1;
    return { place };
  }

  send(place: number, me: UserId, text: string, replyTo?: number): Outcome {
    const refused = this.#mayWrite(place, me);
    if (refused) return refused;
    if (replyTo !== undefined && this.#said(place, me, replyTo)?.body === undefined) return no('no_such_message');
    const talk = this.#talk(place);
    const mentions = [...text.matchAll(/@([a-z0-9-]+)/g)].flatMap(([, name = '']) => {
      const userId = this.#names.get(name);
      return userId !== undefined && talk.members.get(userId)?.in ? [userId] : [];
    });
    const mentionsAll = text.includes('@all') && talk.pair === null && this.#member(place, me).role !== 'member';
    return this.#speak(place, me, 'message', {
      text,
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(mentionsAll ? { mentionsAll } : {}),
    });
  }

  ask(place: number, me: UserId, question: string, options: readonly string[]): Outcome {
    return this.#mayWrite(place, me) ?? this.#speak(place, me, 'poll', { question, options, several: true });
  }

  edit(place: number, me: UserId, seq: number, text: string): Outcome {
    const refused = this.#mayWrite(place, me);
    if (refused) return refused;
    const message = this.#said(place, me, seq);
    if (!message) return no('no_such_message');
    if (message.body === undefined) return no('message_removed');
    if (message.kind !== 'message') return no('no_such_message');
    if (message.by !== me) return no('not_your_message');
    return { seq: this.#add(place, { kind: 'edit', by: me, body: { text }, target: seq }) };
  }

  remove(place: number, me: UserId, seq: number): Outcome {
    if (!this.#isIn(place, me)) return no('not_a_member');
    const message = this.#said(place, me, seq);
    if (!message) return no('no_such_message');
    if (message.body === undefined) return no('message_removed');
    if (message.by !== me && !this.#moderates(place, me)) return no('not_your_message');
    const talk = this.#talk(place);
    talk.pins = talk.pins.filter((pin) => pin !== seq);
    return { seq: this.#add(place, { kind: 'removal', by: me, body: {}, target: seq }) };
  }

  react(place: number, me: UserId, seq: number, emoji: string, on: boolean): Outcome {
    const message = this.#touchable(place, me, seq);
    if ('reason' in message) return message;
    const has = message.reactions.some(([one, people]) => one === emoji && people.includes(me));
    if (has !== on) this.#add(place, { kind: 'reaction', by: me, body: { emoji, on }, target: seq });
    return done;
  }

  vote(place: number, me: UserId, seq: number, options: readonly number[]): Outcome {
    const poll = this.#touchable(place, me, seq);
    if ('reason' in poll) return poll;
    if (poll.kind !== 'poll') return no('no_such_poll');
    if (poll.closed) return no('poll_closed');
    const chosen = [...options].sort();
    const before = poll.ballots.find(([userId]) => userId === me)?.[1] ?? [];
    if (`${before}` !== `${chosen}`) this.#add(place, { kind: 'vote', by: me, body: { options: chosen }, target: seq });
    return done;
  }

  closePoll(place: number, me: UserId, seq: number): Outcome {
    if (!this.#isIn(place, me)) return no('not_a_member');
    const poll = this.#said(place, me, seq);
    if (poll?.kind !== 'poll') return no('no_such_poll');
    if (poll.body === undefined) return no('message_removed');
    if (poll.by !== me && !this.#moderates(place, me)) return no('not_your_poll');
    if (!poll.closed) this.#add(place, { kind: 'poll_closed', by: me, body: {}, target: seq });
    return done;
  }

  pin(place: number, me: UserId, seq: number, on: boolean): Outcome {
    if (!this.#isIn(place, me)) return no('not_a_member');
    const refused = this.#mayReach(place, me);
    if (refused) return refused;
    const talk = this.#talk(place);
    if (talk.pair === null && !this.#moderates(place, me)) return no('not_an_admin');
    const pinned = talk.pins.includes(seq) && covers(this.#member(place, me).spans, seq);
    if (pinned === on) return done;
    if (on && this.#said(place, me, seq)?.body === undefined) return no('no_such_message');
    talk.pins = [...(on ? [seq] : []), ...talk.pins.filter((pin) => pin !== seq)];
    this.#add(place, { kind: 'pin', by: me, body: { on }, target: seq });
    return done;
  }

  read(place: number, me: UserId, seq: number): Outcome {
    if (!this.#isIn(place, me)) return no('not_a_member');
    if (seq > this.#talk(place).lines.length) return no('mark_beyond_head');
    const member = this.#member(place, me);
    member.read = Math.max(member.read, seq);
    return done;
  }

  hide(place: number, me: UserId, seq: number): Outcome {
    const member = this.#talk(place).members.get(me);
    if (!member) return no('not_a_member');
    if (seq > this.#talk(place).lines.length || !covers(member.spans, seq)) return no('no_such_message');
    member.hidden.add(seq);
    return done;
  }

  keep(place: number, me: UserId, archived: boolean): Outcome {
    const member = this.#talk(place).members.get(me);
    if (!member) return no('not_a_member');
    member.archived = archived;
    return done;
  }

  draft(place: number, me: UserId, text: string | null): Outcome {
    const member = this.#talk(place).members.get(me);
    if (!member) return no('not_a_member');
    member.draft = text;
    return done;
  }

  addMember(place: number, me: UserId, other: UserId): Outcome {
    const refused = this.#mayManage(place, me);
    if (refused) return refused;
    if (this.#isIn(place, other)) return done;
    if (this.#doesBlock(other, me)) return no('may_not_write');
    const talk = this.#talk(place);
    const seq = this.#add(place, { kind: 'joined', by: me, body: { userIds: [other] } });
    const from = talk.showsPast ? 1 : seq;
    const known = talk.members.get(other) ?? newMember('member');
    const spans = [...known.spans.filter((span) => span.from < from), { from, to: null }];
    talk.members.set(other, Object.assign(known, { in: true, role: 'member', spans, joinedSeq: seq }));
    return done;
  }

  removeMember(place: number, me: UserId, other: UserId): Outcome {
    if (this.#talk(place).pair) return no('direct_conversation');
    if (!this.#isIn(place, me)) return no('not_a_member');
    if (me === other) return no('leave_instead');
    if (!this.#isIn(place, other)) return done;
    const { role } = this.#member(place, me);
    if (role !== 'owner' && !(role === 'admin' && this.#member(place, other).role === 'member'))
      return no('not_an_admin');
    this.#goes(place, other, this.#add(place, { kind: 'removed', by: me, body: { userId: other } }));
    return done;
  }

  leave(place: number, me: UserId): Outcome {
    if (this.#talk(place).pair) return no('direct_conversation');
    if (!this.#isIn(place, me)) return no('not_a_member');
    const heir = this.#member(place, me).role === 'owner' ? this.#heirOf(place, me) : null;
    this.#goes(place, me, this.#add(place, { kind: 'left', by: me, body: { userId: me, heir } }));
    if (heir) this.#member(place, heir).role = 'owner';
    return done;
  }

  setRole(place: number, me: UserId, other: UserId, role: MemberRole): Outcome {
    if (this.#talk(place).pair) return no('direct_conversation');
    if (!this.#isIn(place, me)) return no('not_a_member');
    const mine = this.#member(place, me);
    if (mine.role !== 'owner') return no('not_the_owner');
    if (me === other) return no('name_another_owner');
    if (!this.#isIn(place, other)) return no('no_such_member');
    if (this.#member(place, other).role === role) return done;
    this.#add(place, { kind: 'role', by: me, body: { userId: other, role } });
    this.#member(place, other).role = role;
    if (role === 'owner') mine.role = 'admin';
    return done;
  }

  rename(place: number, me: UserId, title: string): Outcome {
    const refused = this.#mayManage(place, me);
    if (refused) return refused;
    if (this.#talk(place).title === title) return done;
    this.#talk(place).title = title;
    this.#add(place, { kind: 'title', by: me, body: { title } });
    return done;
  }

  decide(place: number, me: UserId, change: { posting?: 'members' | 'admins'; showsPast?: boolean }): Outcome {
    const talk = this.#talk(place);
    if (!this.#isIn(place, me)) return no('not_a_member');
    if (talk.pair) return no('direct_conversation');
    if (!this.#moderates(place, me)) return no('not_an_admin');
    const before = JSON.stringify([talk.posting, talk.showsPast]);
    Object.assign(talk, change);
    if (JSON.stringify([talk.posting, talk.showsPast]) !== before)
      this.#add(place, { kind: 'settings', by: me, body: {} });
    return done;
  }

  block(me: UserId, other: UserId, on: boolean): Outcome {
    if (me === other) return no('yourself');
    const blocked = this.#blocks.get(me) ?? new Set();
    if (on) blocked.add(other);
    else blocked.delete(other);
    this.#blocks.set(me, blocked);
    return done;
  }

  hideReads(me: UserId, on: boolean): Outcome {
    if (on) this.#secretive.add(me);
    else this.#secretive.delete(me);
    return done;
  }

  blockedBy(me: UserId): readonly UserId[] {
    return [...(this.#blocks.get(me) ?? [])].sort();
  }

  wasRemoved(place: number, seq: number): boolean {
    return this.#talk(place).lines.some(({ kind, target }) => kind === 'removal' && target === seq);
  }

  /** Null: they never were in it. */
  as(place: number, me: UserId): Having | null {
    const talk = this.#talk(place);
    const member = talk.members.get(me);
    if (!member) return null;
    const isIn = member.in;
    const messages = talk.lines.flatMap((line, i) =>
      line.target === undefined && covers(member.spans, i + 1) ? [this.#reading(place, i + 1, member.spans)] : [],
    );
    const readSeq = this.#readSeq(place, me);
    const unread = messages.filter(
      ({ kind, by, body, seq }) =>
        (kind === 'message' || kind === 'poll') && by !== me && body !== undefined && seq > readSeq,
    );
    const others = [...talk.members].filter(([userId, other]) => isIn && other.in && userId !== me);
    const reads = others.flatMap(([userId]): [UserId, number][] => {
      const apart = this.#doesBlock(me, userId) || this.#doesBlock(userId, me);
      const secret = this.#secretive.has(me) || this.#secretive.has(userId);
      const seq = this.#written(place, userId);
      return apart || secret || seq === 0 ? [] : [[userId, seq]];
    });
    return {
      isIn,
      role: isIn ? member.role : null,
      title: isIn ? talk.title : null,
      people: isIn ? others.length + 1 : 0,
      posting: isIn ? talk.posting : null,
      pins: isIn ? talk.pins.filter((pin) => covers(member.spans, pin)) : [],
      head: isIn ? talk.lines.length : (member.spans.at(-1)?.to ?? 0),
      readSeq,
      unread: unread.length,
      mentions: unread.filter((one) => mentionsIn(one, me)).length,
      hidden: [...member.hidden].sort((a, b) => a - b),
      archived: member.archived,
      draft: member.draft,
      reads: reads.sort(([a], [b]) => (a < b ? -1 : 1)),
      messages,
    };
  }

  /** Their mark, never below what they wrote last. */
  #written(place: number, userId: UserId): number {
    const own = this.#talk(place).lines.findLastIndex((line) => counts(line) && line.by === userId) + 1;
    return Math.max(own, this.#member(place, userId).read);
  }

  /** The past that a newcomer is shown is not unread. */
  #readSeq(place: number, userId: UserId): number {
    const { spans, joinedSeq } = this.#member(place, userId);
    const last = spans.at(-1);
    return Math.max(this.#written(place, userId), last && last.from < joinedSeq ? joinedSeq : 0);
  }

  #reading(place: number, seq: number, spans: readonly Span[]): Reading {
    const { lines } = this.#talk(place);
    const { kind, by, body } = lines[seq - 1] as Line;
    const after = lines.filter((line, i) => line.target === seq && (line.kind === 'removal' || covers(spans, i + 1)));
    const plain = { seq, kind, by, edited: false, reactions: [], ballots: [], closed: false };
    if (after.some((line) => line.kind === 'removal')) return { ...plain, body: undefined };
    const reactions = new Map<string, UserId[]>();
    const ballots = new Map<UserId, readonly number[]>();
    let text: unknown;
    let closed = false;
    for (const line of after) {
      if (line.kind === 'edit') text = line.body.text;
      if (line.kind === 'poll_closed') closed = true;
      if (line.kind === 'vote' && !closed) {
        ballots.delete(line.by);
        const options = line.body.options as number[];
        if (options.length > 0) ballots.set(line.by, options);
      }
      if (line.kind !== 'reaction') continue;
      const emoji = String(line.body.emoji);
      const others = (reactions.get(emoji) ?? []).filter((one) => one !== line.by);
      const people = line.body.on ? [...others, line.by] : others;
      if (people.length > 0) reactions.set(emoji, people);
      else reactions.delete(emoji);
    }
    return {
      ...plain,
      body: text === undefined ? body : { ...body, text },
      edited: text !== undefined,
      reactions: [...reactions],
      ballots: [...ballots],
      closed,
    };
  }

  /** What was said at a place that they may read; its body undefined once it was removed. */
  #said(place: number, me: UserId, seq: number): Reading | null {
    const line = this.#talk(place).lines[seq - 1];
    if (!line || !counts(line)) return null;
    const { spans } = this.#member(place, me);
    return covers(spans, seq) ? this.#reading(place, seq, spans) : null;
  }

  /** As everybody together changed it, for those who may change it too. */
  #touchable(place: number, me: UserId, seq: number): Reading | { readonly reason: string } {
    if (!this.#isIn(place, me)) return { reason: 'not_a_member' };
    const refused = this.#mayReach(place, me);
    if (refused) return refused;
    if (this.#said(place, me, seq) === null) return { reason: 'no_such_message' };
    const whole = this.#reading(place, seq, [{ from: 1, to: null }]);
    return whole.body === undefined ? { reason: 'message_removed' } : whole;
  }

  #mayWrite(place: number, me: UserId): { readonly reason: string } | null {
    if (!this.#isIn(place, me)) return { reason: 'not_a_member' };
    if (this.#talk(place).posting === 'admins' && !this.#moderates(place, me)) return { reason: 'only_admins_write' };
    return this.#mayReach(place, me);
  }

  #mayReach(place: number, me: UserId): { readonly reason: string } | null {
    const other = this.#talk(place).pair?.find((one) => one !== me);
    if (other === undefined) return null;
    if (this.#doesBlock(other, me)) return { reason: 'may_not_write' };
    return this.#doesBlock(me, other) ? { reason: 'person_blocked' } : null;
  }

  #mayManage(place: number, me: UserId): { readonly reason: string } | null {
    if (this.#talk(place).pair) return { reason: 'direct_conversation' };
    if (!this.#isIn(place, me)) return { reason: 'not_a_member' };
    return this.#moderates(place, me) ? null : { reason: 'not_an_admin' };
  }

  #moderates(place: number, me: UserId): boolean {
    return this.#talk(place).pair === null && this.#member(place, me).role !== 'member';
  }

  #heirOf(place: number, leaving: UserId): UserId | null {
    const line = [...this.#talk(place).members]
      .filter(([userId, member]) => member.in && userId !== leaving)
      .sort(([a, one], [b, other]) => one.joinedSeq - other.joinedSeq || (a < b ? -1 : 1));
    return (line.find(([, { role }]) => role === 'admin') ?? line[0])?.[0] ?? null;
  }

  #goes(place: number, userId: UserId, seq: number): void {
    const member = this.#member(place, userId);
    member.in = false;
    member.spans = member.spans.map((span) => (span.to === null ? { ...span, to: seq } : span));
  }

  #doesBlock(by: UserId, whom: UserId): boolean {
    return this.#blocks.get(by)?.has(whom) === true;
  }

  #speak(place: number, by: UserId, kind: string, body: Line['body']): Outcome {
    return { seq: this.#add(place, { kind, by, body }) };
  }

  #add(place: number, line: Line): number {
    return this.#talk(place).lines.push(line);
  }

  #begin(
    pair: Talk['pair'],
    people: readonly UserId[],
    role: MemberRole,
    { title = '', showsPast = false }: { title?: string; showsPast?: boolean },
  ): number {
    const members = new Map(
      people.map((userId) => [userId, { ...newMember(role), in: true, spans: [{ from: 1, to: null }] }]),
    );
    this.talks.push({ pair, lines: [], members, title, posting: 'members', showsPast, pins: [] });
    return this.talks.length - 1;
  }

  #isIn(place: number, userId: UserId): boolean {
    return this.#talk(place).members.get(userId)?.in === true;
  }

  #talk(place: number): Talk {
    return this.talks[place] as Talk;
  }

  #member(place: number, userId: UserId): Member {
    return this.#talk(place).members.get(userId) as Member;
  }
}

const newMember = (role: MemberRole): Member => ({
  in: false,
  role,
  spans: [],
  joinedSeq: 0,
  read: 0,
  hidden: new Set(),
  archived: false,
  draft: null,
});

function mentionsIn({ body }: Reading, me: UserId): boolean {
  const { mentions, mentionsAll } = body as { mentions?: readonly UserId[]; mentionsAll?: true };
  return mentionsAll === true || (mentions ?? []).includes(me);
}
