import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { InputToSend, OperationName, Output } from '../../src/protocol/operations.ts';
import { operations } from '../../src/protocol/operations.ts';
import { local, stranger } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { newClientId } from '../support/device.ts';
import { makeRecordingHooks, type RecordingHooks } from '../support/recording-hooks.ts';

type WebhookOperation = Extract<OperationName, `webhook.${string}`>;

const hour = 3_600_000;
const url = 'https://hooks.example.org/in';

let hooks: RecordingHooks;
let world: CoreWorld;
let anna: Call;
let boris: Call;
let carla: Call;
let conversationId: ConversationId;
beforeEach(async () => {
  hooks = makeRecordingHooks();
  world = await makeCoreWorld({ webhookSender: hooks });
  [anna, boris, carla] = [await world.enter('anna'), await world.enter('boris'), await world.enter('carla')];
  conversationId = await world.group(anna, 'Choir', [boris]);
});
afterEach(() => world.close());

async function ask<N extends WebhookOperation>(op: N, input: InputToSend<N>, call: Call): Promise<Output<N>> {
  const handler = world.messaging.handlers[op] as (input: unknown, call: Call) => unknown;
  return (await handler(operations[op].input.parse(input), call)) as Output<N>;
}
const say = async (who: Call, text: string, where = conversationId) =>
  world.device(who).call('message.send', { conversationId: where, clientId: newClientId(), text });
const history = async (where = conversationId, who = anna) =>
  (await world.device(who).call('conversation.history', { conversationId: where })).messages;
const texts = async (where = conversationId) =>
  (await history(where)).flatMap((message) => (message.kind === 'message' ? [message.body.text] : []));
const incoming = (who = anna, where = conversationId, name = 'Deploys') =>
  ask('webhook.createIncoming', { conversationId: where, name }, who);
const outgoing = (more: Partial<InputToSend<'webhook.createOutgoing'>> = {}, who = anna) =>
  ask('webhook.createOutgoing', { conversationId, name: 'Helper', url, ...more }, who);
const secretIn = (address: string) => address.slice(address.lastIndexOf('/') + 1);
const post = (secret: string, text: string, clientId = newClientId()) =>
  ask('webhook.post', { secret, text, clientId }, stranger());
const membersOf = async (where = conversationId) =>
  (await world.device(anna).call('conversation.members', { conversationId: where })).members;
const listed = async (who = anna) => (await ask('webhook.list', { conversationId }, who)).webhooks;
/** What was owed becomes jobs within a second. */
async function deliver(ms = 1_000) {
  await world.platform.clock.pass(ms);
  await world.work();
}
const events = async (action: string) => {
  const all = { before: null, after: null, userId: null, since: null, until: null, limit: 10 };
  return await world.platform.audit.query({ ...all, action });
};

