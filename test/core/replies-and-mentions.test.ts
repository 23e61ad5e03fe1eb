import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { mentionedIn } from '../../src/core/messaging/mentions.ts';
import { makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let anna: Device;
let boris: Device;
let carla: Device;
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ anna, boris, carla } = talkers);
});
afterEach(() => talkers.close());

const body = async (conversationId: ConversationId, seq: number) =>
  (await talkers.entries(conversationId))[seq - 1]?.body;

describe('a reply', () => {
  const reply = (device: Device, conversationId: ConversationId, replyTo: number, clientId = newClientId()) =>
    device.call('message.send', { conversationId, clientId, text: 'so it is', replyTo });

  it('names the message it answers, and shows what stands there now', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'frist');
    const { seq } = await reply(boris, conversationId, 1);
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq: 1, text: 'first' });
    expect(await body(conversationId, seq)).toEqual({ text: 'so it is', replyTo: 1 });
    const { messages } = await boris.call('message.look', { conversationId, seqs: [1] });
    expect(messages).toMatchObject([{ seq: 1, body: { text: 'first' } }]);
  });

  it('may answer a poll', async () => {
    const conversationId = await talkers.direct();
    await anna.call('poll.create', { conversationId, clientId: newClientId(), question: '?', options: ['a', 'b'] });
    expect(await body(conversationId, (await reply(boris, conversationId, 1)).seq)).toMatchObject({ replyTo: 1 });
  });

  it('to what is no message, is not there, or was removed is refused', async () => {
    const conversationId = await talkers.group(boris);
    await talkers.send(anna, conversationId, 'gone soon');
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq: 2, text: 'gone' });
    const refusal = { code: 'not_found', reason: 'no_such_message' };
    for (const seq of [1, 3, 99]) await expect(reply(boris, conversationId, seq)).rejects.toMatchObject(refusal);
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 2 });
    await expect(reply(boris, conversationId, 2)).rejects.toMatchObject(refusal);
  });

  it('to what was said before one came is refused', async () => {
    const conversationId = await talkers.group(boris);
    await talkers.send(anna, conversationId, 'before');
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await expect(reply(carla, conversationId, 2)).rejects.toMatchObject({ reason: 'no_such_message' });
  });

  it('is answered again by its key when what it answers was removed meanwhile; another quote is another message', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, 'one');
    await talkers.send(anna, conversationId, 'two');
    const clientId = newClientId();
    const first = await reply(boris, conversationId, 1, clientId);
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 1 });
    expect(await reply(boris, conversationId, 1, clientId)).toEqual(first);
    await expect(reply(boris, conversationId, 2, clientId)).rejects.toMatchObject({ reason: 'client_id_used' });
    const plain = boris.call('message.send', { conversationId, clientId, text: 'so it is' });
    await expect(plain).rejects.toMatchObject({ reason: 'client_id_used' });
  });

  it('keeps its place between the texts of one socket', async () => {
    const conversationId = await talkers.direct();
    await talkers.send(anna, conversationId, '0');
    const sent = Array.from({ length: 30 }, (_, i) =>
      i % 3 === 1
        ? anna.call('message.send', { conversationId, clientId: newClientId(), text: `${i + 1}`, replyTo: 1 })
        : anna.call('message.send', { conversationId, clientId: newClientId(), text: `${i + 1}` }),
    );
    await Promise.all(sent);
    const texts = (await talkers.entries(conversationId)).map((entry) => entry.kind === 'message' && entry.body.text);
    expect(texts).toEqual(texts.map((_, i) => `${i}`));
  });

  it('of somebody who is removed at the same time does not come behind their removal', async () => {
    const conversationId = await talkers.group(boris);
    await talkers.send(anna, conversationId, 'well?');
    const name = await talkers.at(anna);
    const work = Array.from({ length: 20 }, (_, i) =>
      boris
        .call('message.send', { conversationId, clientId: newClientId(), text: `${i} ${name}`, replyTo: 2 })
        .catch(() => null),
    );
    work.push(anna.call('conversation.removeMember', { conversationId, userId: boris.userId }).then(() => null));
    await Promise.all(work);
    const entries = await talkers.entries(conversationId);
    const removed = entries.find(({ kind }) => kind === 'removed')?.seq ?? 0;
    expect(entries.filter(({ senderId, seq }) => senderId === boris.userId && seq > removed)).toEqual([]);
  });
});

