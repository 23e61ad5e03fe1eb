import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { MessageLog } from '../../src/ports/message-log.ts';
import { makeHandClock } from '../support/clock.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { logKinds } from '../support/message-logs.ts';
import { addPeople } from '../support/people.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

describe.each(logKinds())('with messages on $name', (kind) => {
  let place: string;
  let talkers: Talkers;
  let anna: Device;
  let boris: Device;
  let carla: Device;
  const clock = makeHandClock();
  beforeEach(async (context) => {
    const found = await kind.place();
    if (found === null) return context.skip();
    place = found;
    talkers = await makeTalkers({ clock, messages: await kind.open(place, clock) });
    ({ anna, boris, carla } = talkers);
  });
  afterEach(() => talkers?.close());

  it('what is said and what becomes of it reads the same in history, in looks and in counts', async () => {
    const conversationId = await talkers.group(boris, carla);
    const key = () => ({ conversationId, clientId: newClientId() });
    const hello = await talkers.send(anna, conversationId, 'helo');
    await anna.call('message.edit', { ...key(), seq: hello, text: 'hello' });
    const reply = { ...key(), text: `${await talkers.at(carla)} hi`, replyTo: hello };
    const first = await boris.call('message.send', reply);
    expect(await boris.call('message.send', reply)).toEqual(first);
    const from = { conversationId, seq: hello };
    const forward = { ...key(), from };
    const sent = await boris.call('message.forward', forward);
    await anna.call('message.edit', { ...key(), seq: hello, text: 'Hello' });
    expect(await boris.call('message.forward', forward)).toEqual(sent);
    const poll = await anna.call('poll.create', { ...key(), question: '?', options: ['a', 'b'], several: true });
    await talkers.answered(
      Promise.all([
        ...[boris, carla].map((device) =>
          device.call('poll.vote', { conversationId, seq: poll.seq, options: device === boris ? [1, 0] : [1] }),
        ),
        ...[boris, carla].map((device) =>
          device.call('message.react', { conversationId, seq: hello, emoji: '👍', on: true }),
        ),
      ]),
    );
    await anna.call('poll.close', { conversationId, seq: poll.seq });
    const oops = await talkers.send(anna, conversationId, '@all oops');
    await anna.call('message.remove', { ...key(), seq: oops });

    const { messages } = await carla.call('conversation.history', { conversationId });
    const expected = [
      { seq: 1, kind: 'created' },
      {
        seq: hello,
        body: { text: 'Hello' },
        reactions: [{ emoji: '👍', count: 2, userIds: [boris.userId, carla.userId] }],
      },
      { seq: first.seq, body: { text: reply.text, replyTo: hello, mentions: [carla.userId] } },
      { seq: sent.seq, body: { text: 'hello', forwarded: { userId: anna.userId } } },
      {
        seq: poll.seq,
        closed: true,
        ballots: [
          { userId: boris.userId, options: [0, 1] },
          { userId: carla.userId, options: [1] },
        ],
      },
      { seq: oops, body: {}, emptied: true },
    ];
    expect(messages).toMatchObject(expected);
    const seqs = messages.map(({ seq }) => seq);
    expect((await carla.call('message.look', { conversationId, seqs })).messages).toEqual(messages);
    const said = await carla.call('message.edits', { conversationId, seq: hello });
    expect(said.wordings.map(({ text }) => text)).toEqual(['helo', 'hello', 'Hello']);
    const { reactions } = await carla.call('message.reactions', { conversationId, seq: hello });
    expect(reactions).toEqual([{ emoji: '👍', userIds: [boris.userId, carla.userId] }]);
    const { mine } = (await anna.call('conversation.show', { conversationId })).conversation;
    expect(mine).toMatchObject({ unread: 0, mentions: 0 });
  });

  it('counts what mentions somebody, and not what was removed', async () => {
    const conversationId = await talkers.group(boris, carla);
    const mention = `${await talkers.at(carla)}, come`;
    for (const text of [mention, 'hi', '@all', mention]) await talkers.send(anna, conversationId, text);
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq: 2 });
    const { mine } = (await carla.call('conversation.show', { conversationId })).conversation;
    expect(mine).toMatchObject({ unread: 3, mentions: 2 });
  });

  it('reactions of many at two nodes are all there, each once', async () => {
    const { platform } = talkers;
    const people = await addPeople(platform, 70);
    const conversationId = await talkers.group(boris);
    await anna.call('conversation.addMembers', { conversationId, userIds: [...people] });
    const seq = await talkers.send(anna, conversationId, 'who comes?');
    const second: MessageLog = kind.name === 'SQLite' ? platform.messages : await kind.open(place, clock, 'second');
    const nodes: Messaging[] = [
      makeMessaging({ ...platform, node: 'first' }),
      makeMessaging({ ...platform, node: 'second', messages: second }),
    ];
    const work = people.flatMap((userId) =>
      nodes.map((node) =>
        makeDevice(node.handlers, userId).call('message.react', { conversationId, seq, emoji: '✋', on: true }),
      ),
    );
    await talkers.answered(Promise.all(work));
    expect((await talkers.look(anna, conversationId, seq))?.reactions).toMatchObject([{ count: people.length }]);
    const { reactions } = await anna.call('message.reactions', { conversationId, seq });
    expect(reactions[0]?.userIds).toHaveLength(people.length);
    for (const node of nodes) await node.stop();
    if (second !== platform.messages) await second.close();
  });
});
