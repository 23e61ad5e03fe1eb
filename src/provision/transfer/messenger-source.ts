import type { Line } from '../../protocol/export-format.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import type { Entry, Privacy } from '../../protocol/models.ts';
import type { Role } from '../../protocol/roles.ts';
import type { ImportedEntry, ImportedMember } from '../../protocol/transfer-operations.ts';
import type { Archive } from './archive-reader.ts';
import { derivedId } from './ids.ts';
import {
  type ConversationEnd,
  makeLeftOut,
  type Source,
  type SourceConversation,
  type SourcePerson,
} from './source.ts';

interface PersonLine {
  readonly userId: UserId;
  readonly name: string;
  readonly displayName: string;
  readonly email?: string | null;
  readonly language?: 'en' | 'ru' | null;
  readonly role?: Role;
  readonly avatar?: string;
  readonly privacy?: Privacy;
  readonly blocks?: readonly UserId[];
}

type ConversationLine = Omit<ConversationEnd, 'members'> & {
  readonly conversationId: ConversationId;
  readonly pair: readonly [UserId, UserId] | null;
  readonly seq: number;
};

/** An export of an instance. Ids stay as they are wherever they are free; numbers of entries always do. */
export function makeMessengerSource(archive: Archive): Source {
  const leftOut = makeLeftOut();

  /** They stand first. */
  async function* pictures(): AsyncGenerator<string> {
    for await (const line of archive.lines()) {
      if (line.type !== 'picture') return;
      yield String(line.base64);
    }
  }

  async function* people(): AsyncGenerator<SourcePerson> {
    for await (const line of archive.lines()) {
      if (line.type === 'picture') continue;
      if (line.type !== 'person') return;
      yield personOf(line as unknown as PersonLine);
    }
  }

  function personOf({
    userId,
    name,
    displayName,
    email,
    language,
    role,
    privacy,
    avatar,
    blocks,
  }: PersonLine): SourcePerson {
    if (name === '') {
      const stand = { name: `deleted-${userId.slice(-12)}`, displayName: 'Deleted account' };
      return { userId, key: userId, ...stand, match: 'never', deleted: true };
    }
    if (role !== undefined && role !== 'member' && role !== 'guest') leftOut.add('role');
    return {
      ...{ userId, key: name, name, displayName, match: 'name', language: language ?? null, email: email ?? null },
      ...{ role: role ?? 'member', privacy: privacy ?? null, avatar: avatar ?? null, blocks: blocks ?? [] },
    };
  }

  async function* conversations(): AsyncGenerator<SourceConversation> {
    const lines = archive.lines();
    let line = await nextOf(lines);
    while (line !== null) {
      if (line.type !== 'conversation') {
        line = await nextOf(lines);
        continue;
      }
      const about = line as unknown as ConversationLine;
      const members: ImportedMember[] = [];
      for (line = await nextOf(lines); line?.type === 'member'; line = await nextOf(lines)) {
        members.push(memberOf(line));
      }
      if (about.settings.avatar !== null) leftOut.add('group_picture');
      yield {
        ...{ key: about.conversationId, conversationId: about.conversationId, title: about.title, pair: about.pair },
        async *entries() {
          yield* fillers(about);
          for (; line?.type === 'entry'; line = await nextOf(lines)) yield entryOf(line as unknown as Entry);
        },
        end: () => ({
          ...{ title: about.title, createdAt: about.createdAt, firstSeq: about.firstSeq, pins: about.pins, members },
          settings: about.settings,
        }),
      };
    }
  }

  return { kind: 'messenger', pictures, people, conversations, leftOut };
}

async function nextOf(lines: AsyncGenerator<Line>): Promise<Line | null> {
  const next = await lines.next();
  return next.done ? null : next.value;
}

/** Only what the instance takes: a newer one may have written more. */
function memberOf(line: Line): ImportedMember {
  const member = line as unknown as ImportedMember;
  const { userId, role, spans, joinedSeq, deliveredSeq, readSeq, keeping, draft, hidden } = member;
  const { barred = false } = member;
  return {
    ...{ userId, role, member: member.member, spans, joinedSeq, barred, deliveredSeq, readSeq, keeping, draft },
    hidden: [...hidden],
  };
}

/** What retention emptied is not in the export, and keeps its numbers. */
function* fillers({ conversationId, firstSeq }: ConversationLine): Generator<ImportedEntry> {
  for (let seq = 1; seq < firstSeq; seq++) {
    const clientId = derivedId('retired', conversationId, seq) as ClientId;
    yield { time: 0, senderId: null, clientId, kind: 'emptied', was: 'message' };
  }
}

function entryOf(entry: Entry): ImportedEntry {
  const { time, senderId, clientId, kind, body, target, emptied, expiresAt } = entry;
  const place = { time, senderId, clientId, ...(target === undefined ? {} : { target }) };
  if (emptied) return { ...place, kind: 'emptied', was: kind } as ImportedEntry;
  return { ...place, kind, body, ...(expiresAt === undefined ? {} : { expiresAt }) } as ImportedEntry;
}