describe('a mention', () => {
  it('is resolved among those who are in now, whatever the case of the letters', async () => {
    const conversationId = await talkers.group(boris);
    const [b, c] = [(await talkers.at(boris)).toUpperCase(), await talkers.at(carla)];
    const seq = await talkers.send(anna, conversationId, `${b}, have you seen ${c}, or @nobody?`);
    expect(await body(conversationId, seq)).toMatchObject({ mentions: [boris.userId] });
    await anna.call('conversation.removeMember', { conversationId, userId: boris.userId });
    const again = await talkers.send(anna, conversationId, `${b} is gone`);
    expect(await body(conversationId, again)).toEqual({ text: `${b} is gone` });
  });

  it('counts for whom it is, until they read it', async () => {
    const conversationId = await talkers.group(boris, carla);
    await talkers.send(anna, conversationId, `${await talkers.at(boris)} come`);
    await talkers.send(anna, conversationId, '@all come');
    const counted = async (device: Device) => {
      const { unread, mentions } = (await device.call('conversation.show', { conversationId })).conversation.mine;
      return { unread, mentions };
    };
    expect(await counted(boris)).toEqual({ unread: 2, mentions: 2 });
    expect(await counted(carla)).toEqual({ unread: 2, mentions: 1 });
    await talkers.send(boris, conversationId, 'coming');
    expect(await counted(boris)).toEqual({ unread: 0, mentions: 0 });
  });

  it('of everybody is for owners and admins of groups; elsewhere it is plain text', async () => {
    const conversationId = await talkers.group(boris, carla);
    await anna.call('conversation.setRole', { conversationId, userId: carla.userId, role: 'admin' });
    const all = (text: string) => ({ text, mentionsAll: true });
    expect(await body(conversationId, await talkers.send(anna, conversationId, '@all!'))).toEqual(all('@all!'));
    expect(await body(conversationId, await talkers.send(carla, conversationId, '@ALL'))).toEqual(all('@ALL'));
    expect(await body(conversationId, await talkers.send(boris, conversationId, '@all'))).toEqual({ text: '@all' });
    const two = await talkers.direct();
    expect(await body(two, await talkers.send(anna, two, '@all'))).toEqual({ text: '@all' });
  });

  it('is answered again by its key when the mentioned person left meanwhile, and when the sender did', async () => {
    const conversationId = await talkers.group(boris, carla);
    const input = { conversationId, clientId: newClientId(), text: `${await talkers.at(carla)} and @all` };
    const first = await anna.call('message.send', input);
    const second = await boris.call('message.send', input);
    await carla.call('conversation.leave', { conversationId });
    await boris.call('conversation.leave', { conversationId });
    expect(await anna.call('message.send', input)).toEqual(first);
    expect(await boris.call('message.send', input)).toEqual(second);
    const other = { ...input, text: `${input.text}!` };
    await expect(anna.call('message.send', other)).rejects.toMatchObject({ reason: 'client_id_used' });
    expect((await talkers.entries(conversationId)).filter(({ kind }) => kind === 'message')).toHaveLength(2);
  });
});

test('a send without a reply and without a name looks nothing up, and one with a mail address neither', async () => {
  const conversationId = await talkers.direct();
  const { platform } = talkers;
  const asked: string[] = [];
  const watched = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        asked.push(String(name));
        return Reflect.get(target, name);
      },
    });
  const fast = makeMessaging({ ...platform, messages: watched(platform.messages), users: watched(platform.users) });
  const device = makeDevice(fast.handlers, anna.userId);
  await device.call('message.send', { conversationId, clientId: newClientId(), text: 'warm' });
  asked.length = 0;
  for (const text of ['plain', 'write to anna@example.org', '`@someone` @', 'https://example.org/@someone'])
    await device.call('message.send', { conversationId, clientId: newClientId(), text });
  expect(asked).toEqual(['append', 'append', 'append', 'append']);
  await fast.stop();
});

describe('what a text mentions', () => {
  const names = (text: string) => mentionedIn(text)?.names ?? null;

  it.each([
    ['@anna', ['anna']],
    ['hi @Anna, and @борис!', ['anna', 'борис']],
    ['(@anna) "@boris"… @carla: @dora.', ['anna', 'boris', 'carla', 'dora']],
    ['@anna.maria-b_c is one name', ['anna.maria-b_c']],
    ['@anna... and @anna once', ['anna']],
    ['@anna\n@boris', ['anna', 'boris']],
    ['@ａｎｎａ', ['anna']],
    ['@müller', ['müller']],
    ['@mu\u0308ller', ['müller']],
  ])('%s', (text, found) => {
    expect(names(text)).toEqual(found);
  });

  it.each([
    'nothing',
    '@',
    '@ anna',
    '@x',
    'a@b.c',
    'anna@example.org',
    'first.last@example.org',
    '@anna@example.org',
    '@anna.b@example.org',
    'https://example.org/@anna',
    '`@anna`',
    '```\n@anna\n@all\n```',
    '@@anna',
    `@${'a'.repeat(33)}`,
  ])('nobody: %s', (text) => {
    expect(mentionedIn(text)).toBeNull();
  });

  it('goes on behind code', () => {
    expect(names('`a`@anna `@boris` ```\n@carla``` @dora')).toEqual(['anna', 'dora']);
  });

  it('is everybody once it says so, who is nobody’s name', () => {
    expect(mentionedIn('@all @anna @All')).toEqual({ names: ['anna'], all: true });
    expect(mentionedIn('@all@example.org @alle')).toEqual({ names: ['alle'], all: false });
  });

  it('is bounded in names, and in time by the length', () => {
    const flood = Array.from({ length: 2_000 }, (_, i) => `@n${i}`).join(' ');
    expect(names(flood)).toHaveLength(limits.mentionsPerMessage);
    for (const part of ['@a', '@a.', 'a.', '@', '`', 'a', '```a'])
      expect(mentionedIn(`@${part.repeat(limits.textBytes / part.length)}@`)).toBeNull();
  });
});
