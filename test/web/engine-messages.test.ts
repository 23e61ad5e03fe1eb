import { expect, test } from 'vitest';
import { makeStage, openPage, openReady, textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';

const like = { emoji: '👍', count: 1, mine: true };

test('a reply keeps what it answers over closing the page, and shows it as it is now', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  backend.say(talk, ben, 'Shall we meet?');
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  view.reply(1);
  expect(view.replyingTo.value).toMatchObject({ seq: 1, is: 'there', text: 'Shall we meet?' });
  view.setDraft('Yes');
  view.send('Yes');
  expect(view.replyingTo.value).toBeNull();
  expect(view.draft.value).toBe('');
  expect(view.messages.value[1]?.quote).toMatchObject({ seq: 1, text: 'Shall we meet?' });
  const key = view.messages.value[1]?.key;
  await world.pass(1_000);

  const again = openPage(backend, disk);
  await until(() => again.engine.phase.value === 'signed_in');
  const reopened = again.engine.open(talk);
  await until(() => textsOf(reopened).length === 2);
  expect(reopened.messages.value[1]).toMatchObject({ key, state: 'waiting', quote: { seq: 1 } });
  let losses = 2;
  backend.meddle = ({ op }) => (op === 'message.send' && losses-- > 0 ? 'lose' : undefined);
  backend.up = true;
  again.world.wake();
  await again.world.pass(20_000);
  const sent = backend.of(talk).entries[1];
  expect(sent).toMatchObject({ clientId: key, body: { text: 'Yes', replyTo: 1 } });
  expect(backend.of(talk).entries).toHaveLength(2);

  backend.append(talk, ben, { kind: 'edit', body: { text: 'Shall we meet at six?' }, target: 1 });
  await until(() => reopened.messages.value[1]?.quote?.text === 'Shall we meet at six?');
  backend.append(talk, ben, { kind: 'removal', body: {}, target: 1 });
  await until(() => reopened.messages.value[1]?.quote?.is === 'removed');
});

test('the original of a quote is asked for where it is not here, once, and what is not mine to read says so', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 0; i < 300; i++) backend.say(talk, ben, `old ${i + 1}`);
  backend.append(talk, ben, { kind: 'message', body: { text: 'about the first', replyTo: 1 } });
  backend.append(talk, ben, { kind: 'message', body: { text: 'again', replyTo: 1 } });
  const row = backend.row(talk, anna);
  row.readSeq = 302;
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.messages.value.at(-1)?.quote?.is === 'there');
  expect(view.messages.value.at(-1)?.quote?.text).toBe('old 1');
  expect(view.messages.value.at(-2)?.quote?.text).toBe('old 1');
  expect(backend.inputs('message.look')).toEqual([{ conversationId: talk, seqs: [1] }]);
  backend.append(talk, ben, { kind: 'message', body: { text: 'about nothing', replyTo: 299 } });
  await until(() => textsOf(view).at(-1) === 'about nothing');
  expect(view.messages.value.at(-1)?.quote).toMatchObject({ is: 'there', text: 'old 299' });

  row.spans = [{ from: 200, to: null }];
  backend.append(talk, ben, { kind: 'message', body: { text: 'of before', replyTo: 7 } });
  await until(() => view.messages.value.at(-1)?.quote?.is === 'hidden');
});

test('a reaction shows at once, holds when the answer is late or lost, and takes nobody else’s place', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'We won');
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  let losses = 1;
  backend.meddle = ({ op }) => (op === 'message.react' && losses-- > 0 ? 'lose' : undefined);
  view.react(1, '👍', true);
  expect(view.messages.value[0]?.reactions).toEqual([like]);
  await world.pass(20_000);
  expect(view.messages.value[0]?.reactions).toEqual([like]);
  backend.append(talk, ben, {
    kind: 'reaction',
    body: { changes: [{ userId: ben, emoji: '👍', on: true }] },
    target: 1,
  });
  await until(() => view.messages.value[0]?.reactions[0]?.count === 2);
  view.react(1, '👍', false);
  expect(view.messages.value[0]?.reactions).toEqual([{ ...like, mine: false }]);
  await world.pass(20_000);
  expect(view.messages.value[0]?.reactions).toEqual([{ ...like, mine: false }]);
  expect(backend.messagesOf(talk)[0]?.reactions).toEqual([{ emoji: '👍', count: 1, userIds: [ben] }]);
});