describe('an incoming webhook', () => {
  it('posts under a bot of its own, which is a member and marked as one', async () => {
    const { webhook, url: address } = await incoming();
    expect(address).toMatch(/^https:\/\/chat\.example\.org\/hooks\/[\w-]{43}$/);
    await post(secretIn(address), 'built **v2**');
    const [last] = (await history()).slice(-1);
    expect(last).toMatchObject({ senderId: webhook.botId, body: { text: 'built **v2**' } });
    const bot = (await membersOf()).find(({ profile }) => profile.userId === webhook.botId);
    expect(bot?.profile).toEqual({
      userId: webhook.botId,
      name: 'deploys.bot',
      displayName: 'Deploys',
      gone: false,
      bot: true,
    });
    expect(await events('webhook.created')).toMatchObject([
      { details: { direction: 'incoming', name: 'Deploys', conversationId } },
    ]);
  });

  it('posts once, however often the same key comes', async () => {
    const secret = secretIn((await incoming()).url);
    const key = newClientId();
    const first = await post(secret, 'once', key);
    expect(await post(secret, 'once', key)).toEqual(first);
    await expect(post(secret, 'other', key)).rejects.toMatchObject({ reason: 'client_id_used' });
    expect(await texts()).toEqual(['once']);
  });

  it('mentions people by name, but everybody never', async () => {
    const secret = secretIn((await incoming()).url);
    await post(secret, '@boris and @all: it is broken');
    const [last] = (await history()).slice(-1);
    expect(last?.body).toEqual({ text: '@boris and @all: it is broken', mentions: [userIdOf(boris)] });
  });

  it('posts in channels, where only admins write', async () => {
    await world.device(anna).call('conversation.setSettings', { conversationId, settings: { posting: 'admins' } });
    await post(secretIn((await incoming()).url), 'news');
    expect(await texts()).toEqual(['news']);
  });

  it('is slowed down beyond sixty messages a minute, and says for how long', async () => {
    const secret = secretIn((await incoming()).url);
    for (let i = 0; i < 60; i++) await post(secret, `${i}`);
    await expect(post(secret, 'too much')).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 1 });
    await world.later(1_000);
    await post(secret, 'later');
  });

  it('made in notes to oneself writes to that person alone', async () => {
    const notes = await world.device(anna).call('conversation.openDirect', { userId: userIdOf(anna) });
    const { webhook, url: address } = await incoming(anna, notes.conversation.conversationId);
    expect(webhook.conversationId).not.toBe(notes.conversation.conversationId);
    await post(secretIn(address), 'door opened');
    expect(await texts(webhook.conversationId)).toEqual(['door opened']);
    const shown = await world.device(anna).call('conversation.show', { conversationId: webhook.conversationId });
    expect(shown.conversation).toMatchObject({ kind: 'direct', peerId: webhook.botId, mine: { unread: 1 } });
    await ask('webhook.revoke', { webhookId: webhook.webhookId }, anna);
    await expect(post(secretIn(address), 'again')).rejects.toMatchObject({ reason: 'no_such_webhook' });
  });

  it('is refused in a conversation with somebody else', async () => {
    const direct = await world.device(anna).call('conversation.openDirect', { userId: userIdOf(boris) });
    await expect(incoming(anna, direct.conversation.conversationId)).rejects.toMatchObject({
      reason: 'direct_conversation',
    });
  });

  it('has another address once it is renewed, and the one before counts no more', async () => {
    const { webhook, url: before } = await incoming();
    const { secret: after } = await ask('webhook.renew', { webhookId: webhook.webhookId }, anna);
    expect(after).not.toBe(before);
    await expect(post(secretIn(before), 'old')).rejects.toMatchObject({ code: 'not_found', reason: 'no_such_webhook' });
    await post(secretIn(after), 'new');
    expect(await texts()).toEqual(['new']);
  });

  it('is gone once it is revoked: its bot leaves, what it wrote stays under its name', async () => {
    const { webhook, url: address } = await incoming();
    await post(secretIn(address), 'hello');
    await ask('webhook.revoke', { webhookId: webhook.webhookId }, anna);
    await expect(post(secretIn(address), 'hello?')).rejects.toMatchObject({ code: 'not_found' });
    expect((await membersOf()).map(({ profile }) => profile.name)).toEqual(['anna', 'boris']);
    expect(await world.platform.users.profiles([webhook.botId])).toMatchObject([
      { displayName: 'Deploys', gone: true },
    ]);
    expect(await texts()).toEqual(['hello']);
    expect(await listed()).toEqual([]);
    expect(await events('webhook.revoked')).toHaveLength(1);
    await expect(ask('webhook.revoke', { webhookId: webhook.webhookId }, anna)).rejects.toMatchObject({
      reason: 'no_such_webhook',
    });
  });
});

