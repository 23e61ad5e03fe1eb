import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMongoMessageLog } from '../../src/adapters/mongo/message-log.ts';
import { openDatabase } from '../../src/adapters/sql/database.ts';
import { migrate } from '../../src/adapters/sql/migration.ts';
import { openSqlStores } from '../../src/adapters/sql/sql-stores.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Ask } from '../../src/provision/transfer/source.ts';
import { makeHandClock } from '../support/clock.ts';
import { type Device, newClientId } from '../support/device.ts';
import { silent } from '../support/message-logs.ts';
import { startMongo, type TestMongo } from '../support/mongodb.ts';
import { pictureFiles } from '../support/picture-files.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';
import { askOf, type ExportLine, exportLines, exportTo, importFrom, makeFolder } from '../support/transfer.ts';

/** An instance of its own, and how it is asked. */
interface Instance {
  readonly talkers: Talkers;
  readonly ask: Ask;
}

const closings: (() => Promise<unknown> | unknown)[] = [];
const folder = makeFolder();
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});
afterAll(() => folder.remove());
let files = 0;
const freshPath = () => folder.path(`export-${++files}`);

async function onSqlite(): Promise<Instance> {
  const talkers = await makeTalkers();
  closings.push(() => talkers.close());
  return { talkers, ask: askOf(talkers) };
}

let postgres: TestPostgres | null = null;
let mongo: TestMongo | null = null;

async function onPostgresAndMongo(): Promise<Instance | null> {
  if (postgres === null || mongo === null) return null;
  const clock = makeHandClock(Date.now());
  const database = await openDatabase({ store: 'postgres', url: await postgres.freshDatabase() }, clock);
  closings.push(() => database.close());
  await migrate(database);
  const messages = await openMongoMessageLog({ url: await mongo.freshDatabase(), node: 'main', clock, log: silent });
  closings.push(() => messages.close());
  const talkers = await makeTalkers({ ...openSqlStores(database), messages, clock });
  closings.push(() => talkers.messaging.stop());
  return { talkers, ask: askOf(talkers) };
}

/** What an export says, without what differs between an instance and one that it was imported into. */
function essence(lines: readonly string[]): readonly ExportLine[] {
  return lines.flatMap((text) => {
    const line = JSON.parse(text) as ExportLine;
    if (line.type === 'header') return [];
    if (line.type !== 'person') return [line];
    const { state: _, createdAt: __, lastSeenAt: ___, role: ____, ...person } = line;
    return [person];
  });
}

