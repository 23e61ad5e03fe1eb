import { computed, signal } from '@preact/signals';
import { AppError, type WireError } from '../../../src/protocol/errors.ts';
import type { ConversationId, UserId } from '../../../src/protocol/ids.ts';
import type { Account, Privacy, Profile } from '../../../src/protocol/models.ts';
import type {
  ConversationItem,
  Engine,
  Needed,
  OpenConversation,
  SignedOutBecause,
} from '../../../src/web/engine/engine.ts';
import { makeShowing } from '../../../src/web/engine/shown.ts';
import type { Owner } from '../../../src/web/engine/store.ts';
import { makeDemoAuth, makeDemoSecurity, type SecurityShown } from './demo-account.ts';
import { type DemoOpen, itemOf, openDemo } from './demo-conversation.ts';
import { makeDemoApart } from './demo-moderation.ts';
import { makeDemoScheduled } from './demo-scheduled.ts';
import { makeDemoSearch } from './demo-search.ts';
import { makeDemoWebhooks } from './demo-webhooks.ts';
import { type DemoConversation, inviteIdOf, makeConversations, people, userIdOf } from './demo-world.ts';

/** What is out of the ordinary in this showing. */
export interface Scenario {
  /** Messages wait to be sent in the first conversation; one of them was refused. */
  readonly scheduled?: 'waiting' | 'refused';
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
  readonly privacy?: Privacy;
  /** What was looked for lately. */
  readonly searched?: readonly string[];
  readonly usedInvite?: boolean;
  /** 0: there are none. */
  readonly webhooks?: 0;
  readonly weakPassword?: boolean;
  /** How the account is guarded, where it is not as usual. */
  readonly security?: Partial<SecurityShown>;
  /** Numbers of people whom I block. */
  readonly blocked?: readonly number[];
  /** 0: nobody reported anything. */
  readonly reports?: number;
  /** My role, where it is not owner. */
  readonly role?: Account['role'];
  /** Groups that the invite leads to. */
  readonly invitedTo?: readonly string[];
  /** Milliseconds that loading takes. */
  readonly slow?: number;
  readonly now?: number;
}

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
    role: scenario.role ?? 'owner',
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

  const { people: meeting, ...apart } = makeDemoApart({ scenario, now, demos, answer });
  const known = {
    owner: signal<Owner | null>({ userId: userIdOf(0), epoch: null }),
    profiles: { get: profile, entries: () => profiles.entries(), reset: () => undefined },
    blocked: apart.blocks,
  };
  const showings = { direct: makeShowing(known, () => false), group: makeShowing(known, () => true) };
  const items = demos.map((demo) => signal(itemOf(demo, profile, showings[demo.kind])));
  const opened = new Map<ConversationId, OpenConversation & DemoOpen>();
  const open = (id: ConversationId) => {
    const before = opened.get(id);
    if (before !== undefined) return before;
    const number = demos.findIndex((demo) => demo.id === id);
    const demo = demos[number];
    const showing = showings[demo?.kind ?? 'group'];
    const made = openDemo({ demo, item: items[number] ?? signal(null), showing, answer, now });
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
    refused: signal(null),
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
        .sort((a, b) => pinnedFirst(a, b) || b.time - a.time),
    ),
    unreadTotal: computed(() => items.reduce((sum, item) => sum + item.value.unread, 0)),
    open,
    profile,
    presence: (id) => {
      const number = people.findIndex((person) => person.userId === id);
      if (apart.blocks.value.has(id)) return signal(null);
      return signal({ online: number % 3 === 1, lastSeenAt: now - number * 47 * 60_000 });
    },
    show: () => undefined,
    auth: makeDemoAuth(account),
    security: makeDemoSecurity(account),
    pictures: { setMine: () => answer(() => undefined), setOf: () => answer(() => undefined) },
    scheduled: makeDemoScheduled({ scenario, now, answer }),
    search: makeDemoSearch(demos, answer, scenario.searched ?? []),
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
    ...apart,
    webhooks: makeDemoWebhooks({ scenario, now, answer }),
    people: {
      ...meeting,
      find: (query) =>
        answer(() => {
          const wanted = query.toLowerCase();
          if (wanted === '') return [];
          return people
            .filter((person) => ` ${person.displayName} ${person.name}`.toLowerCase().includes(` ${wanted}`))
            .slice(0, 20);
        }),
    },
    keeping: {
      set: (id, change) => {
        const item = items.find((one) => one.peek().conversation.conversationId === id);
        if (item === undefined) return;
        const { conversation } = item.value;
        item.value = { ...item.value, conversation: { ...conversation, mine: { ...conversation.mine, ...change } } };
      },
      markRead: (id) => {
        const item = items.find((one) => one.peek().conversation.conversationId === id);
        if (item !== undefined) item.value = { ...item.value, unread: 0, mentions: 0 };
      },
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
              deliveredSeq: index % 4 === 3 ? 0 : (demo?.count ?? 0),
              readSeq: index % 2 === 1 ? (demo?.count ?? 0) : 0,
            })),
            more: false,
          };
        }),
      addMembers: () => answer(() => undefined),
      removeMember: () => answer(() => undefined),
      setRole: () => answer(() => undefined),
      setTitle: () => answer(() => undefined),
      setSettings: () => answer(() => undefined),
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

const pinnedFirst = (a: ConversationItem, b: ConversationItem) =>
  Number(b.conversation.mine.pinned) - Number(a.conversation.mine.pinned);

export interface DemoControls {
  /** Somebody else writes in the conversation with this number. */
  say(number: number, text: string): void;
  setConnection(state: Engine['connection']['value']): void;
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
