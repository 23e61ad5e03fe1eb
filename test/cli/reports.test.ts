import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationId, ReportId, UserId } from '../../src/protocol/ids.ts';
import type { Report } from '../../src/protocol/models.ts';
import { type Cli, makeCli } from '../support/cli.ts';
import { newClientId } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { addSignedInPerson, withPlatform } from '../support/signed-in-people.ts';

/** Anna reported two messages of Ben's. */
function addReports(home: string): Promise<readonly ReportId[]> {
  return withPlatform(home, async (platform) => {
    const { random, clock, conversations, messages, reports } = platform;
    const anna = await addSignedInPerson(platform, 'anna');
    const ben = await addSignedInPerson(platform, 'ben');
    const pair = [anna.userId, ben.userId] as const;
    const { conversation } = await conversations.openDirect(random.id() as ConversationId, ...pair);
    const { conversationId } = conversation;
    const report = async (text: string, note: string, authorId: UserId) => {
      const place = { conversationId, senderId: authorId, clientId: newClientId(), time: clock.now(), rulesSeq: 0 };
      const stored = await messages.append({ ...place, kind: 'message', body: { text } });
      if (stored.outcome !== 'appended') throw new Error(stored.outcome);
      const message = stored.entry;
      const of = { reporterId: anna.userId, authorId, conversationId, seq: message.seq };
      return (await reports.add({ reportId: random.id() as ReportId, ...of, reason: 'harassment', note, message }))
        .reportId;
    };
    const first = await report(`rude\u001b[31m words,\nон ${'ж'.repeat(60)}`, 'third time', ben.userId);
    return [first, await report('and more', '', ben.userId)];
  });
}

describe.each(['while no server runs', 'while the server runs'])('%s', (when) => {
  let cli: Cli;
  let first: ReportId;
  let second: ReportId;
  beforeAll(async () => {
    cli = makeCli(await freePort());
    await cli.run(['init', '--yes']);
    [first, second] = (await addReports(cli.home)) as [ReportId, ReportId];
    if (when === 'while the server runs') await cli.run(['up', '--detach']);
  });
  afterAll(() => cli.remove());

  test('open reports are listed, the oldest first, and shown with the message as it was', async () => {
    const { code, out, err } = await cli.run(['reports', 'list']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(new RegExp(`${first} .*open +harassment +ben +a direct conversation +rude words, он ж+…`));
    expect(out.indexOf(first)).toBeLessThan(out.indexOf(second));
    expect(out).not.toContain('\u001b[31m');
    const shown = (await cli.run(['reports', 'show', first])).out;
    expect(shown).toMatch(/Reported by +anna[\s\S]*They say +third time[\s\S]*Message +rude words,\n +он ж{60}/);
    expect(shown).toContain(`users disable ben`);
    expect(shown).not.toContain('\u001b[31m');
    expect((await cli.run(['reports', 'show', first, '--lang', 'ru'])).out).toMatch(/Причина +оскорбления/);
  });

  test('programs read all of it, a page at a time', async () => {
    const page = (await cli.run(['reports', 'list', '--limit', '1', '--json'])).json() as {
      reports: Report[];
      more: boolean;
    };
    expect(page).toMatchObject({ more: true, reports: [{ reportId: first, note: 'third time', resolved: null }] });
    const rest = await cli.run(['reports', 'list', '--after', first, '--json']);
    expect(rest.json()).toMatchObject({ more: false, reports: [{ reportId: second }] });
    expect((await cli.run(['reports', 'list', '--limit', '1'])).out).toContain(`reports list --after ${first}`);
    expect((await cli.run(['reports', 'show', second, '--json'])).json()).toMatchObject({
      report: { author: { name: 'ben' }, message: { body: { text: 'and more' } } },
      removed: false,
    });
  });

  test('a report is settled once, which the audit log knows', async () => {
    const settled = await cli.run(['reports', 'resolve', first, '--outcome', 'acted', '--note', 'talked to Ben']);
    expect({ code: settled.code, err: settled.err }).toEqual({ code: 0, err: '' });
    expect(settled.out).toContain('acted on');
    const again = await cli.run(['reports', 'resolve', first, '--outcome', 'dismissed', '--json']);
    expect(again.json()).toMatchObject({ report: { resolved: { outcome: 'acted', note: 'talked to Ben', by: null } } });
    expect((await cli.run(['reports', 'list'])).out).not.toContain(first);
    expect((await cli.run(['reports', 'list', '--state', 'resolved'])).out).toMatch(new RegExp(`${first} .*acted on`));
    expect((await cli.run(['reports', 'show', first])).out).toMatch(/Note +talked to Ben/);
    expect((await cli.run(['audit', '--action', 'report.', '--json'])).json()).toMatchObject({
      events: [{ action: 'report.resolved', subject: { id: first }, details: { outcome: 'acted', via: 'local' } }],
    });
  });

  test('the message is removed with the report, where that is asked for', async () => {
    const wrong = await cli.run(['reports', 'resolve', second, '--outcome', 'dismissed', '--remove']);
    expect(wrong.code).not.toBe(0);
    expect(wrong.err).toContain('--outcome acted');
    const settled = await cli.run(['reports', 'resolve', second, '--outcome', 'acted', '--remove']);
    expect({ code: settled.code, err: settled.err }).toEqual({ code: 0, err: '' });
    expect((await cli.run(['reports', 'show', second, '--json'])).json()).toMatchObject({ removed: true });
  });

  test('what is no report, and an outcome that is none, are refused with a remedy', async () => {
    for (const id of ['abc', crypto.randomUUID()]) {
      const { code, err } = await cli.run(['reports', 'show', id]);
      expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('reports list --state all') });
    }
    expect((await cli.run(['reports', 'resolve', second])).code).toBe(2);
    expect((await cli.run(['reports', 'resolve', second, '--outcome', 'maybe'])).code).toBe(2);
  });
});

test('without reports the list says so', async () => {
  const cli = makeCli();
  await cli.run(['init', '--yes']);
  expect((await cli.run(['reports', 'list'])).out).toContain('No report is open');
  expect((await cli.run(['reports', 'list', '--lang', 'ru'])).out).toContain('Открытых жалоб нет');
  await cli.remove();
});
