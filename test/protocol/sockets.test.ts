import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError, closeCodes } from '../../src/protocol/errors.ts';
import type { ServerEvent } from '../../src/protocol/events.ts';
import type { ConversationId, UserId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { makeHandClock } from '../support/clock.ts';
import { connectOpen, connectRaw } from './raw-client.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

let tiny: TinyGateway;
afterEach(() => tiny.gateway.stop());

const start = async (...parts: Parameters<typeof startTinyGateway>) => {
  tiny = await startTinyGateway(...parts);
  return tiny;
};
const typing = { conversationId: randomUUID() as ConversationId, typing: true };
const typed = (userId: string): ServerEvent => ({
  event: 'typing.changed',
  body: { conversationId: typing.conversationId, userIds: [userId as UserId] },
});

describe('large answers', () => {
  const people = Array.from({ length: 500 }, (_, i) => ({
    userId: randomUUID() as UserId,
    online: i % 2 === 0,
    lastSeenAt: null,
  }));
  const watch = async (open: object) => {
    const { url, token } = await start({
      handlers: {
        'presence.watch': (_, { receiver }) => {
          receiver?.hear(typed(person.userId));
          setImmediate(() => receiver?.hear(typed(person.userId)));
          return { people };
        },
      },
    });
    const { accessToken, person } = token();
    const client = await connectRaw(url);
    await client.ask('connection.open', { accessToken, ...open });
    const reply = client.ask('presence.watch', { userIds: [] });
    await client.until(() => client.frames.length === 4);
    return { client, reply: await reply };
  };

  test('are compressed for those who take that, and keep their place among what else is said', async () => {
    const { client, reply } = await watch({ deflate: true });
    expect(reply.output).toEqual({ people });
    expect(client.frames.map(({ event, ok }) => event ?? ok)).toEqual([true, 'typing.changed', true, 'typing.changed']);
    const [size = 0, length = 0] = [client.sizes[2], client.texts[2]?.length];
    expect(size).toBeLessThan(length / 2);
  });

  test('are plain for everybody else', async () => {
    const { client } = await watch({});
    expect(client.sizes).toEqual(client.texts.map((text) => Buffer.byteLength(text)));
  });
});

describe('the first frame', () => {
  test('opens the connection and says who is there', async () => {
    const { url, token } = await start();
    const { accessToken, person } = token();
    const client = await connectRaw(url);
    expect(await client.ask('connection.open', { accessToken })).toMatchObject({
      ok: true,
      output: { userId: person.userId, sessionId: person.sessionId, epoch: 'epoch-1', version: '1.2.3' },
    });
    expect([...tiny.receivers].map((receiver) => receiver.sessionId)).toEqual([person.sessionId]);
  });

  test('is answered and the socket closed when it is anything else', async () => {
    const { url } = await start();
    const client = await connectRaw(url);
    expect(await client.ask('sync', {})).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
    expect(await client.closed).toBe(closeCodes.unauthenticated);
  });

  test('with a wrong token is answered and the socket closed', async () => {
    const { url } = await start();
    const client = await connectRaw(url);
    const reply = await client.ask('connection.open', { accessToken: 'wrong' });
    expect(reply.error).toEqual({ code: 'unauthenticated', reason: 'token_invalid' });
    expect(await client.closed).toBe(closeCodes.unauthenticated);
    expect(tiny.receivers.size).toBe(0);
  });

  test('while the store is away asks to come again', async () => {
    const { url } = await start({
      authenticate: () => Promise.reject(new AppError('unavailable', 'store_away')),
    });
    const client = await connectRaw(url);
    expect(await client.ask('connection.open', { accessToken: 'x' })).toMatchObject({ error: { code: 'unavailable' } });
    expect(await client.closed).toBe(closeCodes.restarting);
  });

  test('must come within ten seconds', async () => {
    const clock = makeHandClock();
    const { url } = await start({ clock });
    const client = await connectRaw(url);
    await expect.poll(() => tiny.gateway.connections()).toBe(1);
    clock.advance(9_000);
    expect(tiny.gateway.connections()).toBe(1);
    clock.advance(3_000);
    expect(await client.closed).toBe(closeCodes.unauthenticated);
  });

  test('may be followed by requests at once: they wait until it is answered', async () => {
    const order: string[] = [];
    const { url, token } = await start({
      authenticate: async (accessToken, known) => {
        await pause(20);
        order.push('authenticated');
        const person = known.get(accessToken);
        if (person === undefined) throw new AppError('unauthenticated', 'token_invalid');
        return person;
      },
      handlers: {
        'typing.set': () => {
          order.push('typing');
          return {};
        },
      },
    });
    const client = await connectRaw(url);
    client.send({ id: 1, op: 'connection.open', input: { accessToken: token().accessToken } });
    client.send({ id: 2, op: 'typing.set', input: typing });
    client.send({ id: 3, op: 'typing.set', input: typing });
    await client.until((frame) => frame.id === 3);
    expect(order).toEqual(['authenticated', 'typing', 'typing']);
    expect(client.frames.map((frame) => frame.id)).toEqual([1, 2, 3]);
  });

  test('counts once: a second one is a conflict', async () => {
    const { url, token } = await start();
    const { accessToken } = token();
    const client = await connectOpen(url, accessToken);
    const again = await client.ask('connection.open', { accessToken });
    expect(again.error).toEqual({ code: 'conflict', reason: 'opened_before' });
  });
});

describe('bad input', () => {
  const open = async (...parts: Parameters<typeof startTinyGateway>) => {
    const { url, token } = await start(...parts);
    return connectOpen(url, token().accessToken);
  };

  test.each([
    ['malformed JSON', '{"id":1,'],
    ['an empty frame', ''],
    ['a frame without an id', '{"op":"sync","input":{}}'],
    ['an id that is no whole number', '{"id":1.5,"op":"sync","input":{}}'],
    ['a negative id', '{"id":-1,"op":"sync","input":{}}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['JSON nested deeply', `${'['.repeat(30_000)}${']'.repeat(30_000)}`],
  ])('closes for %s, where nothing can be answered', async (_, text) => {
    const client = await open();
    client.send(text);
    expect(await client.closed).toBe(closeCodes.malformed);
  });

  test('closes for a binary frame', async () => {
    const client = await open();
    client.ws.send(Buffer.from('{"id":1,"op":"sync","input":{}}'), { binary: true });
    expect(await client.closed).toBe(closeCodes.malformed);
  });

  test('closes with 1009 for a frame above the limit', async () => {
    const client = await open();
    client.send('x'.repeat(limits.frameBytes + 1));
    expect(await client.closed).toBe(1009);
  });

  test('closes with 1007 for invalid UTF-8', async () => {
    const client = await open();
    client.ws.send(Buffer.from([0x7b, 0xc3, 0x28, 0x7d]), { binary: false });
    expect(await client.closed).toBe(1007);
  });

  test.each([
    ['without an op', { id: 1, input: {} }, 'op'],
    ['whose op is no text', { id: 1, op: 5, input: {} }, 'op'],
    ['whose op is longer than any', { id: 1, op: 'x'.repeat(65), input: {} }, 'op'],
    ['with something more in it', { id: 1, op: 'sync', input: {}, token: 'x' }, 'token'],
  ])('answers a frame %s', async (_, frame, path) => {
    const client = await open();
    client.send(frame);
    const reply = await client.until(({ id }) => id === 1);
    expect(reply.error).toMatchObject({ code: 'invalid', reason: 'invalid_frame', fields: [{ path }] });
  });

  test.each(['nope', '__proto__', 'constructor', 'toString', ''])('answers the unknown operation "%s"', async (op) => {
    const client = await open();
    expect((await client.ask(op, {})).error).toEqual({ code: 'not_found', reason: 'unknown_operation' });
  });

  test('names the fields that are wrong', async () => {
    const client = await open();
    const reply = await client.ask('receipts.mark', { marks: [{ conversationId: 'x', readSeq: -1 }] });
    expect(reply.error).toMatchObject({ code: 'invalid', reason: 'invalid_input' });
    expect(reply.error?.fields?.map(({ path }) => path)).toEqual(['marks.0.conversationId', 'marks.0.readSeq']);
  });

  test('answers too_large for a text above the limit', async () => {
    const client = await open();
    const input = { conversationId: randomUUID(), clientId: randomUUID(), text: 'ж'.repeat(limits.textBytes / 2 + 1) };
    expect((await client.ask('message.send', input)).error).toMatchObject({ code: 'too_large', reason: 'too_large' });
  });

  test.each(['auth.signIn', 'auth.refresh', 'auth.register'])('refuses %s, which is for HTTP alone', async (op) => {
    const client = await open();
    expect((await client.ask(op, {})).error).toEqual({ code: 'invalid', reason: 'http_only' });
  });

  test('answers forbidden where the role does not suffice', async () => {
    const client = await open();
    expect((await client.ask('user.list', {})).error).toEqual({ code: 'forbidden', reason: 'not_allowed' });
  });

  test('answers internal for a defect, and logs what the client is not told', async () => {
    const client = await open({
      handlers: {
        'typing.set': () => {
          throw new TypeError('the wire was cut in room 7');
        },
      },
    });
    expect((await client.ask('typing.set', typing)).error).toEqual({ code: 'internal', reason: 'defect' });
    expect(tiny.logged()).toContain('the wire was cut in room 7');
  });

  test('closes a client that makes nothing but mistakes', async () => {
    const client = await open({ bounds: { mistakes: 20 } });
    for (let id = 1; id <= 30; id++) client.send({ id, op: 'nope', input: {} });
    expect(await client.closed).toBe(closeCodes.tooMany);
  });

  test('leaves other connections alone', async () => {
    const bad = await open({ handlers: { 'typing.set': () => ({}) } });
    const good = await connectOpen(tiny.url, tiny.token().accessToken);
    bad.send('{');
    await bad.closed;
    expect(await good.ask('typing.set', typing)).toMatchObject({ ok: true });
  });
});

describe('a flood of 10,000 frames', () => {
  test('is answered whole and in order, while another client is answered between', async () => {
    const seen: number[] = [];
    const { url, token } = await start({
      handlers: {
        'conversation.entries': async ({ after }) => {
          seen.push(after);
          await pause(1);
          return { entries: [], more: false, head: after };
        },
        'typing.set': () => ({}),
      },
    });
    const flooding = await connectOpen(url, token().accessToken);
    const quiet = await connectOpen(url, token().accessToken);
    const count = 10_000;
    for (let id = 1; id <= count; id++) {
      flooding.send({ id, op: 'conversation.entries', input: { conversationId: typing.conversationId, after: id } });
    }
    await flooding.until((frame) => frame.id === 1);
    await quiet.ask('typing.set', typing);
    const answeredBefore = flooding.frames.length;
    await flooding.until((frame) => frame.id === count);
    expect(answeredBefore).toBeLessThan(count);
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    expect(flooding.frames.filter((frame) => frame.ok === true)).toHaveLength(count + 1);
  });

  test('waits in the network, not in memory: no more requests are under way than allowed', async () => {
    let underWay = 0;
    let most = 0;
    const { url, token } = await start({
      bounds: { requestsInFlight: 16 },
      handlers: {
        'conversation.entries': async ({ after }) => {
          most = Math.max(most, ++underWay);
          await pause(1);
          underWay--;
          return { entries: [], more: false, head: after };
        },
      },
    });
    const client = await connectOpen(url, token().accessToken);
    for (let id = 1; id <= 500; id++) {
      client.send({ id, op: 'conversation.entries', input: { conversationId: typing.conversationId, after: id } });
    }
    await client.until((frame) => frame.id === 500);
    expect(most).toBe(16);
  });
});

describe('the epoch', () => {
  const handlers: Parameters<typeof startTinyGateway>[0] = {
    handlers: {
      'typing.set': () => ({}),
      sync: () => ({ epoch: tiny.epoch, cursor: 'c', more: false, me: null, conversations: [], profiles: [] }),
    },
  };

  test('that a client knows no more stops everything but sync, which brings the new one', async () => {
    const { url, token } = await start(handlers);
    const client = await connectOpen(url, token().accessToken, 'epoch-0');
    expect((await client.ask('typing.set', typing)).error).toMatchObject({ code: 'epoch_changed' });
    expect(await client.ask('sync', {})).toMatchObject({ ok: true, output: { epoch: 'epoch-1' } });
    expect(await client.ask('typing.set', typing)).toMatchObject({ ok: true });
  });

  test('may change under an open socket', async () => {
    const { url, token } = await start(handlers);
    const client = await connectOpen(url, token().accessToken, 'epoch-1');
    expect(await client.ask('typing.set', typing)).toMatchObject({ ok: true });
    tiny.epoch = 'epoch-2';
    expect((await client.ask('typing.set', typing)).error).toMatchObject({ code: 'epoch_changed' });
  });

  test('need not be known by a client that holds nothing', async () => {
    const { url, token } = await start(handlers);
    const client = await connectOpen(url, token().accessToken, null);
    expect(await client.ask('typing.set', typing)).toMatchObject({ ok: true });
  });
});

describe('a client that reads too slowly', () => {
  const large = typed('x'.repeat(60_000));
  const only = () => [...tiny.receivers][0];

  test('misses live events, gets one hint behind them, and hears what comes after', async () => {
    const { url, token } = await start({ bounds: { lagBytes: 200_000 } });
    const client = await connectOpen(url, token().accessToken);
    client.ws.pause();
    const count = 400;
    for (let i = 0; i < count; i++) only()?.hear(large);
    client.ws.resume();
    await client.until((frame) => frame.event === 'changed');
    const heard = client.frames.filter((frame) => frame.event === 'typing.changed').length;
    expect(heard).toBeLessThan(count);
    only()?.hear(typed('later'));
    await client.until((frame) => JSON.stringify(frame).includes('later'));
    expect(client.frames.filter((frame) => frame.event === 'changed')).toHaveLength(1);
    expect(client.frames.at(-2)?.event).toBe('changed');
  });

  test('is closed when it takes nothing at all', async () => {
    const { url, token } = await start({ bounds: { lagBytes: 200_000, stallMs: 150 } });
    const client = await connectOpen(url, token().accessToken);
    client.ws.pause();
    for (let i = 0; i < 400; i++) only()?.hear(large);
    await expect.poll(() => tiny.receivers.size).toBe(0);
    client.ws.resume();
    expect([closeCodes.tooSlow, 1006]).toContain(await client.closed);
  });

  test('is not read from either, so that its answers do not pile up', async () => {
    let asked = 0;
    const { url, token } = await start({
      bounds: { lagBytes: 200_000 },
      handlers: {
        'invite.look': () => {
          asked++;
          return { instanceName: 'x'.repeat(60_000), invitedBy: null, role: 'member', expiresAt: null };
        },
      },
    });
    const client = await connectOpen(url, token().accessToken);
    client.ws.pause();
    const count = 1_000;
    for (let id = 1; id <= count; id++) client.send({ id, op: 'invite.look', input: { token: 'x' } });
    let before = -1;
    await expect
      .poll(() => {
        const still = asked === before && asked > 0;
        before = asked;
        return still;
      })
      .toBe(true);
    expect(asked).toBeLessThan(count);
    client.ws.resume();
    await client.until((frame) => frame.id === count);
    expect(asked).toBe(count);
  });
});

describe('a socket lives with its session', () => {
  test('closed with it, while others of the same person stay', async () => {
    const { url, token, gateway } = await start({ handlers: { 'typing.set': () => ({}) } });
    const [one, other] = [token(), token()];
    const first = await connectOpen(url, one.accessToken);
    const second = await connectOpen(url, other.accessToken);
    gateway.revoke({ at: 0, sessionId: one.person.sessionId, userId: one.person.userId, reason: 'closed' });
    expect(await first.closed).toBe(closeCodes.sessionClosed);
    expect(await second.ask('typing.set', typing)).toMatchObject({ ok: true });
    expect(tiny.receivers.size).toBe(1);
  });

  test('and all sockets of a person whose account changed, who come back with a new token', async () => {
    const { url, token, gateway } = await start();
    const { accessToken, person } = token();
    const sockets = await Promise.all([connectOpen(url, accessToken), connectOpen(url, accessToken)]);
    gateway.revoke({ at: 0, sessionId: null, userId: person.userId, reason: 'role' });
    expect(await Promise.all(sockets.map((socket) => socket.closed))).toEqual([
      closeCodes.unauthenticated,
      closeCodes.unauthenticated,
    ]);
  });

  test('closed when the node may not know any more whom it lets in', async () => {
    const clock = makeHandClock();
    const { url, token } = await start({ clock });
    const client = await connectOpen(url, token().accessToken);
    tiny.available = false;
    clock.advance(1_000);
    expect(await client.closed).toBe(closeCodes.restarting);
    await expect(connectRaw(url)).rejects.toThrow('503');
  });
});

describe('a sign of life', () => {
  test('is asked for every 25 s, and its lack ends the socket after three times as long', async () => {
    const clock = makeHandClock();
    const { url, token } = await start({ clock });
    const client = await connectOpen(url, token().accessToken);
    let pings = 0;
    client.ws.on('ping', () => pings++);
    for (let i = 0; i < 6; i++) {
      clock.advance(25_000);
      await expect.poll(() => pings).toBe(i + 1);
      await client.ask('nope', {});
    }
    expect(tiny.gateway.connections()).toBe(1);
    client.ws.pause();
    clock.advance(125_000);
    expect(tiny.gateway.connections()).toBe(0);
  });
});

test('stopping tells clients to reconnect, after their answers', async () => {
  const { url, token, gateway } = await start({ handlers: { 'typing.set': () => ({}) } });
  const client = await connectOpen(url, token().accessToken);
  const reply = client.ask('typing.set', typing);
  await reply;
  const stopped = gateway.stop();
  expect(await client.closed).toBe(closeCodes.restarting);
  await stopped;
  await expect(connectRaw(url)).rejects.toThrow('ECONNREFUSED');
});

test('an event is encoded once, however many hear it', async () => {
  const { url, token } = await start();
  const clients = await Promise.all([1, 2, 3].map(() => connectOpen(url, token().accessToken)));
  let encoded = 0;
  const event = {
    event: 'changed',
    body: {},
    toJSON: () => {
      encoded++;
      return { event: 'changed', body: {} };
    },
  } satisfies ServerEvent & { toJSON(): unknown };
  for (const receiver of tiny.receivers) receiver.hear(event);
  await Promise.all(clients.map((client) => client.until((frame) => frame.event === 'changed')));
  expect(encoded).toBe(1);
});
