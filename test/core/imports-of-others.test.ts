import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../src/protocol/models.ts';
import type { ImportReport } from '../../src/provision/transfer/import-run.ts';
import type { Ask } from '../../src/provision/transfer/source.ts';
import { makeDevice } from '../support/device.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';
import { askOf, exportLines, importFrom, makeFolder } from '../support/transfer.ts';

const given = (name: string) => fileURLToPath(new URL(`../provision/exports/${name}`, import.meta.url));
const folder = makeFolder();
let talkers: Talkers;
let ask: Ask;
beforeEach(async () => {
  talkers = await makeTalkers();
  ask = askOf(talkers);
});
afterEach(() => talkers.close());
afterAll(() => folder.remove());

/** Entries of a conversation as short texts, people by their names here. */
async function told(report: ImportReport, title: string): Promise<readonly string[]> {
  const found = report.conversations.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no ${title}`);
  const entries = await talkers.entries(found.conversationId as never);
  const ids = [...new Set(entries.map(({ senderId }) => senderId).filter((id) => id !== null))];
  const profiles = await talkers.platform.users.profiles(ids);
  const names = new Map(profiles.map(({ userId, name }) => [userId, name || 'deleted']));
  return entries.map((entry) => `${(entry.senderId && names.get(entry.senderId)) ?? '–'} ${said(entry)}`);
}

function said(entry: Entry): string {
  const { kind, target } = entry;
  const at = target === undefined ? '' : `@${target} `;
  if (kind !== 'message') return `${at}${kind}`;
  const { text, replyTo, forwarded, mentions } = entry.body;
  return [
    text,
    ...(replyTo === undefined ? [] : [`(to ${replyTo})`]),
    ...(forwarded === undefined ? [] : [`(of ${forwarded.displayName})`]),
    ...(mentions === undefined ? [] : [`(mentions ${mentions.length})`]),
  ].join(' ');
}

describe('an account exported from Telegram', () => {
  const path = given('telegram-account.json');

  it('comes with its conversations, people, replies, edits, reactions, polls, pins and titles', async () => {
    const report = await importFrom(ask, path);
    expect(await told(report, 'Борис')).toEqual([
      'анна.петрова С Новым годом!',
      'борис И тебя! Смотри https://example.org/ny, важно и тут (https://example.org/here) (to 1)',
      'борис @2 edit',
      '– @2 reaction',
      'борис 📷',
      'борис 🎤 1:12',
      'анна.петрова код: `npm start`\n```\na = 1\nb = 2\n``` (of Новости города)',
      'анна.петрова 📍 55.75, 37.61',
    ]);
    expect(await told(report, 'Дача 🌻')).toEqual([
      'борис created',
      'тётя.вера Анна, когда едем? (mentions 1)',
      'борис poll',
      'борис @3 poll_closed',
      'борис @3 pin',
      'борис title',
      'тётя.вера joined',
      'тётя.вера left',
      'борис Помидоры взошли',
      'борис 🍅',
    ]);
    expect(report.leftOut).toEqual({
      ...{
        call: 1,
        custom_emoji: 2,
        edit_time: 1,
        formatting: 1,
        media: 3,
        poll_votes: 3,
        reply_elsewhere: 1,
        topic: 1,
      },
    });
    expect(report.people.map(({ name, outcome }) => `${name} ${outcome}`).sort()).toEqual([
      ' made',
      'анна.петрова made',
      'борис made',
      'дядя.коля made',
      'тётя.вера made',
    ]);
    const { conversations } = report;
    expect(conversations.map(({ kind }) => kind)).toEqual(['direct', 'direct', 'direct', 'group']);
    expect([report.firstAt, report.lastAt]).toEqual([1651734000_000, 1677651180_000]);
  });

  it('keeps times, has who left out, and shows each what they may read, with nothing unread', async () => {
    const report = await importFrom(ask, path, { source: { as: await nameOf(talkers.anna.userId) } });
    const shown = async (title: string) => {
      const conversationId = report.conversations.find((each) => each.title === title)?.conversationId as never;
      return (await talkers.anna.call('conversation.show', { conversationId })).conversation;
    };
    const dacha = await shown('Дача 🌻');
    expect(dacha).toMatchObject({
      kind: 'group',
      title: 'Дача 🌻',
      createdAt: 1677650400_000,
      pins: [3],
      memberCount: 3,
    });
    expect(dacha.mine).toMatchObject({ unread: 0, member: true, spans: [{ from: 1, to: null }] });
    expect(await shown('Борис')).toMatchObject({ kind: 'direct', title: '', head: { time: 1672564260_000, seq: 8 } });
    const lines = (await exportLines(ask)).map((line) => JSON.parse(line));
    const vera = lines.find(({ displayName }) => displayName === 'Тётя Вера');
    expect(lines.find(({ type, userId }) => type === 'member' && userId === vera.userId)).toMatchObject({
      member: false,
      spans: [{ from: 1, to: 8 }],
    });
    const { conversations } = await talkers.anna.call('sync', { cursor: null });
    expect(conversations).toHaveLength(4);
    expect(
      (await makeDevice(talkers.messaging.handlers, vera.userId).call('sync', { cursor: null })).conversations,
    ).toHaveLength(1);
  });

  it('says in a dry run what it would do, and does nothing', async () => {
    const before = await exportLines(ask);
    const plan = await importFrom(ask, path, { dryRun: true });
    expect(await exportLines(ask)).toEqual(before);
    const done = await importFrom(ask, path);
    const plain = ({ people, conversations, kinds, leftOut }: ImportReport) => ({
      ...{ kinds, leftOut, people },
      conversations: conversations.map(({ appended: _, ...each }) => each),
    });
    expect(plain(plan)).toEqual(plain(done));
  });

  it('comes once, however often it is imported', async () => {
    await importFrom(ask, path);
    const before = (await exportLines(ask)).slice(1);
    const again = await importFrom(ask, path);
    expect(again.conversations.map(({ outcome }) => outcome)).toEqual(Array(4).fill('finished'));
    expect(again.people.every(({ outcome }) => outcome === 'here')).toBe(true);
    expect((await exportLines(ask)).slice(1)).toEqual(before);
  });

  it('goes on where it was when it was killed, at whichever request', async () => {
    const whole = await makeTalkers();
    await importFrom(askOf(whole), path);
    const wanted = (await exportLines(askOf(whole))).filter((line) => !line.includes('"person-')).slice(1);
    await whole.close();
    for (let most = 1; ; most++) {
      let asked = 0;
      const dying: Ask = (op, input) => {
        if (++asked > most) throw new Error('killed');
        return ask(op, input);
      };
      const ended = await importFrom(dying, path).then(
        () => true,
        () => false,
      );
      if (ended) break;
    }
    const lines = (await exportLines(ask)).filter((line) => !line.includes('"person-')).slice(1);
    const timeless = (line: string) => line.replace(/"createdAt":\d+/, '');
    expect(lines.map(timeless)).toEqual(wanted.map(timeless));
  });

  it('takes accounts that a list names, and those who are called the same', async () => {
    await talkers.platform.users.setDisplayName(talkers.boris.userId, 'БОРИС');
    const name = await nameOf(talkers.carla.userId);
    const report = await importFrom(ask, path, {
      people: new Map([
        ['user300400500', name],
        ['name:Дядя Коля', 'kolya'],
      ]),
    });
    const by = Object.fromEntries(report.people.map((person) => [person.key, `${person.name} ${person.outcome}`]));
    expect(by).toMatchObject({
      user300400500: `${name} as`,
      user200300400: `${await nameOf(talkers.boris.userId)} matched`,
      'name:Дядя Коля': 'kolya made',
    });
  });

  it('leaves a conversation that two have here alone: theirs comes as a group', async () => {
    await talkers.platform.users.setDisplayName(talkers.boris.userId, 'Борис');
    const direct = await talkers.direct();
    await talkers.send(talkers.anna, direct, 'here');
    const report = await importFrom(ask, path, { source: { as: await nameOf(talkers.anna.userId) } });
    expect(report.conversations[0]).toMatchObject({ title: 'Борис', kind: 'group', entries: 8, appended: 8 });
    expect(await talkers.entries(direct)).toHaveLength(1);
    const conversationId = report.conversations[0]?.conversationId as never;
    expect((await talkers.anna.call('conversation.show', { conversationId })).conversation).toMatchObject({
      ...{ kind: 'group', title: 'Борис', memberCount: 2 },
    });
    await talkers.send(talkers.anna, conversationId, 'and on');
  });

  it('is written into, searched and read on like any other', async () => {
    const report = await importFrom(ask, path, { source: { as: await nameOf(talkers.anna.userId) } });
    const conversationId = report.conversations.find(({ title }) => title === 'Дача 🌻')?.conversationId as never;
    expect(await talkers.send(talkers.anna, conversationId, 'Едем!')).toBe(11);
    await talkers.platform.clock.pass(2_000);
    await expect
      .poll(async () => {
        await talkers.platform.clock.pass(500);
        return (await talkers.anna.call('message.search', { query: 'помидор' })).results.length;
      })
      .toBe(1);
  });
});

describe('one chat exported from Telegram', () => {
  it('of an old version: ids as numbers, times without a zone, anything in its texts', async () => {
    const report = await importFrom(ask, given('telegram-chat.json'));
    expect(await told(report, 'Cycling club')).toEqual([
      'olga.wheel.k created',
      'olga.wheel.k First ride {on} [Sunday] 🚴',
      'pete Yes!',
    ]);
    expect(report.firstAt).toBe(Date.UTC(2020, 5, 1, 18));
    const berlin = await importFrom(ask, given('telegram-chat.json'), {
      dryRun: true,
      source: { timeZone: 'Europe/Berlin' },
    });
    expect(berlin.firstAt).toBe(Date.UTC(2020, 5, 1, 16));
  });

  it('is read whatever the pieces it comes in', async () => {
    const text = readFileSync(given('telegram-chat.json'), 'utf8');
    const { jsonParts } = await import('../../src/provision/transfer/json-stream.ts');
    const partsOf = async (size: number) => {
      const chunks = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
      };
      const parts = [];
      for await (const part of jsonParts(chunks(), (at) => at.at(-2) === 'messages')) parts.push(part);
      return parts;
    };
    const whole = await partsOf(text.length);
    expect(whole.map(({ path }) => path.join('.'))).toEqual(['name', 'type', 'id', 'messages.0', 'messages.1']);
    for (const size of [1, 2, 3, 7, 64]) expect(await partsOf(size)).toEqual(whole);
  });
});

describe('a chat exported from WhatsApp', () => {
  it('of a group, on an iPhone in Russian', async () => {
    const report = await importFrom(ask, given('whatsapp-ios-ru-group.txt'), {
      source: { title: 'Семья 2024', timeZone: 'Europe/Moscow' },
    });
    expect(await told(report, 'Семья 2024')).toEqual([
      'анна created',
      'анна joined',
      'анна С наступающим!\nВсе за столом?\n\nЖдём',
      'борис 📷',
      'борис 🎤 00000012-AUDIO-2024-01-01-00-01-00.opus',
      '7.900.123.45.67 Ура: 2024!',
      '7.900.123.45.67 @6 edit',
      'анна title',
      'борис 📎 План.pdf',
      'борис left',
    ]);
    expect(report.leftOut).toEqual({ call: 1, deleted_message: 1, edit_time: 1, media: 3, service: 2 });
    expect(report.dates).toEqual({ order: 'dmy', sure: true });
    expect(report.firstAt).toBe(Date.UTC(2023, 11, 31, 20, 58, 1));
    expect(report.conversations[0]?.kind).toBe('group');
  });

  it('of two, on Android in American English', async () => {
    const report = await importFrom(ask, given('WhatsApp Chat with Ben Miller.txt'), {
      source: { as: await nameOf(talkers.carla.userId) },
    });
    const carla = await nameOf(talkers.carla.userId);
    expect(await told(report, 'Ben Miller')).toEqual([
      'ben.miller Happy new year: soon',
      `${carla} 📎`,
      `${carla} Happy new year!\nsecond line`,
      'ben.miller 📷 IMG-20240101-WA0001.jpg\nFireworks',
      'ben.miller see you at 5',
      'ben.miller @5 edit',
      'ben.miller ok',
      'ben.miller ok',
    ]);
    expect(report.dates).toEqual({ order: 'mdy', sure: true });
    expect(report.conversations[0]).toMatchObject({ kind: 'direct', firstAt: Date.UTC(2023, 11, 31, 23, 58) });
    expect((await importFrom(ask, given('WhatsApp Chat with Ben Miller.txt'))).conversations[0]?.outcome).toBe(
      'finished',
    );
  });

  it('is found in its archive, packed or not', async () => {
    for (const [n, level] of [
      [1, '-9'],
      [2, '-0'],
    ] as const) {
      const place = folder.path(`zip-${n}`);
      mkdirSync(place);
      cpSync(given('whatsapp-ios-ru-group.txt'), `${place}/_chat.txt`);
      writeFileSync(`${place}/photo.jpg`, 'no picture');
      zip(place, `WhatsApp Chat - Семья.zip`, level);
      const report = await importFrom(ask, `${place}/WhatsApp Chat - Семья.zip`, { dryRun: true });
      expect(report.conversations[0]).toMatchObject({ title: 'Семья', entries: 10 });
    }
  });

  it.each([
    ['[2024-03-04, 17:05:06] A: x', '17:5:6 ymd 2024-3-4'],
    ['04/03/2024, 17:05 - A: x', '17:5:0 dmy 2024-3-4'],
    ['04/03/24 17:05 - A: x', '17:5:0 dmy 2024-3-4'],
    ['4.3.2024 klo 17.05 - A: x', null],
    ['04.03.24, 17:05 - A: x', '17:5:0 dmy 2024-3-4'],
    ['[04.03.24, 5:05:06 PM] A: x', '17:5:6 dmy 2024-3-4'],
    ['[04/03/24, 5:05:06\u202fPM] A: x', '17:5:6 dmy 2024-3-4'],
    ['04/03/24, 5:05 p.\u00a0m. - A: x', '17:5:0 dmy 2024-3-4'],
    ['04/03/24, 12:05 a. m. - A: x', '0:5:0 dmy 2024-3-4'],
    ['2024/03/04, 下午5:05 - A: x', '17:5:0 ymd 2024-3-4'],
    ['\u200e[04.03.2024, 17:05:06] A: x', '17:5:6 dmy 2024-3-4'],
    ['04.03.24, 17:65 - A: x', null],
    ['10/10 was the result - A: x', null],
  ])('with lines that begin as in %s', async (line, wanted) => {
    const { readBeginning, wallTimeOf } = await import('../../src/provision/transfer/whatsapp-format.ts');
    const read = readBeginning(line);
    if (wanted === null) return expect(read).toBeNull();
    expect(read?.rest).toBe('A: x');
    const order = wanted.includes('ymd') ? 'ymd' : 'dmy';
    const wall = read === null ? null : wallTimeOf(read, order);
    expect(`${wall?.hour}:${wall?.minute}:${wall?.second} ${order} ${wall?.year}-${wall?.month}-${wall?.day}`).toBe(
      wanted,
    );
  });

  it('cuts what is longer than a message may be, and loses nothing of it', async () => {
    const long = `${'слово '.repeat(9_000)}end`;
    const path = folder.path('WhatsApp Chat with Long.txt');
    writeFileSync(path, `31.12.23, 23:58 - Long: ${long}\n`);
    const report = await importFrom(ask, path);
    const texts = (await talkers.entries(report.conversations[0]?.conversationId as never)).map(said);
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.join(' ')).toBe(long);
  });
});

describe('what is no export', () => {
  it.each([
    ['nothing.txt', '', 'import_unknown'],
    ['shopping.txt', 'milk\nbread: 2\n', 'import_unknown'],
    ['package.json', '{ "name": "x", "type": "module" }', 'import_unknown'],
    [
      'cut.json',
      '{ "name": "x", "type": "personal_chat", "id": 1, "messages": [ { "id": 1, "text": "a',
      'import_unreadable',
    ],
    ['odd.json', '{ "name": ]', 'import_unreadable'],
    ['picture.png', '\u0089PNG', 'import_unknown'],
    ['broken.zip', 'PK\u0003\u0004 and no more', 'import_unreadable'],
  ])('is refused with a reason: %s', async (name, content, reason) => {
    const path = folder.path(name);
    writeFileSync(path, content);
    await expect(importFrom(ask, path)).rejects.toMatchObject({ reason });
  });

  it('nor is a folder without one, or nothing at all, or a time zone that nobody knows', async () => {
    mkdirSync(folder.path('empty'));
    await expect(importFrom(ask, folder.path('empty'))).rejects.toMatchObject({ reason: 'import_unknown' });
    await expect(importFrom(ask, folder.path('none'))).rejects.toMatchObject({ reason: 'file_missing' });
    const source = { timeZone: 'Mars/Base' };
    await expect(importFrom(ask, given('telegram-chat.json'), { source })).rejects.toMatchObject({
      reason: 'bad_answer',
    });
  });
});

async function nameOf(userId: Parameters<Talkers['platform']['users']['find']>[0]): Promise<string> {
  return (await talkers.platform.users.find(userId))?.name ?? '';
}

/** By an independent program. */
function zip(place: string, name: string, level: string): void {
  const script = [
    'import sys, zipfile, os',
    'z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED if sys.argv[2] == "-0" else zipfile.ZIP_DEFLATED)',
    '[z.write(n) for n in ("photo.jpg", "_chat.txt")]',
    'z.close()',
  ].join('\n');
  execFileSync('python3', ['-c', script, name, level], { cwd: place });
}
