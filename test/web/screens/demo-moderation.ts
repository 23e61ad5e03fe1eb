import { computed, type Signal, signal } from '@preact/signals';
import type { GroupLinkId, ReportId, UserId } from '../../../src/protocol/ids.ts';
import type { GroupLink, Message, Privacy, Profile, Report } from '../../../src/protocol/models.ts';
import type { Engine } from '../../../src/web/engine/engine.ts';
import type { Scenario } from './demo-engine.ts';
import type { DemoConversation } from './demo-world.ts';
import { conversationIdOf, messageAt, people, userIdOf } from './demo-world.ts';

type Apart = Pick<Engine, 'blocks' | 'privacy' | 'reports' | 'links'> & {
  readonly blocks: Signal<ReadonlySet<UserId>>;
  readonly people: Pick<Engine['people'], 'block' | 'setPrivacy'>;
};

interface Parts {
  readonly scenario: Scenario;
  readonly now: number;
  readonly demos: readonly DemoConversation[];
  readonly answer: <T>(make: () => T) => Promise<T>;
}

const idOf = (kind: string, number: number) => `${kind}980000-0000-7000-8000-${String(number).padStart(12, '0')}`;
export const reportIdOf = (number: number) => idOf('06', number) as ReportId;
const personAt = (number: number) => people[number] as Profile;

/** Blocking, privacy, reports and links into groups, over made-up data. */
export function makeDemoApart({ scenario, now, demos, answer }: Parts): Apart {
  const blocks = signal<ReadonlySet<UserId>>(new Set((scenario.blocked ?? []).map(userIdOf)));
  const privacy = signal<Privacy | null>(scenario.privacy ?? { lastSeen: 'contacts', readReceipts: true });
  const reports = (scenario.reports === 0 ? [] : demos.slice(0, 1)).flatMap((demo) => reportsIn(demo, now));
  const find = (reportId: ReportId) => reports.find((one) => one.reportId === reportId) as Report;
  return {
    blocks,
    privacy: computed(() => privacy.value),
    people: {
      block: (userId, on) => {
        const next = new Set(blocks.peek());
        if (on) next.add(userId);
        else next.delete(userId);
        blocks.value = next;
      },
      setPrivacy: async (change) => {
        const before = privacy.peek();
        if (before !== null) privacy.value = { ...before, ...change };
        await answer(() => undefined).catch((cause: unknown) => {
          privacy.value = before;
          throw cause;
        });
      },
    },
    reports: {
      create: () => answer(() => undefined),
      list: (state) =>
        answer(() => ({
          reports: reports.filter(({ resolved }) => (resolved === null) === (state === 'open')),
          more: false,
        })),
      show: (reportId) =>
        answer(() => {
          const report = find(reportId);
          const isEdited = reportId === reportIdOf(2);
          const edited = { ...report.message, body: { text: 'I did not mean it like that.' }, editedAt: now - 60_000 };
          return { report, removed: false, now: (isEdited ? edited : report.message) as Message };
        }),
      resolve: () => answer(() => undefined),
    },
    links: {
      create: ({ maxUses = null, expiresInHours = 168, conversationId }) =>
        answer(() => ({
          groupLink: linkOf(9, {
            conversationId: conversationId as GroupLink['conversationId'],
            maxUses,
            createdAt: now,
            expiresAt: expiresInHours === null ? null : now + expiresInHours * 3_600_000,
          }),
          secret: 'x',
          link: 'https://chat.sailing.example.org/j#q3V0eHh4dG9rZW50b2tlbnRva2VudG9rZW50b2tlbnRva2Vu',
        })),
      list: (conversationId) =>
        answer(() => [
          linkOf(1, { conversationId, createdAt: now - 86_400_000, expiresAt: now + 6 * 86_400_000, uses: 14 }),
          linkOf(2, { conversationId, createdAt: now - 40 * 86_400_000, maxUses: 50, uses: 48 }),
        ]),
      revoke: () => answer(() => undefined),
      look: (secret) =>
        answer(() => ({
          conversationId: conversationIdOf(0),
          title: 'Sailing club: race committee, volunteers and everybody who wants to help on Sunday',
          description: 'Who brings what, and who sails with whom.\nQuestions about boats go to Max.',
          avatar: null,
          memberCount: 42,
          member: secret === 'member',
        })),
      join: () => answer(() => conversationIdOf(0)),
    },
  };
}

function linkOf(number: number, more: Partial<GroupLink> & Pick<GroupLink, 'conversationId' | 'createdAt'>): GroupLink {
  const groupLinkId = idOf('07', number) as GroupLinkId;
  return { groupLinkId, createdBy: userIdOf(0), expiresAt: null, maxUses: null, uses: 0, revokedAt: null, ...more };
}

function reportsIn(demo: DemoConversation, now: number): Report[] {
  const place = { conversationId: demo.id, kind: demo.kind, title: demo.title };
  const said = (seq: number, author: number, text: string): Message => ({
    ...messageAt(demo, seq),
    senderId: userIdOf(author),
    kind: 'message',
    body: { text },
  });
  const rude = 'If you come on Saturday, you will see what you get for it. I know where you live.';
  const open = (number: number, reporter: number, author: number, more: Partial<Report>): Report => ({
    reportId: reportIdOf(number),
    at: now - number * 5_400_000,
    reporter: personAt(reporter),
    reason: 'harassment',
    note: '',
    conversation: place,
    author: personAt(author),
    message: said(demo.count - 30 - number, author, rude),
    resolved: null,
    ...more,
  });
  return [
    open(1, 5, 1, {
      reason: 'violence',
      note: 'The third time this week. My daughter reads here too, and she is afraid now.',
    }),
    open(2, 2, 3, {
      message: said(demo.count - 40, 3, 'اشتر الآن! https://example.org/offer — only today!'),
      reason: 'spam',
    }),
    open(3, 9, 1, {
      conversation: { ...place, kind: 'direct', title: '' },
      reason: 'other',
      message: said(demo.count - 50, 1, 'Ты сам во всём виноват'),
    }),
    open(4, 6, 12, {
      resolved: { at: now - 3_600_000, by: personAt(0), outcome: 'acted', note: 'Talked to him; he apologised.' },
    }),
    open(5, 7, 13, { reason: 'spam', resolved: { at: now - 7_600_000, by: null, outcome: 'dismissed', note: '' } }),
  ];
}
