import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { closeCodes } from '../../src/protocol/errors.ts';
import type { ClientId, ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { paths } from '../../src/protocol/names.ts';
import { type Client, type Credentials, makeClient } from '../support/client.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { addSignedInPeople, expiredToken } from '../support/signed-in-people.ts';

let instance: RunningInstance;
let bystanders: Client[];
let conversations: ConversationId[];
let stranger: Credentials;
let expired: string;
let sent = 0;
let stopSending: () => Promise<void>;

/** Bystanders chat all the while; at the end not one of them may have noticed anything. */
beforeAll(async () => {
  const home = await makeHome({ address: 'http://127.0.0.1' });
  const people = await addSignedInPeople(home, 21);
  stranger = people[20] as Credentials;
  expired = await expiredToken(home, stranger.userId);
  instance = await startInstance(home);
  bystanders = people.slice(0, 20).map((person) => makeClient(instance.url, person));
  await Promise.all(bystanders.map((client) => client.ready()));
  conversations = await Promise.all(
    bystanders.map(async (client, i) => {
      const other = bystanders[i ^ 1] as Client;
      return (await client.call('conversation.openDirect', { userId: other.userId })).conversation.conversationId;
    }),
  );
  let running = true;
  const chat = bystanders.map(async (client, i) => {
    while (running) {
      await client.send(conversations[i] as ConversationId, `message ${sent++}`);
      await pause(10);
    }
  });
  stopSending = async () => {
    running = false;
    await Promise.all(chat);
  };
});

afterAll(async () => {
  for (const client of bystanders ?? []) client.close();
  await instance?.remove();
});

/** A bare socket: what it was sent, and the code it was closed with. */
async function openSocket() {
  const socket = new WebSocket(instance.url.replace('http', 'ws') + paths.socket, { perMessageDeflate: false });
  const replies: { id?: number; ok?: boolean; error?: { code: string; reason: string } }[] = [];
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => replies.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once('open', resolve));
  const reply = async (id: number) => {
    await expect.poll(() => replies.some((one) => one.id === id), { timeout: 10_000 }).toBe(true);
    return replies.find((one) => one.id === id);
  };
  return { socket, replies, closed, reply };
}

async function openSignedIn() {
  const opened = await openSocket();
  opened.socket.send(JSON.stringify({ id: 0, op: 'connection.open', input: { accessToken: stranger.accessToken } }));
  expect(await opened.reply(0)).toMatchObject({ ok: true });
  return opened;
}

const send = (conversationId: ConversationId, text: string) => ({
  id: 1,
  op: 'message.send',
  input: { conversationId, clientId: randomUUID() as ClientId, text },
});

