import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectInstance } from '../../src/app/instance.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import type { Message } from '../../src/protocol/models.ts';
import type { InputToSend, OperationName, Output } from '../../src/protocol/operations.ts';
import { freePort } from '../support/free-port.ts';
import { root } from '../support/instance.ts';
import { type ServedInstance, serveInstance } from '../support/served-instance.ts';
import { addSignedInPerson } from '../support/signed-in-people.ts';
import { until } from '../support/wait.ts';

let instance: ServedInstance;
/** Where the programs of docs/bots.md lie, each under its name. */
let programs: string;
let token: string;
let conversationId: ConversationId;
const running: ChildProcess[] = [];

beforeAll(async () => {
  instance = await serveInstance({ webhooks: { privateNetworks: true } });
  programs = mkdtempSync(join(tmpdir(), 'messenger-bots-'));
  for (const { name, code } of programsOf(join(root, 'docs/bots.md'))) writeFileSync(join(programs, name), code);
  token = (await addSignedInPerson(instance.platform, 'anna')).accessToken;
  const made = { clientId: crypto.randomUUID() as never, title: 'Choir', userIds: [] };
  conversationId = (await ask('conversation.create', made)).conversation.conversationId;
});
afterAll(async () => {
  for (const child of running) child.kill();
  await instance?.stop();
  rmSync(programs, { recursive: true, force: true });
});

/** Blocks of code that bear a file's name. */
function programsOf(document: string): { name: string; code: string }[] {
  const blocks = readFileSync(document, 'utf8').matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, name = '', code = '']) => ({ name, code }));
}

async function ask<N extends OperationName>(op: N, input: InputToSend<N>): Promise<Output<N>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(`${instance.url}/api/${op}`, { method: 'POST', headers, body: JSON.stringify(input) });
  const answer = (await response.json()) as { ok: boolean; output: Output<N> };
  expect(answer, op).toMatchObject({ ok: true });
  return answer.output;
}

/** As written in the document, with nothing but these variables around it. */
function start(name: string, env: Record<string, string>): ChildProcess {
  const program = name.endsWith('.sh') ? 'sh' : process.execPath;
  const { PATH = '' } = process.env;
  const child = spawn(program, [join(programs, name)], { env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  return child;
}

async function run(name: string, env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  const child = start(name, env);
  const ended = once(child, 'close');
  const out = child.stdout === null ? '' : await text(child.stdout);
  return { code: (await ended)[0], out };
}

const say = (said: string) =>
  ask('message.send', { conversationId, clientId: crypto.randomUUID() as never, text: said });
const history = async (): Promise<Message[]> => (await ask('conversation.history', { conversationId })).messages;
const texts = async () => (await history()).flatMap((each) => (each.kind === 'message' ? [each.body.text] : []));

async function makeBot(name: string): Promise<{ userId: UserId; token: string }> {
  const connection = await connectInstance(instance.folder, { writeLog: () => {} });
  try {
    const { user } = await connection.call('user.add', { name, displayName: 'Echo', bot: true });
    const made = await connection.call('token.create', { user: name, name, scopes: ['chat'] });
    return { userId: user?.userId as UserId, token: made.token };
  } finally {
    await connection.close();
  }
}

describe('the programs in docs/bots.md work as they are written', () => {
  test('a script posts a message by an incoming webhook, and once, however often it runs', async () => {
    const { url, webhook } = await ask('webhook.createIncoming', { conversationId, name: 'Builds' });
    // The instance has no address of its own that leads here from everywhere.
    const env = { WEBHOOK: url.replace(/^https?:\/\/[^/]+/, instance.url) };
    const first = await run('post.sh', env);
    expect(first).toMatchObject({ code: 0, out: expect.stringContaining('"ok":true') });
    expect(await run('post.sh', env)).toEqual(first);
    expect(await texts()).toEqual(['Build **4711** is green.']);
    expect((await history()).at(-1)?.senderId).toBe(webhook.botId);

    await ask('webhook.revoke', { webhookId: webhook.webhookId });
    expect(await run('post.sh', env)).toMatchObject({ out: expect.stringContaining('no_such_webhook') });
  });

  test('a server is told of messages, verifies them, and answers', async () => {
    const port = await freePort();
    const made = { conversationId, name: 'Parrot', url: `http://127.0.0.1:${port}/` };
    const { secret, webhook } = await ask('webhook.createOutgoing', made);
    start('receive.mjs', { SECRET: secret, PORT: String(port) });
    await until(async () => (await fetch(made.url, { method: 'POST' }).catch(() => null))?.status === 401);
    const { seq } = await say('polly?');
    await until(async () => (await texts()).includes('anna said: polly?'));
    expect((await history()).at(-1)).toMatchObject({ senderId: webhook.botId, body: { replyTo: seq } });
    await ask('webhook.revoke', { webhookId: webhook.webhookId });
  });

  test('a bot says something by HTTP, and another answers by WebSocket', async () => {
    const bot = await makeBot('echo');
    await ask('conversation.addMembers', { conversationId, userIds: [bot.userId] });
    const env = { MESSENGER: instance.url, TOKEN: bot.token };
    expect(await run('say.sh', { ...env, CONVERSATION: conversationId })).toMatchObject({ code: 0 });
    expect((await history()).at(-1)).toMatchObject({ senderId: bot.userId, body: { text: 'Hello.' } });

    start('echo-bot.mjs', env);
    // What was said before it listens it does not hear.
    await until(async () => {
      if ((await texts()).includes('pong')) return true;
      await say('!ping');
      return false;
    });
    expect((await history()).some(({ senderId, kind }) => kind === 'message' && senderId === bot.userId)).toBe(true);
  });

  test('and nobody signs in to a bot', async () => {
    await makeBot('silent');
    const connection = await connectInstance(instance.folder, { writeLog: () => {} });
    const bot = { code: 'conflict', reason: 'bot_account' };
    const password = 'gooseberry fool 42';
    await expect(connection.call('user.setPassword', { user: 'silent', password })).rejects.toMatchObject(bot);
    await expect(connection.call('user.resetLink', { user: 'silent' })).rejects.toMatchObject(bot);
    await expect(connection.call('user.add', { name: 'third', bot: true, password })).rejects.toMatchObject({
      code: 'invalid',
      reason: 'bot_account',
    });
    await connection.close();
  });

  test('without a defect in the log, and nothing secret there', async () => {
    expect(instance.defects()).toEqual([]);
    expect(instance.logged()).not.toMatch(/whsec_|hooks\/[\w-]{43}/);
  });
});
