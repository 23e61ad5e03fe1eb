import { computed, type Signal, signal } from '@preact/signals';
import { AppError, type WireError } from '../../../src/protocol/errors.ts';
import type { ConversationId, UserId } from '../../../src/protocol/ids.ts';
import type { Account, Message, Profile } from '../../../src/protocol/models.ts';
import type {
  ConversationItem,
  Engine,
  Needed,
  OpenConversation,
  ShownMessage,
  SignedOutBecause,
} from '../../../src/web/engine/engine.ts';
import { makeDemoAuth, makeDemoSecurity, type SecurityShown } from './demo-account.ts';
import {
  asConversation,
  type DemoConversation,
  inviteIdOf,
  makeConversations,
  messageAt,
  people,
  userIdOf,
} from './demo-world.ts';

/** What is out of the ordinary in this showing. */
export interface Scenario {
  readonly signedOut?: boolean;
  readonly starting?: boolean;
  readonly because?: SignedOutBecause;
  readonly conversations?: number;
  readonly connection?: 'offline' | 'connecting' | 'updating';
  readonly lacksSecureContext?: boolean;
  readonly lacksStorage?: boolean;
  readonly outdated?: boolean;
  readonly language?: 'en' | 'ru';
  readonly theme?: 'system' | 'light' | 'dark';
  readonly registration?: 'open' | 'invite' | 'approval' | 'closed';
  readonly mail?: boolean;
  readonly passkeys?: boolean;
  /** What signing in asks for next. */
  readonly needed?: Needed;
  /** Every request fails; with this, where it is given. */
  readonly failing?: boolean | WireError;
  /** Nothing that is loaded ever comes. */
  readonly endless?: boolean;
  readonly accent?: string;
  readonly usedInvite?: boolean;
  readonly weakPassword?: boolean;
  /** How the account is guarded, where it is not as usual. */
  readonly security?: Partial<SecurityShown>;
  /** Groups that the invite leads to. */
  readonly invitedTo?: readonly string[];
  /** Milliseconds that loading takes. */
  readonly slow?: number;
  readonly now?: number;
}

const page = 50;
const windowSize = 600;