const deed = fc.record({
  who: fc.integer({ min: 0, max: 3 }),
  where: fc.integer({ min: 0, max: 2 }),
  what: fc.constantFrom(
    ...(['send', 'send', 'send', 'reply', 'edit', 'remove', 'react', 'poll', 'vote', 'pin', 'title', 'add'] as const),
    ...(['leave', 'hide', 'draft', 'keep', 'read', 'forward', 'settings', 'block', 'role', 'groupFace'] as const),
  ),
  seq: fc.integer({ min: 1, max: 12 }),
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.trim() !== ''),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** Does what may be done, as people would; what is refused is no part of the story. */
async function live({ talkers }: Instance, deeds: readonly Deed[]): Promise<void> {
  const { anna, boris, carla, dora } = talkers;
  const people = [anna, boris, carla, dora];
  const places = [await talkers.group(boris, carla), await talkers.direct(), await talkers.channel(boris)];
  for (const each of deeds) {
    const who = people[each.who] as Device;
    const conversationId = places[each.where] as ConversationId;
    await talkers.answered(act(who, conversationId, each, people).catch(() => null));
  }
}

function act(who: Device, conversationId: ConversationId, { what, seq, text }: Deed, people: readonly Device[]) {
  const key = { conversationId, clientId: newClientId() };
  const other = people[seq % people.length] as Device;
  const deeds: Readonly<Record<Deed['what'], () => Promise<unknown>>> = {
    send: () => who.call('message.send', { ...key, text }),
    reply: () => who.call('message.send', { ...key, text, replyTo: seq }),
    edit: () => who.call('message.edit', { ...key, seq, text }),
    remove: () => who.call('message.remove', { ...key, seq }),
    react: () => who.call('message.react', { conversationId, seq, emoji: '👍', on: true }),
    poll: () => who.call('poll.create', { ...key, question: text, options: ['yes', 'no'], several: false }),
    vote: () => who.call('poll.vote', { conversationId, seq, options: [seq % 2] }),
    pin: () => who.call('message.pin', { conversationId, seq, on: true }),
    title: () => who.call('conversation.setTitle', { conversationId, title: `T ${seq}` }),
    add: () => who.call('conversation.addMembers', { conversationId, userIds: [other.userId] }),
    leave: () => who.call('conversation.leave', { conversationId }),
    hide: () => who.call('message.hide', { conversationId, seqs: [seq] }),
    draft: () => who.call('draft.set', { conversationId, draft: { text, replyTo: null } }),
    keep: () => who.call('conversation.setMine', { conversationId, change: { archived: true, pinned: seq % 2 === 0 } }),
    read: () => who.call('receipts.mark', { marks: [{ conversationId, deliveredSeq: seq, readSeq: seq }] }),
    forward: () => who.call('message.forward', { ...key, from: { conversationId, seq } }),
    settings: () => who.call('conversation.setSettings', { conversationId, settings: { description: `D ${seq}` } }),
    block: () => who.call('person.block', { userId: other.userId, on: true }),
    groupFace: () => who.call('conversation.setAvatar', { conversationId, picture: pictureFiles.png }),
    role: () => who.call('conversation.setRole', { conversationId, userId: other.userId, role: 'admin' }),
  };
  return deeds[what]();
}

describe.each([
  { name: 'SQLite', make: onSqlite, runs: 25 },
  { name: 'PostgreSQL and MongoDB', make: onPostgresAndMongo, runs: 3 },
])('an export on $name', ({ make, runs }) => {
  beforeAll(async () => {
    if (make === onPostgresAndMongo) [postgres, mongo] = await Promise.all([startPostgres(), startMongo()]);
  });
  afterAll(async () => {
    await Promise.all([postgres?.stop(), mongo?.stop()]);
    [postgres, mongo] = [null, null];
  });
  beforeEach(async (context) => {
    if (make === onPostgresAndMongo && (postgres === null || mongo === null)) context.skip();
  });
  const fresh = async () => (await make()) as Instance;

  it('imported into a fresh instance gives the same conversations, entries and texts again; twice changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 40 }), async (deeds) => {
        const [from, to] = [await fresh(), await fresh()];
        await live(from, deeds);
        await from.talkers.messaging.stop();
        const first = await exportLines(from.ask);
        const path = freshPath();
        await exportTo(from.ask, path);
        const aside = to.talkers;
        const before = new Set(await exportLines(to.ask));
        await importFrom(to.ask, path);
        const second = (await exportLines(to.ask)).filter((line) => !before.has(line));
        expect(essence(second)).toEqual(essence(first));
        const again = await importFrom(to.ask, path);
        expect(again.conversations.every(({ outcome, appended }) => outcome === 'finished' && appended === 0)).toBe(
          true,
        );
        const third = (await exportLines(to.ask)).filter((line) => !before.has(line));
        expect(essence(third)).toEqual(essence(second));
        expect(aside.platform.logged.filter(({ level }) => level === 'error')).toEqual([]);
      }),
      { numRuns: runs, endOnFailure: runs < 10 },
    );
  });

  it('keeps numbers where retention emptied the beginning, what has expired, and pictures', async () => {
    const [from, to] = [await fresh(), await fresh()];
    const { anna, boris, platform } = from.talkers;
    const conversationId = await from.talkers.group(boris);
    for (const text of ['a', 'b', 'c', 'd']) await from.talkers.send(anna, conversationId, text);
    await platform.messages.append({
      ...{
        conversationId,
        senderId: anna.userId,
        clientId: newClientId(),
        kind: 'message',
        body: { text: 'soon gone' },
      },
      ...{ time: platform.clock.now(), expiresAt: platform.clock.now() + 1e9, rulesSeq: null },
    });
    await platform.messages.retire(conversationId, 3);
    const avatar = await platform.avatars.put({ type: 'image/png', content: bytesOf(pictureFiles.png) });
    await platform.users.setAvatar(anna.userId, avatar);
    const path = freshPath();
    await exportTo(from.ask, path);
    const before = new Set(await exportLines(to.ask));
    await importFrom(to.ask, path);
    const second = (await exportLines(to.ask)).filter((line) => !before.has(line));
    expect(essence(second)).toEqual(essence(await exportLines(from.ask)));
    expect(second.filter((line) => line.includes('"type":"picture"'))).toHaveLength(1);
    const [head] = await to.talkers.platform.messages.heads([conversationId]);
    expect(head).toMatchObject({ seq: 6, firstSeq: 4 });
  });

  it('comes to people who have accounts here under the same names, in bodies too; what is here stays', async () => {
    const [from, to] = [await fresh(), await fresh()];
    const { anna, boris, carla, platform } = from.talkers;
    const group = await from.talkers.group(boris, carla);
    await from.talkers.send(boris, group, `hi ${await from.talkers.at(carla)}`);
    const record = await platform.users.find(carla.userId);
    const other = to.talkers.platform.random.id() as typeof carla.userId;
    await to.talkers.platform.users.add({
      ...{ userId: other, name: record?.name ?? '', displayName: 'Carla here', passwordHash: 'x', role: 'member' },
      ...{ state: 'active', email: null, language: null },
    });
    const path = freshPath();
    await exportTo(from.ask, path);
    const report = await importFrom(to.ask, path);
    expect(report.people.find(({ name }) => name === record?.name)?.outcome).toBe('matched');
    const entries = await to.talkers.entries(group);
    expect(entries[0]).toMatchObject({ senderId: anna.userId, body: { userIds: [boris.userId, other] } });
    expect(entries[1]).toMatchObject({ senderId: boris.userId, body: { mentions: [other] } });
    expect(await to.talkers.platform.users.find(other)).toMatchObject({ displayName: 'Carla here', state: 'active' });
    expect((await to.talkers.platform.conversations.row(group, other))?.member).toBe(true);
    const again = await importFrom(from.ask, path);
    expect(again.conversations).toMatchObject([{ outcome: 'here', appended: 0 }]);
    expect(again.people.every(({ outcome }) => outcome === 'here')).toBe(true);
  });
});

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
