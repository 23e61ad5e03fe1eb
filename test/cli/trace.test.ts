import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { Output } from '../../src/protocol/operations.ts';
import { type Cli, makeCli } from '../support/cli.ts';
import { newClientId } from '../support/device.ts';
import { freePort } from '../support/free-port.ts';
import { addSignedInPerson, withPlatform } from '../support/signed-in-people.ts';

/** Anna wrote to Ben, who received it, and then took it back in part. */
function addMessage(home: string): Promise<ConversationId> {
  return withPlatform(home, async (platform) => {
    const { random, clock, conversations, messages } = platform;
    const anna = await addSignedInPerson(platform, 'anna');
    const ben = await addSignedInPerson(platform, 'ben');
    const { conversation } = await conversations.openDirect(random.id() as ConversationId, anna.userId, ben.userId);
    const { conversationId } = conversation;
    const place = { conversationId, senderId: anna.userId, time: clock.now(), rulesSeq: 0 };
    const text = 'a secret\u001b[31m red';
    await messages.append({ ...place, clientId: newClientId(), kind: 'message', body: { text } });
    await messages.append({ ...place, clientId: newClientId(), kind: 'edit', body: { text: 'less red' }, target: 1 });
    await conversations.raiseMarks([{ conversationId, userId: ben.userId, deliveredSeq: 2, readSeq: 0 }]);
    return conversationId;
  });
}

describe.each(['while no server runs', 'while the server runs'])('%s', (when) => {
  const runs = when === 'while the server runs';
  let cli: Cli;
  let conversationId: ConversationId;
  beforeAll(async () => {
    cli = makeCli(await freePort());
    await cli.run(['init', '--yes']);
    conversationId = await addMessage(cli.home);
    if (runs) await cli.run(['up', '--detach']);
  });
  afterAll(() => cli.remove());

  test('a message is found by its link, and its life is told without what it says', async () => {
    const { code, out, err } = await cli.run(['trace', `https://chat.example.org/c/${conversationId}/1`]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/From +anna\n +Stored +\S.*\n +By node +main\n/);
    expect(out).toMatch(/What changed it since\n +\S.*an edit, entry 2/);
    expect(out).toMatch(/Of 1 other member who may read it, 1 received it and 0 read it\n.*\n +ben +yes, by .* +no /);
    expect(out).toContain(runs ? 'What node main remembers' : 'No server runs');
    expect(out).not.toContain('secret');
    expect((await cli.run(['trace', `/c/${conversationId}/1`, '--lang', 'ru'])).out).toMatch(/От кого +anna/);
  });

  test('the text is shown when it is asked for, harmless to a terminal', async () => {
    const { out } = await cli.run(['trace', `${conversationId}/1`, '--text']);
    expect(out).toContain('a secret red');
    expect(out).not.toContain('\u001b[31m');
  });

  test('programs read all of it, and the audit log knows', async () => {
    const traced = (await cli.run(['trace', `${conversationId}/1`, '--json'])).json() as Output<'message.trace'>;
    expect(traced).toMatchObject({
      conversation: { conversationId, kind: 'direct', head: 2 },
      entry: { seq: 1, kind: 'message', sender: { name: 'anna' }, body: null },
      counts: { members: 1, delivered: 1, read: 0 },
      nodes: runs ? [{ node: 'main', answered: true }] : [],
    });
    expect((await cli.run(['audit', '--action', 'message.traced', '--limit', '1', '--json'])).json()).toMatchObject({
      events: [{ action: 'message.traced', subject: { id: conversationId }, details: { seq: 1, via: 'local' } }],
    });
  });

  test('what names no message, and a message that is not there, are refused with a remedy', async () => {
    const nowhere = await cli.run(['trace', `${conversationId}/99`]);
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining('Copy the link') });
    for (const word of ['abc', `${conversationId}`, `${conversationId}/0`, `${conversationId}/1/2`, 'x/1']) {
      const { code, err } = await cli.run(['trace', word]);
      expect({ word, code, err }).toEqual({ word, code: 2, err: expect.stringContaining('/c/CONVERSATION/NUMBER') });
    }
  });
});