test('a reaction waits while offline and over closing the page; of several only the last is sent', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  backend.say(talk, ben, 'We won');
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  for (const on of [true, false, true]) view.react(1, '👍', on);
  await world.pass(1_000);
  world.setOnline(false);
  const again = openPage(backend, disk);
  const reopened = again.engine.open(talk);
  await until(() => reopened.messages.value[0]?.reactions.length === 1);
  backend.up = true;
  again.world.wake();
  await again.world.pass(5_000);
  expect(backend.inputs('message.react')).toEqual([{ conversationId: talk, seq: 1, emoji: '👍', on: true }]);
});

test('a reaction that is refused is shown no more, and why is told; messages behind it go on', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'We won');
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  backend.meddle = ({ op }) =>
    op === 'message.react' ? { code: 'conflict', reason: 'too_many_reactions' } : undefined;
  view.react(1, '👍', true);
  view.send('Hurray');
  await until(() => engine.refused.value?.reason === 'too_many_reactions');
  expect(view.messages.value[0]?.reactions).toEqual([]);
  await world.pass(100);
  expect(backend.texts(talk)).toEqual(['We won', 'Hurray']);
});

test('a message is sent while a reaction waits for its answer', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'We won');
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  backend.meddle = ({ op }) => (op === 'message.react' ? 'hang' : undefined);
  view.react(1, '👍', true);
  view.send('Hurray');
  await world.pass(100);
  expect(view.messages.value[1]).toMatchObject({ text: 'Hurray', state: 'sent' });
});

test('a vote shows at once, can be changed and taken back, and what is a poll of mine survives like a text', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  view.sendPoll({ question: 'When?', options: ['Six', 'Seven'], several: false });
  expect(view.messages.value[0]).toMatchObject({ text: 'When?', poll: { voters: 0, voted: false }, state: 'waiting' });
  await until(() => view.messages.value[0]?.state === 'sent');
  view.vote(1, [1]);
  expect(view.messages.value[0]?.poll?.options.map(({ mine }) => mine)).toEqual([false, true]);
  await world.pass(100);
  backend.append(talk, ben, { kind: 'vote', body: { votes: [{ userId: ben, options: [1] }] }, target: 1 });
  await until(() => view.messages.value[0]?.poll?.voters === 2);
  view.vote(1, []);
  expect(view.messages.value[0]?.poll).toMatchObject({ voters: 1, voted: false });
  await world.pass(20_000);
  expect(backend.messagesOf(talk)[0]?.ballots).toEqual([{ userId: ben, options: [1] }]);
  expect(view.messages.value[0]?.poll).toMatchObject({ voters: 1, voted: false });
});

test('what I forward shows at once under the name of who wrote it first', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const notes = backend.talk([anna]);
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'The address is 5 Hill Road');
  const [from, to] = [engine.open(talk), engine.open(notes)];
  await until(() => textsOf(from).length === 1);
  const message = from.messages.value[0];
  if (message) from.forward(message, notes);
  expect(to.messages.value[0]).toMatchObject({
    text: 'The address is 5 Hill Road',
    forwarded: 'Ben',
    state: 'waiting',
  });
  await world.pass(3_000);
  expect(backend.of(notes).entries[0]?.body).toMatchObject({ forwarded: { userId: ben, displayName: 'Ben' } });
  expect(to.messages.value).toHaveLength(1);
  expect(to.messages.value[0]).toMatchObject({ forwarded: 'Ben', seq: 1 });
});

test('whom I mention is known here too, as the server has it', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  view.send('@person2 look');
  await world.pass(3_000);
  expect(view.messages.value[0]?.mentions.map(({ userId }) => userId)).toEqual([ben]);
  expect(view.messages.value[0]?.state).toBe('sent');
});

test('an event that is lost does not leave a message of mine behind', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  backend.mute = true;
  view.send('@person2 look');
  await world.pass(10_000);
  expect(view.messages.value[0]?.message?.seq).toBe(1);
});