it('a webhook whose bot was removed or disabled neither posts nor hears', async () => {
  const [inside, outside] = [await incoming(), await outgoing()];
  const secret = secretIn(inside.url);
  const { users } = world.platform;
  for (const { webhook } of [inside, outside])
    await users.setState(webhook.botId, { from: ['active'], state: 'disabled' });
  await expect(post(secret, 'hello')).rejects.toMatchObject({ code: 'forbidden', reason: 'account_disabled' });
  await say(boris, 'is anybody there?');
  await deliver();
  expect(hooks.received).toEqual([]);
  for (const { webhook } of [inside, outside])
    await users.setState(webhook.botId, { from: ['disabled'], state: 'active' });
  const userId = inside.webhook.botId;
  await world.device(anna).call('conversation.removeMember', { conversationId, userId });
  await expect(post(secret, 'hello')).rejects.toMatchObject({ code: 'forbidden', reason: 'not_a_member' });
  await ask('webhook.revoke', { webhookId: inside.webhook.webhookId }, anna);
  await deliver();
  await say(boris, 'and now?');
  await deliver();
  expect(hooks.texts()).toEqual(['is anybody there?', 'and now?']);
});

describe('who decides about webhooks', () => {
  it('is a group’s owner and admins, and nobody else learns of them', async () => {
    await expect(incoming(boris)).rejects.toMatchObject({ code: 'forbidden', reason: 'not_an_admin' });
    await expect(incoming(carla)).rejects.toMatchObject({ code: 'forbidden', reason: 'not_a_member' });
    const { webhook } = await incoming();
    await expect(listed(boris)).rejects.toMatchObject({ reason: 'not_an_admin' });
    for (const op of ['webhook.renew', 'webhook.resume', 'webhook.revoke'] as const) {
      await expect(ask(op, { webhookId: webhook.webhookId }, boris)).rejects.toMatchObject({
        reason: 'no_such_webhook',
      });
    }
    await world.device(anna).call('conversation.setRole', { conversationId, userId: userIdOf(boris), role: 'admin' });
    expect(await listed(boris)).toMatchObject([{ name: 'Deploys', title: 'Choir', outgoing: null }]);
    await ask('webhook.revoke', { webhookId: webhook.webhookId }, boris);
  });

  it('are, of all, those who manage users, and the host’s owner', async () => {
    const { webhook } = await incoming();
    await expect(ask('webhook.list', {}, anna)).rejects.toMatchObject({ reason: 'not_permitted' });
    expect((await ask('webhook.list', {}, local)).webhooks).toMatchObject([{ webhookId: webhook.webhookId }]);
    await ask('webhook.revoke', { webhookId: webhook.webhookId }, local);
    expect(await listed()).toEqual([]);
  });

  it('no more than so many of each direction', async () => {
    await incoming();
    const made = { conversationId, createdBy: null, name: 'x' };
    for (let i = 1; i < limits.webhooks; i++) {
      const id = `01990000-0000-7000-8000-0000000001${String(i).padStart(2, '0')}`;
      const botId = userIdOf(anna) as UserId;
      const kind = { direction: 'incoming', secretHash: `${i}` } as const;
      await world.platform.webhooks.add({ ...made, webhookId: id as never, botId, kind }, limits.webhooks);
    }
    await expect(incoming()).rejects.toMatchObject({ code: 'conflict', reason: 'too_many_webhooks' });
    await outgoing();
    expect((await membersOf()).map(({ profile }) => profile.name)).toEqual([
      'anna',
      'boris',
      'deploys.bot',
      'helper.bot',
    ]);
  });

  it('a bot inherits no group', async () => {
    await incoming();
    await world.device(boris).call('conversation.leave', { conversationId });
    await world.device(anna).call('conversation.leave', { conversationId });
    const [last] = (await history()).slice(-1);
    expect(last).toMatchObject({ kind: 'left', body: { userId: userIdOf(anna), heir: null } });
  });
});