describe('a socket is closed cleanly', () => {
  test.each([
    ['malformed JSON', '{"id":1,'],
    ['JSON that is no request', '[1,2,3]'],
    ['an id that is no number', '{"id":"1","op":"sync","input":{}}'],
  ])('for %s', async (_, frame) => {
    const { socket, closed } = await openSignedIn();
    socket.send(frame);
    expect(await closed).toBe(closeCodes.malformed);
  });

  test('for a frame beyond 64 KiB', async () => {
    const { socket, closed } = await openSignedIn();
    socket.send(`{"id":1,"op":"sync","input":${JSON.stringify('x'.repeat(limits.frameBytes))}}`);
    expect(await closed).toBe(1009);
  });

  test('for text that is not valid UTF-8', async () => {
    const { socket, closed } = await openSignedIn();
    socket.send(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), { binary: false });
    expect([1007, closeCodes.malformed]).toContain(await closed);
  });

  test('for a binary frame', async () => {
    const { socket, closed } = await openSignedIn();
    socket.send(Buffer.from('{}'), { binary: true });
    expect(await closed).toBe(closeCodes.malformed);
  });

  test.each([
    ['a wrong token', () => 'not.a.token'],
    ['an expired token', () => expired],
    ['a token with another signature', () => `${stranger.accessToken.slice(0, -8)}AAAAAAAA`],
  ])('for %s, after saying why', async (_, token) => {
    const { socket, closed, reply } = await openSocket();
    socket.send(JSON.stringify({ id: 7, op: 'connection.open', input: { accessToken: token() } }));
    expect(await reply(7)).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(await closed).toBe(closeCodes.unauthenticated);
  });

  test('for a first frame that is not connection.open', async () => {
    const { socket, closed } = await openSocket();
    socket.send('{"id":1,"op":"sync","input":{}}');
    expect(await closed).toBe(closeCodes.unauthenticated);
  });

  test('for bytes that are no WebSocket frame', async () => {
    const raw = connect(instance.port, '127.0.0.1');
    raw.on('error', () => {});
    raw.write(
      `GET ${paths.socket} HTTP/1.1\r\nHost: 127.0.0.1:${instance.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await new Promise((resolve) => raw.once('data', resolve));
    const end = new Promise((resolve) => raw.once('close', resolve));
    raw.write(Buffer.from([0xff, 0x02, 0x00, 0x00]));
    await end;
  });
});

describe('a request is answered with its error', () => {
  test.each([
    ['an unknown operation', { id: 1, op: 'message.explode', input: {} }, { code: 'not_found' }],
    ['an input of another form', { id: 1, op: 'sync', input: { cursor: 3 } }, { code: 'invalid' }],
    ['no input at all', { id: 1, op: 'message.send' }, { code: 'invalid' }],
    ['a field that nobody knows', { id: 1, op: 'sync', input: {}, more: 1 }, { code: 'invalid' }],
    ['an operation for HTTP alone', { id: 1, op: 'auth.refresh', input: {} }, { code: 'invalid' }],
    ['somebody who may not', { id: 1, op: 'user.list', input: {} }, { code: 'forbidden' }],
  ])('for %s', async (_, frame, error) => {
    const { socket, reply } = await openSignedIn();
    socket.send(JSON.stringify(frame));
    expect(await reply(1)).toMatchObject({ ok: false, error });
    socket.close();
  });

  test('for a text beyond 16 KiB, and one of exactly 16 KiB is sent', async () => {
    const { socket, reply } = await openSignedIn();
    const { conversation } = await (bystanders[0] as Client).call('conversation.openDirect', {
      userId: stranger.userId,
    });
    socket.send(JSON.stringify(send(conversation.conversationId, `${'я'.repeat(limits.textBytes / 2)}.`)));
    expect(await reply(1)).toMatchObject({ ok: false, error: { code: 'too_large' } });
    socket.send(JSON.stringify({ ...send(conversation.conversationId, 'я'.repeat(limits.textBytes / 2)), id: 2 }));
    expect(await reply(2)).toMatchObject({ ok: true });
    socket.close();
  });

  test('for half a character', async () => {
    const { socket, reply } = await openSignedIn();
    socket.send(JSON.stringify(send(conversations[0] as ConversationId, 'a\ud800b')));
    expect(await reply(1)).toMatchObject({ ok: false, error: { code: 'invalid' } });
    socket.close();
  });

  test.each(['message.send', 'conversation.entries', 'conversation.history', 'receipts.list', 'typing.set'])(
    'for %s in a conversation one is not in',
    async (op) => {
      const { socket, reply } = await openSignedIn();
      const conversationId = conversations[0] as ConversationId;
      const inputs: Record<string, object> = {
        'message.send': send(conversationId, 'let me in').input,
        'conversation.entries': { conversationId, after: 0 },
        'conversation.history': { conversationId },
        'receipts.list': { conversationId },
        'typing.set': { conversationId, typing: true },
      };
      socket.send(JSON.stringify({ id: 1, op, input: inputs[op] }));
      expect(await reply(1)).toMatchObject({ ok: false, error: { code: 'forbidden' } });
      socket.close();
    },
  );
});

describe('ten thousand frames at once', () => {
  test('are all answered, in whatever time it takes', async () => {
    const { socket, replies, closed } = await openSignedIn();
    for (let id = 1; id <= 10_000; id++)
      socket.send(JSON.stringify({ id, op: 'user.find', input: { query: 'person' } }));
    const code = await Promise.race([
      closed,
      expect.poll(() => replies.length, { timeout: 25_000, interval: 50 }).toBe(10_001),
    ]);
    if (typeof code === 'number') expect(code).toBe(closeCodes.tooMany);
    socket.close();
  });

  test('of nonsense end with a clean close or an answer to each', async () => {
    const { socket, replies, closed } = await openSignedIn();
    for (let id = 1; id <= 10_000; id++) socket.send(JSON.stringify({ id, op: 'no.such', input: {} }));
    const code = await Promise.race([
      closed,
      expect.poll(() => replies.length, { timeout: 25_000, interval: 50 }).toBe(10_001),
    ]);
    if (typeof code === 'number') expect(code).toBe(closeCodes.tooMany);
    socket.close();
  });
});

describe('HTTP answers with the status of the error', () => {
  const ask = (body: string | Buffer, headers: Record<string, string> = {}, op = 'user.find') =>
    fetch(`${instance.url}${paths.api}${op}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body as string,
    });

  test.each([
    ['malformed JSON', '{', {}, 400],
    ['a body beyond 64 KiB', JSON.stringify('x'.repeat(limits.frameBytes)), {}, 413],
    ['a form instead of JSON', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['no token', '{"query":"a"}', {}, 401],
    ['a wrong token', '{"query":"a"}', { authorization: 'Bearer nonsense' }, 401],
    ['a page of another site', '{"query":"a"}', { origin: 'https://evil.example' }, 403],
  ])('for %s', async (_, body, headers, status) => {
    const response = await ask(body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ ok: false });
  });

  test('for an operation nobody knows', async () => {
    const headers = { authorization: `Bearer ${stranger.accessToken}` };
    expect((await ask('{}', headers, 'no.such')).status).toBe(404);
  });
});

test('meanwhile nobody else noticed anything', async () => {
  await stopSending();
  expect(sent).toBeGreaterThan(100);
  for (const [i, client] of bystanders.entries()) {
    expect(client.connections()).toBe(1);
    const conversationId = conversations[i] as ConversationId;
    const { head } = await client.call('conversation.entries', { conversationId, after: 0 });
    await expect.poll(() => client.log(conversationId).at(-1)?.seq, { timeout: 10_000 }).toBe(head);
  }
  expect(instance.said()).not.toMatch(/"level":(50|60)|"level":"(error|fatal)"/);
});