test('messages that mention me are counted, found in order, and no more when they are read', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 0; i < 150; i++) backend.say(talk, ben, `${i}`);
  backend.append(talk, ben, { kind: 'message', body: { text: '@person1 first', mentions: [anna] } });
  for (let i = 0; i < 150; i++) backend.say(talk, ben, `${i}`);
  const { engine } = await openReady(backend, anna);
  const item = () => engine.conversations.value[0];
  await until(() => item()?.mentions === 1);
  backend.append(talk, ben, { kind: 'message', body: { text: '@person1 second', mentions: [anna] } });
  await until(() => item()?.mentions === 2);
  const view = engine.open(talk);
  await until(() => view.messages.value.length > 0);
  expect(await view.nextMention()).toBe(151);
  await view.jumpTo(151);
  view.markRead(151);
  expect(await view.nextMention()).toBe(302);
  view.markRead(302);
  await until(() => item()?.mentions === 0);
  expect(await view.nextMention()).toBeNull();
});

test('a message I remove for myself goes at once, stays away, and goes on my other devices', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  backend.say(talk, ben, 'fine');
  backend.say(talk, ben, 'embarrassing');
  const [view, there] = [engine.open(talk), other.engine.open(talk)];
  await until(() => textsOf(view).length === 2 && textsOf(there).length === 2);
  view.hide(2);
  expect(textsOf(view)).toEqual(['fine']);
  await until(() => textsOf(there).length === 1);
  await until(() => engine.conversations.value[0]?.last?.text === 'fine');
  expect(backend.texts(talk)).toEqual(['fine', 'embarrassing']);
  await world.pass(1_000);
  const again = openPage(backend, disk);
  await until(() => again.engine.connection.value === 'ready');
  const reopened = again.engine.open(talk);
  await until(() => textsOf(reopened).length > 0);
  expect(textsOf(reopened)).toEqual(['fine']);
});

test('a reply to what is gone is sent without its quote; a forward of it says that it failed', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const notes = backend.talk([anna]);
  const { engine, world } = await openReady(backend, anna);
  backend.say(talk, ben, 'soon gone');
  const [view, there] = [engine.open(talk), engine.open(notes)];
  await until(() => textsOf(view).length === 1);
  backend.meddle = ({ op, input }) => {
    if (op === 'message.forward') return { code: 'conflict', reason: 'message_removed' };
    return input.replyTo === undefined ? undefined : { code: 'not_found', reason: 'no_such_message' };
  };
  view.reply(1);
  view.send('My answer');
  const message = view.messages.value[0];
  if (message) view.forward(message, notes);
  await world.pass(3_000);
  expect(backend.texts(talk)).toEqual(['soon gone', 'My answer']);
  expect(view.messages.value[1]).toMatchObject({ state: 'sent', quote: null });
  expect(there.messages.value[0]).toMatchObject({ state: 'failed', text: 'soon gone' });
  expect(there.messages.value[0]?.error?.reason).toBe('message_removed');
});

test('what a link leads to is shown, and goes with the link; a message sent without says so over a lost answer', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  const preview = { url: 'https://example.org/', site: 'example.org', title: 'Example', description: '' };
  backend.say(talk, ben, 'see https://example.org/');
  await until(() => textsOf(view).length === 1);
  expect(view.messages.value[0]?.preview).toBeNull();
  backend.append(talk, ben, { kind: 'preview', body: preview, target: 1 });
  await until(() => view.messages.value[0]?.preview?.title === 'Example');
  backend.append(talk, ben, { kind: 'edit', body: { text: 'see nothing' }, target: 1 });
  await until(() => view.messages.value[0]?.preview === null);

  let losses = 1;
  backend.meddle = ({ op }) => (op === 'message.send' && losses-- > 0 ? 'lose' : undefined);
  view.send('https://example.org/', { preview: false });
  await world.pass(20_000);
  await until(() => view.messages.value[1]?.state === 'sent');
  expect(backend.of(talk).entries.at(-1)?.body).toEqual({ text: 'https://example.org/', preview: false });
  expect(view.messages.value[1]?.message?.body).toEqual({ text: 'https://example.org/', preview: false });
});
