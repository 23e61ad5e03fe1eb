import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeAt } from '../../src/config/home.ts';
import { type Cli, type CliResult, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { addSignedInPeople } from '../support/signed-in-people.ts';

describe('bots and webhooks on the command line', { timeout: 120_000 }, () => {
  let cli: Cli;
  let url: string;
  let token: string;
  let webhookId: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    cli = makeCli(port);
    await done(['init', '--yes']);
    const [anna] = await addSignedInPeople(homeAt(cli.home).folder, 1, { name: 'anna' });
    token = anna?.accessToken ?? '';
    await done(['up', '--detach']);
  });
  afterAll(() => cli.remove());

  async function done(args: readonly string[], how: Parameters<Cli['run']>[1] = {}): Promise<CliResult> {
    const result = await cli.run(args, how);
    expect(result, `${args.join(' ')}\n${result.out}${result.err}`).toMatchObject({ code: 0, err: '' });
    return result;
  }
  async function ask(op: string, input: object): Promise<Record<string, never>> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/${op}`, { method: 'POST', headers, body: JSON.stringify(input) });
    const answer = (await response.json()) as { output: Record<string, never> };
    expect(answer, op).toMatchObject({ ok: true });
    return answer.output;
  }

  test('a bot is made without a password, and a token for it is what comes next', async () => {
    const made = await done(['users', 'add', 'weather', '--bot', '--display-name', 'Weather']);
    expect(made.out).toMatch(/tokens create --user weather --name weather --scope chat/);
    expect(made.out).not.toMatch(/Password/);
    expect((await done(['users', 'show', 'weather', '--json'])).json()).toMatchObject({ user: { bot: true } });
    const token = await done([
      'tokens',
      'create',
      '--user',
      'weather',
      '--name',
      'weather',
      '--scope',
      'chat',
      '--json',
    ]);
    expect(token.json()).toMatchObject({ token: expect.stringMatching(/^msgr_/) });
    const refused = await cli.run(['users', 'password', 'weather', '--json'], { input: '' });
    expect(refused.json()).toMatchObject({
      error: { reason: 'bot_account', mend: [expect.stringContaining('tokens')] },
    });
    expect((await cli.run(['users', 'add', 'x', '--bot', '--email', 'x@example.org'])).code).toBe(2);
  });

  test('webhooks of all conversations are listed, with where they lead and whether that goes well', async () => {
    expect((await done(['webhooks', 'list'])).out).toContain('There is no webhook.');
    const created = await ask('conversation.create', { clientId: crypto.randomUUID(), title: 'Choir', userIds: [] });
    const { conversationId } = created.conversation as unknown as { conversationId: string };
    const incoming = await ask('webhook.createIncoming', { conversationId, name: 'Builds' });
    ({ webhookId } = incoming.webhook as unknown as { webhookId: string });
    await ask('webhook.createOutgoing', { conversationId, name: 'Helper', url: 'https://example.org/in' });
    const { out } = await done(['webhooks', 'list']);
    expect(out).toMatch(/Choir\s+Builds\s+in\s/);
    expect(out).toMatch(/Choir\s+Helper\s+out\s+https:\/\/example\.org\/in\s+well/);
    expect((await done(['webhooks', 'list', '--json'])).json()).toMatchObject({ webhooks: [{ webhookId }, {}] });
    expect((await done(['webhooks', 'list'], { env: { LANG: 'ru_RU.UTF-8' } })).out).toMatch(/Builds\s+сюда/);
  });

  test('one is removed, and its address counts no more', async () => {
    expect((await done(['webhooks', 'revoke', webhookId])).out).toContain('The webhook is gone');
    for (const id of [webhookId, 'nonsense']) {
      const again = await cli.run(['webhooks', 'revoke', id, '--json']);
      expect(again).toMatchObject({ code: 1 });
      expect(again.json()).toMatchObject({ error: { reason: 'no_such_webhook', mend: [expect.any(String)] } });
    }
    const audit = await done(['audit', '--action', 'webhook.']);
    expect(audit.out).toMatch(/webhook\.created[\s\S]*webhook\.revoked/);
  });
});