/** An engine over made-up data, for looking at screens and for their tests. Nothing leaves the page. */
export function makeDemoEngine(scenario: Scenario = {}): Engine & { readonly demo: DemoControls } {
  const now = scenario.now ?? Date.now();
  const demos = makeConversations(now, scenario.conversations ?? 500);
  const phase = signal<Engine['phase']['value']>(
    scenario.starting ? 'starting' : scenario.signedOut ? 'signed_out' : 'signed_in',
  );
  const told = signal(false);
  const language = signal<'en' | 'ru'>(scenario.language ?? 'en');
  const theme = signal<'system' | 'light' | 'dark'>(scenario.theme ?? 'system');
  const connection = signal<Engine['connection']['value']>(scenario.connection ?? 'ready');
  const me = signal<Account>({
    ...(people[0] as Profile),
    role: 'owner',
    state: 'active',
    email: scenario.security?.email === undefined ? 'anna@example.org' : scenario.security.email,
    language: null,
    deletesAt: null,
    createdAt: now - 90 * 86_400_000,
    lastSeenAt: now,
  });
  const profiles = new Map(people.map((person) => [person.userId, signal<Profile | null>(person)]));
  const unknown = signal<Profile | null>(null);
  const profile = (id: UserId) => profiles.get(id) ?? unknown;

  const answer = async <T>(make: () => T): Promise<T> => {
    if (scenario.endless) return new Promise<T>(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, scenario.slow ?? 0));
    if (scenario.failing === true) throw new AppError('unavailable', 'offline');
    if (scenario.failing) throw new AppError(scenario.failing.code, scenario.failing.reason, scenario.failing);
    return make();
  };
  const account = { scenario, now, phase, me, answer };

  const items = demos.map((demo) => signal(itemOf(demo, profile)));
  const opened = new Map<ConversationId, OpenConversation & DemoOpen>();
  const open = (id: ConversationId) => {
    const known = opened.get(id);
    if (known !== undefined) return known;
    const number = demos.findIndex((demo) => demo.id === id);
    const made = openDemo({ demo: demos[number], item: items[number] ?? signal(null), profile, answer, now });
    opened.set(id, made);
    return made;
  };

  return {
    phase,
    signedOutBecause: signal(scenario.because ?? null),
    connection,
    missing: computed(() => ({
      secureContext: scenario.lacksSecureContext ?? false,
      storage: scenario.lacksStorage ?? false,
      told: told.value,
    })),
    outdated: signal(scenario.outdated ?? false),
    about: signal({
      name: 'Sailing club Lindau',
      version: '0.1.0',
      registration: scenario.registration ?? 'invite',
      mail: scenario.mail ?? false,
      accent: scenario.accent ?? null,
      address: 'https://chat.sailing.example.org',
    }),
    me,
    conversations: computed(() =>
      items
        .map((item) => item.value)
        .filter((item) => item.last !== null || item.draft !== '')
        .sort((a, b) => b.time - a.time),
    ),
    unreadTotal: computed(() => items.reduce((sum, item) => sum + item.value.unread, 0)),
    open,
    profile,
    presence: (id) => {
      const number = people.findIndex((person) => person.userId === id);
      return signal({ online: number % 3 === 1, lastSeenAt: now - number * 47 * 60_000 });
    },
    show: () => undefined,
    auth: makeDemoAuth(account),
    security: makeDemoSecurity(account),
    invites: {
      create: ({ maxUses = 1, expiresInHours = 168 }) =>
        answer(() => ({
          invite: demoInvite(now, 9, maxUses, 0, now + (expiresInHours ?? 0) * 3_600_000),
          token: 'x',
          link: 'https://chat.sailing.example.org/join#q3V0eHh4dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnRva2Vu',
        })),
      list: () =>
        answer(() => [
          demoInvite(now, 1, 1, 0, now + 86_400_000 * 3),
          demoInvite(now, 2, 25, 11, now + 86_400_000 * 20, 'New members 2026'),
          demoInvite(now, 3, null, 4, null),
        ]),
      revoke: () => answer(() => undefined),
    },
    people: {
      find: (query) =>
        answer(() => {
          const wanted = query.toLowerCase();
          if (wanted === '') return [];
          return people
            .filter((person) => ` ${person.displayName} ${person.name}`.toLowerCase().includes(` ${wanted}`))
            .slice(0, 20);
        }),
    },
    groups: {
      openDirect: (id) =>
        answer(
          () =>
            demos.find((demo) => demo.kind === 'direct' && demo.members.some((one) => userIdOf(one) === id))?.id ??
            (demos[1] as DemoConversation).id,
        ),
      create: () => answer(() => (demos[3] as DemoConversation).id),
      members: (id) =>
        answer(() => {
          const demo = demos.find((one) => one.id === id);
          return {
            members: (demo?.members ?? []).map((number, index) => ({
              profile: people[number] as Profile,
              role: number === 0 ? (demo?.role ?? 'member') : index === 1 ? ('admin' as const) : ('member' as const),
              deliveredSeq: 0,
              readSeq: 0,
            })),
            more: false,
          };
        }),
      addMembers: () => answer(() => undefined),
      removeMember: () => answer(() => undefined),
      setRole: () => answer(() => undefined),
      setTitle: () => answer(() => undefined),
      leave: () => answer(() => undefined),
    },
    preferences: {
      language,
      theme,
      setLanguage: (next) => {
        language.value = next;
      },
      setTheme: (next) => {
        theme.value = next;
      },
      toldMissing: () => {
        told.value = true;
      },
    },
    storage: () => answer(() => ({ bytes: 48_300_000, persisted: false })),
    dropCache: () => answer(() => undefined),
    demo: {
      say: (number, text) => {
        const demo = demos[number];
        if (demo !== undefined) open(demo.id).hear(text);
      },
      setConnection: (next) => {
        connection.value = next;
      },
    },
  };
}

