import type { Platform } from '../../ports/platform.ts';
import type { UserRecord } from '../../ports/user-store.ts';
import { AppError } from '../../protocol/errors.ts';
import { type ReportId, reportId as reportIdSchema } from '../../protocol/ids.ts';
import type { Output } from '../../protocol/operations.ts';
import type { Handlers } from '../call.ts';
import { pictureAsText } from '../picture.ts';
import { describeAccount } from './account.ts';
import { addressHint } from './address.ts';
import type { Audit } from './audit.ts';
import type { ConversationsOfPeople } from './conversations-of-people.ts';
import type { LookUpUser } from './user-look-up.ts';

/** Rises when a reader of the former could not read the present one. docs/export.md describes it. */
const formatVersion = 1;
const itemsPage = 200;
/** Each may hold a long text. */
const reportsPage = 4;

/** What follows the account itself, in order; each part has places of its own. */
const parts = ['invites', 'events', 'reports', 'conversations'] as const;
type Part = (typeof parts)[number];

type Page = Output<'user.export'>;

/** Everything the instance keeps about one person, as JSON lines, without anything that signs in. */
export function makeUserExport(
  platform: Platform,
  needs: {
    readonly lookUpUser: LookUpUser;
    readonly people: Pick<ConversationsOfPeople, 'exportOf'>;
    readonly audit: Audit;
  },
): Pick<Handlers, 'user.export'> {
  const { sessions, passkeys, apiTokens, invites, audit, avatars, privacy, reports, settings } = platform;

  async function account(user: UserRecord): Promise<Page> {
    const { userId } = user;
    const header = { format: 'messenger-person', version: formatVersion, exportedAt: await sessions.now() };
    const lines = [
      line('header', { ...header, instanceName: settings.instanceName, address: settings.address }),
      line('account', { ...describeAccount(user), passwordChangedAt: user.passwordChangedAt }),
    ];
    const picture = user.avatar === undefined ? null : await avatars.find(user.avatar);
    if (picture !== null) lines.push(line('picture', { mediaType: picture.type, base64: pictureAsText(picture) }));
    const decided = await privacy.of(userId);
    lines.push(line('privacy', decided.privacy));
    for (const blockedId of decided.blocks) lines.push(line('block', { userId: blockedId }));
    for (const { address, ...session } of await sessions.list(userId)) {
      const { sessionId, device, createdAt, lastSeenAt } = session;
      lines.push(line('session', { sessionId, device, createdAt, lastSeenAt, addressHint: addressHint(address) }));
    }
    for (const { passkeyId, name, host, createdAt, lastUsedAt } of await passkeys.list(userId)) {
      lines.push(line('passkey', { passkeyId, name, host, createdAt, lastUsedAt }));
    }
    for (const apiToken of await apiTokens.list({ userId, endedSince: 0 })) lines.push(line('api_token', apiToken));
    return { lines, cursor: write('invites', '0') };
  }

  async function invitesOf({ userId }: UserRecord, place: string): Promise<Page> {
    const from = numberIn(place);
    const all = await invites.list({ createdBy: userId, spent: true });
    const to = from + itemsPage;
    return {
      lines: all.slice(from, to).map((invite) => line('invite', invite)),
      cursor: to < all.length ? write('invites', String(to)) : write('events', '0'),
    };
  }

  async function events({ userId }: UserRecord, place: string): Promise<Page> {
    const after = numberIn(place);
    const found = await audit.query({
      before: null,
      after,
      userId,
      action: null,
      since: null,
      until: null,
      limit: itemsPage,
    });
    const last = found.at(-1);
    return {
      lines: found.map((event) => line('event', event)),
      cursor:
        last !== undefined && found.length === itemsPage ? write('events', String(last.number)) : write('reports', ''),
    };
  }

  /** Without what the moderators said to it. */
  async function reportsOf({ userId }: UserRecord, place: string): Promise<Page> {
    const found = await reports.madeBy(userId, place === '' ? null : reportIn(place), reportsPage);
    const last = found.at(-1);
    return {
      lines: found.map(({ reportId, at, authorId, conversationId, seq, reason, note, message }) =>
        line('report', { reportId, at, authorId, conversationId, seq, reason, note, message }),
      ),
      cursor:
        last !== undefined && found.length === reportsPage
          ? write('reports', last.reportId)
          : write('conversations', ''),
    };
  }

  async function conversations({ userId }: UserRecord, place: string): Promise<Page> {
    const page = await needs.people.exportOf(userId, place === '' ? null : place);
    return { lines: [...page.lines], cursor: page.cursor === null ? null : write('conversations', page.cursor) };
  }

  const pageOf: Readonly<Record<Part, (user: UserRecord, place: string) => Promise<Page>>> = {
    invites: invitesOf,
    events,
    reports: reportsOf,
    conversations,
  };

  return {
    async 'user.export'({ user: said, cursor }, call) {
      const user = await needs.lookUpUser(said);
      if (user.state === 'deleted') throw new AppError('conflict', 'account_deleted');
      if (cursor !== null) {
        const { part, place } = read(cursor);
        return pageOf[part](user, place);
      }
      await needs.audit(call, { action: 'user.exported', subjectId: user.userId });
      return account(user);
    },
  };
}

function line(type: string, what: object): string {
  return JSON.stringify({ type, ...what });
}

function write(part: Part, place: string): string {
  return `${part}:${place}`;
}

function read(cursor: string): { readonly part: Part; readonly place: string } {
  const at = cursor.indexOf(':');
  const part = parts.find((name) => name === cursor.slice(0, at));
  if (part === undefined) throw notACursor();
  return { part, place: cursor.slice(at + 1) };
}

function numberIn(place: string): number {
  const number = Number(place);
  if (!Number.isSafeInteger(number) || number < 0) throw notACursor();
  return number;
}

function reportIn(place: string): ReportId {
  const id = reportIdSchema.safeParse(place);
  if (!id.success) throw notACursor();
  return id.data;
}

function notACursor(): AppError {
  return new AppError('invalid', 'cursor_invalid');
}
