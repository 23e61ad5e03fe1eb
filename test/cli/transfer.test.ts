import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { ImportReport } from '../../src/provision/transfer/import-run.ts';
import { type Cli, makeCli } from '../support/cli.ts';
import { newClientId } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { addSignedInPerson, withPlatform } from '../support/signed-in-people.ts';

const given = (name: string) => fileURLToPath(new URL(`../provision/exports/${name}`, import.meta.url));

/** Anna wrote Ben. */
function addConversation(home: string): Promise<void> {
  return withPlatform(home, async ({ random, clock, conversations, messages, ...platform }) => {
    const whole = { random, clock, conversations, messages, ...platform };
    const anna = await addSignedInPerson(whole, 'anna');
    const ben = await addSignedInPerson(whole, 'ben');
    const made = await conversations.openDirect(random.id() as ConversationId, anna.userId, ben.userId);
    const { conversationId } = made.conversation;
    for (const text of ['one', 'два']) {
      const place = { conversationId, senderId: anna.userId, clientId: newClientId(), time: clock.now(), rulesSeq: 0 };
      await messages.append({ ...place, kind: 'message', body: { text } });
    }
  });
}

describe.each(['while no server runs', 'while the server runs'])('%s', (when) => {
  let from: Cli;
  let to: Cli;
  const at = (name: string) => join(dirname(from.home), name);
  beforeAll(async () => {
    [from, to] = [makeCli(await freePort()), makeCli(await freePort())];
    for (const cli of [from, to]) await cli.run(['init', '--yes']);
    await addConversation(from.home);
    if (when === 'while the server runs') for (const cli of [from, to]) await cli.run(['up', '--detach']);
  });
  afterAll(async () => {
    await from.remove();
    await to.remove();
  });

  test('an instance is exported to a folder that only its owner reads, and is checked', async () => {
    const { code, out, err } = await from.run(['export', '--to', at('whole')]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('2 people, 1 conversation, 2 entries');
    expect(statSync(at('whole')).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(at('whole'))) expect(statSync(join(at('whole'), name)).mode & 0o777).toBe(0o600);
    expect((await from.run(['export', '--check', at('whole')])).out).toContain('is whole: 2 files, 2 entries');
    expect(existsSync(`${at('whole')}.part`)).toBe(false);
    const again = await from.run(['export', '--to', at('whole'), '--json']);
    expect(again.json()).toMatchObject({ error: { reason: 'file_exists' } });
  });

  test('and packed, and one person alone', async () => {
    const { code } = await from.run(['export', '--to', at('whole.tar.gz')]);
    expect(code).toBe(0);
    expect((await from.run(['export', '--check', at('whole.tar.gz'), '--json'])).json()).toMatchObject({
      manifest: { format: 'messenger-instance', counts: { person: 2, conversation: 1, member: 2, entry: 2 } },
    });
    await from.run(['export', '--user', 'anna', '--to', at('anna')]);
    expect(readFileSync(join(at('anna'), 'person-00001.jsonl'), 'utf8')).toContain('"text":"два"');
    expect((await to.run(['import', at('anna'), '--dry-run', '--json'])).json()).toMatchObject({
      error: { reason: 'import_person' },
    });
    expect((await from.run(['export', '--user', 'nobody', '--to', at('nobody')])).code).toBe(1);
    expect(readdirSync(dirname(from.home)).filter((name) => name.startsWith('nobody'))).toEqual([]);
  });

  test('it is looked at, brought in, and brought in again without anything twice', async () => {
    const plan = await to.run(['import', at('whole.tar.gz'), '--dry-run']);
    expect({ code: plan.code, err: plan.err }).toEqual({ code: 0, err: '' });
    expect(plan.out).toMatch(/Nothing was changed[\s\S]*anna +anna +anna +new, disabled[\s\S]*messages +2/);
    expect((await to.run(['users', 'list', '--json'])).json()).toMatchObject({ users: [] });
    const unasked = await to.run(['import', at('whole.tar.gz'), '--json']);
    expect(unasked.json()).toMatchObject({ error: { reason: 'needs_yes' } });
    const done = await to.run(['import', at('whole.tar.gz'), '--yes']);
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: '' });
    expect(done.out).toContain('2 entries in 1 conversation; 2 accounts made');
    expect(done.out).toContain('users enable NAME');
    const again = (await to.run(['import', at('whole'), '--yes', '--json'])).json() as ImportReport;
    expect(again.conversations).toMatchObject([{ outcome: 'finished', appended: 0 }]);
    await to.run(['export', '--to', at('second')]);
    const conversations = (name: string) => readFileSync(join(at(name), 'conversations-00001.jsonl'), 'utf8');
    expect(conversations('second')).toBe(conversations('whole'));
    expect((await to.run(['import', at('whole'), '--yes', '--lang', 'ru'])).out).toContain('Всё это здесь уже было');
  });

  test('Telegram and WhatsApp come with a list of people', async () => {
    const list = at('people.csv');
    writeFileSync(list, 'source;name\nuser100200300;anna\n');
    const report = await to.run(['import', given('telegram-account.json'), '--people', list, '--yes', '--json']);
    expect(report.json()).toMatchObject({ source: 'telegram', kinds: { message: 11, poll: 1 } });
    expect((report.json() as ImportReport).people.find(({ key }) => key === 'user100200300')).toMatchObject({
      ...{ name: 'anna', outcome: 'as' },
    });
    const chat = ['import', given('WhatsApp Chat with Ben Miller.txt'), '--time-zone', 'UTC', '--dry-run'];
    expect((await to.run(chat)).out).toMatch(
      /WhatsApp[\s\S]*month, day, year[\s\S]*Ben Miller +8[\s\S]*deleted there +1/,
    );
    expect((await to.run([...chat, '--lang', 'ru'])).out).toContain('сообщения, которые там удалили');
  });

  test('what is damaged or foreign is refused, with what helps', async () => {
    const file = join(at('whole'), 'conversations-00001.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('one', 'two'));
    const damaged = await to.run(['import', at('whole'), '--yes']);
    expect(damaged.code).toBe(1);
    expect(damaged.err).toMatch(/damaged[\s\S]*conversations-00001.jsonl/);
    expect((await from.run(['export', '--check', at('whole')])).code).toBe(1);
    const foreign = await to.run(['import', join(from.home, 'messenger.yaml'), '--yes']);
    expect(foreign.err).toMatch(/Nobody knows what .*messenger\.yaml is[\s\S]*result\.json/);
  });
});