export interface DemoControls {
  /** Somebody else writes in the conversation with this number. */
  say(number: number, text: string): void;
  setConnection(state: Engine['connection']['value']): void;
}

interface DemoOpen {
  hear(text: string): void;
}

function demoInvite(
  now: number,
  number: number,
  maxUses: number | null,
  uses: number,
  expiresAt: number | null,
  note = '',
) {
  return {
    inviteId: inviteIdOf(number),
    role: 'member' as const,
    createdBy: userIdOf(0),
    createdAt: now,
    expiresAt,
    maxUses,
    uses,
    revokedAt: null,
    note,
    conversationIds: [],
  };
}

type ProfileOf = (id: UserId) => Signal<Profile | null>;

function shownOf(demo: DemoConversation, message: Message, profile: ProfileOf): ShownMessage {
  const mine = message.senderId === userIdOf(0);
  const behind = demo.count - message.seq;
  const removed = message.emptied === true;
  return {
    key: message.clientId,
    seq: message.seq,
    message,
    text: message.kind === 'message' ? message.body.text : '',
    mine,
    sender: message.senderId === null ? null : profile(message.senderId).peek(),
    time: message.time,
    edited: message.editedAt !== undefined,
    removed,
    state: mine && message.kind === 'message' ? (behind < 2 ? 'sent' : behind < 5 ? 'delivered' : 'read') : null,
    error: null,
  };
}

function itemOf(demo: DemoConversation, profile: ProfileOf): ConversationItem {
  const conversation = asConversation(demo, demo.count - demo.unread);
  const peer = conversation.peerId === null ? null : profile(conversation.peerId).peek();
  const last = conversation.last === null ? null : shownOf(demo, conversation.last, profile);
  return {
    conversation,
    title: demo.kind === 'group' ? demo.title : (peer?.displayName ?? ''),
    peer,
    self: peer?.userId === userIdOf(0),
    last:
      demo.failed === null || last === null
        ? last
        : { ...last, mine: true, state: 'failed', text: demo.failed, seq: null },
    lastSender: last?.sender ?? null,
    unread: demo.unread,
    draft: demo.draft,
    typing: demo.typing.map((number) => people[number] as Profile),
    time: demo.lastTime,
  };
}

interface OpenDemo {
  readonly demo: DemoConversation | undefined;
  readonly item: Signal<ConversationItem> | Signal<ConversationItem | null>;
  readonly profile: ProfileOf;
  readonly answer: <T>(make: () => T) => Promise<T>;
  readonly now: number;
}