describe('an outgoing webhook', () => {
  it.each([
    'ftp://example.org/in',
    'https://anna:secret@example.org/in',
    'https://example.org/\u0000',
    'https://example.org/\ud800',
    'https://example.org/a b',
    'example.org/in',
    `https://example.org/${'x'.repeat(2_000)}`,
  ])('leads to no such address: %.40j', (wrong) => {
    const { success } = operations['webhook.createOutgoing'].input.safeParse({ conversationId, name: 'x', url: wrong });
    expect(success).toBe(false);
  });

  it('is told of what is written from then on, in order, each once', async () => {
    await say(boris, 'before');
    const { webhook } = await outgoing();
    await say(boris, 'one');
    await say(anna, 'two');
    await deliver();
    await say(boris, 'three');
    await deliver();
    expect(hooks.texts()).toEqual(['one', 'two', 'three']);
    const [first] = hooks.received;
    const [, message] = (await history()).filter(({ kind }) => kind === 'message');
    expect(JSON.parse(first?.body ?? '')).toEqual({
      type: 'message',
      deliveryId: first?.deliveryId,
      webhookId: webhook.webhookId,
      conversation: { conversationId, kind: 'group', title: 'Choir' },
      message: { seq: message?.seq, time: message?.time, text: 'one' },
      sender: { userId: userIdOf(boris), name: 'boris', displayName: 'boris', bot: false },
    });
    expect(first).toMatchObject({ url, secret: expect.stringMatching(/^whsec_[\w-]{43}$/) });
    expect(new Set(hooks.received.map(({ deliveryId }) => deliveryId)).size).toBe(3);
  });

  it('is told of mentions of its bot alone, or of what begins with its word', async () => {
    await outgoing({ trigger: 'mention' });
    await outgoing({ trigger: 'word', word: '!deploy', url: `${url}/word` });
    for (const text of ['hello', '@helper.bot are you there?', '!deploying', '!Deploy now']) await say(boris, text);
    await deliver();
    const byUrl = (where: string) =>
      hooks.received.filter((each) => each.url === where).map(({ body }) => JSON.parse(body).message.text);
    expect(byUrl(url)).toEqual(['@helper.bot are you there?']);
    expect(byUrl(`${url}/word`)).toEqual(['!Deploy now']);
    await expect(outgoing({ trigger: 'word' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('answers as its bot, in reply, and once, although the delivery is made twice', async () => {
    const { webhook } = await outgoing();
    hooks.answer = () => ({ status: 200, text: '{"text":"pong"}' });
    const { seq } = await say(boris, 'ping');
    await deliver();
    const [last] = (await history()).slice(-1);
    expect(last).toMatchObject({ senderId: webhook.botId, body: { text: 'pong', replyTo: seq } });

    const state = { seq: seq - 1, retryAt: 0, failures: 0, failingSince: null };
    await world.platform.webhooks.note(
      webhook.webhookId,
      { ...state, lastStatus: null, lastError: null, disabledAt: null, used: false },
      0,
    );
    await ask('webhook.resume', { webhookId: webhook.webhookId }, anna);
    await deliver();
    expect(hooks.texts()).toEqual(['ping', 'ping']);
    expect(new Set(hooks.received.map(({ deliveryId }) => deliveryId)).size).toBe(1);
    expect(await texts()).toEqual(['ping', 'pong']);
  });

  it('says nothing that is no text: HTML, other JSON, or what is too long', async () => {
    await outgoing();
    const answers = ['<p>ok</p>', '{"ok":true}', '["text"]', '{"text":""}', `{"text":"${'x'.repeat(17_000)}"}`];
    hooks.answer = () => ({ status: 200, text: answers.shift() ?? '' });
    for (let i = 0; i < 5; i++) await say(boris, `${i}`);
    await deliver();
    expect(hooks.received).toHaveLength(5);
    expect(await texts()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('is not told of what webhooks write: two of them do not answer each other for ever', async () => {
    await outgoing();
    await outgoing({ name: 'Parrot', url: `${url}/parrot` });
    const { url: address } = await incoming();
    hooks.answer = () => ({ status: 200, text: '{"text":"and you?"}' });
    await say(boris, 'hello');
    await post(secretIn(address), 'from outside');
    for (let i = 0; i < 5; i++) await deliver();
    expect(hooks.texts()).toEqual(['hello', 'hello']);
  });

  it('is tried again and again, each message in its turn, until it answers', async () => {
    const { webhook } = await outgoing();
    hooks.answer = () => ({ status: 503, text: '' });
    await say(boris, 'one');
    await deliver();
    await say(boris, 'two');
    await deliver();
    expect(hooks.texts()).toEqual(['one']);
    expect(await listed()).toMatchObject([
      { outgoing: { lastStatus: 503, lastError: 'refused', failures: 1, disabledAt: null } },
    ]);
    hooks.answer = () => ({ failure: 'timeout' });
    await deliver(5_000);
    expect(hooks.texts()).toEqual(['one', 'one']);
    expect(await listed()).toMatchObject([{ outgoing: { lastStatus: null, lastError: 'timeout', failures: 2 } }]);
    hooks.answer = () => ({ status: 204, text: '' });
    await deliver(10_000);
    expect(hooks.texts()).toEqual(['one', 'one', 'one', 'two']);
    expect(new Set(hooks.received.map(({ deliveryId }) => deliveryId)).size).toBe(2);
    expect(await listed()).toMatchObject([
      { webhookId: webhook.webhookId, outgoing: { lastStatus: 204, lastError: null, failures: 0 } },
    ]);
  });

  it('is given up after a day of failures, and goes on where it stopped when somebody resumes it', async () => {
    const { webhook } = await outgoing();
    hooks.answer = () => ({ failure: 'unreachable' });
    await say(boris, 'one');
    await deliver();
    const failed = { failures: 30, lastStatus: null, lastError: 'unreachable', disabledAt: null, used: false };
    const failingSince = world.platform.clock.now() - 24 * hour;
    const { seq = 0 } = (await history()).at(-2) ?? {};
    await world.platform.webhooks.note(webhook.webhookId, { ...failed, seq, retryAt: 0, failingSince }, 0);
    await deliver(5_000);
    expect(hooks.texts()).toEqual(['one', 'one']);
    expect(await listed()).toMatchObject([
      { outgoing: { lastError: 'unreachable', failures: 31, disabledAt: expect.any(Number) } },
    ]);
    await say(boris, 'two');
    await deliver(5_000);
    expect(hooks.received).toHaveLength(2);

    hooks.answer = () => ({ status: 200, text: '' });
    const resumed = await ask('webhook.resume', { webhookId: webhook.webhookId }, anna);
    expect(resumed.webhook.outgoing).toMatchObject({ failures: 0, disabledAt: null });
    await deliver();
    expect(hooks.texts().slice(2)).toEqual(['one', 'two']);
  });

  it('is told nothing that was removed before its turn, and nothing more once its bot is out', async () => {
    const { webhook } = await outgoing();
    const { seq } = await say(boris, 'oops');
    await world.device(boris).call('message.remove', { conversationId, clientId: newClientId(), seq });
    await say(boris, 'sorry');
    await deliver();
    await world.device(anna).call('conversation.removeMember', { conversationId, userId: webhook.botId });
    await say(boris, 'among us');
    await deliver();
    expect(hooks.texts()).toEqual(['sorry']);
  });

  it('is delivered to by one worker at a time', async () => {
    await outgoing();
    let answerFirst = () => {};
    hooks.answer = () =>
      new Promise((resolve) => {
        answerFirst = () => resolve({ status: 200, text: '' });
      });
    await say(boris, 'slow');
    await world.platform.clock.pass(1_000);
    const working = world.work();
    await expect.poll(() => hooks.received.length).toBe(1);
    await say(boris, 'meanwhile');
    await world.platform.clock.pass(1_000);
    await world.work();
    expect(hooks.texts()).toEqual(['slow']);
    hooks.answer = () => ({ status: 200, text: '' });
    answerFirst();
    await working;
    await deliver();
    expect(hooks.texts()).toEqual(['slow', 'meanwhile']);
  });
});