function openDemo({ demo, item, profile, answer, now }: OpenDemo): OpenConversation & DemoOpen {
  const made = new Map<number, ShownMessage>();
  const total = demo?.count ?? 0;
  const start =
    demo !== undefined && demo.unread > 0 ? Math.max(1, total - demo.unread - 15) : Math.max(1, total - page);
  /** Both ends included. */
  const range = signal({ from: start, to: Math.min(total, start + page) });
  const loading = signal<OpenConversation['loading']['value']>(null);
  const added = signal<readonly ShownMessage[]>(
    demo?.failed == null ? [] : [waiting(demo.failed, now - 20_000, 'failed')],
  );
  const changed = signal<ReadonlyMap<number, Partial<ShownMessage>>>(new Map());
  const draft = signal(demo?.draft ?? '');
  const shown = signal(false);

  const at = (seq: number): ShownMessage => {
    let message = made.get(seq);
    if (message === undefined) {
      message = shownOf(demo as DemoConversation, messageAt(demo as DemoConversation, seq), profile);
      made.set(seq, message);
    }
    const change = changed.value.get(seq);
    return change === undefined ? message : { ...message, ...change };
  };
  const atEnd = computed(() => range.value.to >= total);
  const load = async (which: 'older' | 'newer' | 'first', next: () => { from: number; to: number }) => {
    if (loading.peek() !== null) return;
    loading.value = which;
    try {
      await answer(() => {
        range.value = next();
      });
    } finally {
      loading.value = null;
    }
  };
  if (demo !== undefined) {
    void load('first', () => {
      shown.value = true;
      return range.peek();
    }).catch(() => undefined);
  }
  return {
    item,
    messages: computed(() => {
      if (demo === undefined || !shown.value) return [];
      const { from, to } = range.value;
      const list: ShownMessage[] = [];
      for (let seq = from; seq <= to; seq += 1) list.push(at(seq));
      return atEnd.value ? [...list, ...added.value] : list;
    }),
    hasOlder: computed(() => range.value.from > 1),
    atEnd,
    loading,
    unreadFrom: signal(demo === undefined || demo.unread === 0 ? null : total - demo.unread + 1),
    draft,
    typing: computed(() => item.value?.typing ?? []),
    loadOlder: () =>
      load('older', () => {
        const { from, to } = range.peek();
        const next = Math.max(1, from - page);
        return { from: next, to: Math.min(to, next + windowSize) };
      }),
    loadNewer: () =>
      load('newer', () => {
        const { from, to } = range.peek();
        const next = Math.min(total, to + page);
        return { from: Math.max(from, next - windowSize), to: next };
      }),
    jumpTo: (seq) =>
      answer(() => {
        const from = Math.max(1, seq === 'end' ? total - page : seq - page / 2);
        const { from: have, to } = range.peek();
        if (seq === 'end' ? !atEnd.peek() : seq < have || seq > to)
          range.value = { from, to: Math.min(total, from + page) };
      }),
    setDraft: (text) => {
      draft.value = text;
    },
    send: (text) => {
      added.value = [...added.value, waiting(text, Date.now(), 'waiting')];
    },
    retry: (key) => {
      added.value = added.value.map((one) => (one.key === key ? { ...one, state: 'waiting', error: null } : one));
    },
    discard: (key) => {
      added.value = added.value.filter((one) => one.key !== key);
    },
    edit: (seq, text) => {
      changed.value = new Map([...changed.value, [seq, { text, edited: true }]]);
    },
    remove: (seq) => {
      changed.value = new Map([...changed.value, [seq, { text: '', removed: true, state: null }]]);
    },
    markRead: (seq) => {
      const now = item.peek();
      if (now === null) return;
      const unread = Math.max(0, Math.min(now.unread, total + added.peek().length - seq));
      if (unread !== now.unread) (item as Signal<ConversationItem | null>).value = { ...now, unread };
    },
    marks: () =>
      answer(() =>
        (demo?.members ?? []).map((number, index) => ({
          userId: userIdOf(number),
          deliveredSeq: total,
          readSeq: index % 2 === 0 ? total : 0,
        })),
      ),
    close: () => undefined,
    hear: (text) => {
      const seq = total + added.peek().length + 1;
      const sender = people[demo?.members[1] ?? 1] as Profile;
      const message = {
        conversationId: (demo as DemoConversation).id,
        seq,
        time: Date.now(),
        clientId: `heard-${seq}` as Message['clientId'],
        senderId: sender.userId,
        kind: 'message' as const,
        body: { text },
      };
      const before = item.peek();
      added.value = [...added.value, { ...shownOf(demo as DemoConversation, message, profile), seq }];
      if (before !== null) (item as Signal<ConversationItem | null>).value = { ...before, unread: before.unread + 1 };
    },
  };
}

let waitingCount = 0;

function waiting(text: string, time: number, state: 'waiting' | 'failed'): ShownMessage {
  waitingCount += 1;
  return {
    key: `waiting-${waitingCount}`,
    seq: null,
    message: null,
    text,
    mine: true,
    sender: null,
    time,
    edited: false,
    removed: false,
    state,
    error: state === 'failed' ? new AppError('forbidden', 'not_a_member') : null,
  };
}
