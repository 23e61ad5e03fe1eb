import { expect, test } from 'vitest';
import { makeStage, openPage, openReady, statesOf, textsOf } from './engine-stage.ts';
import { until } from './engine-world.ts';

test('a message is shown at once, and says when it was accepted, delivered and read', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);

  view.send('Hello');
  expect(textsOf(view)).toEqual(['Hello']);
  expect(statesOf(view)).toEqual(['waiting']);
  const key = view.messages.value[0]?.key;
  await until(() => statesOf(view)[0] === 'sent');
  expect(view.messages.value[0]).toMatchObject({ key, seq: 1, mine: true });

  const moved = (deliveredSeq: number, readSeq: number) =>
    backend.tell(talk, {
      event: 'receipts.moved',
      body: { conversationId: talk, marks: [{ userId: ben, deliveredSeq, readSeq, time: 1 }] },
    });
  moved(1, 0);
  await until(() => statesOf(view)[0] === 'delivered');
  moved(1, 1);
  await until(() => statesOf(view)[0] === 'read');
});

test('what is written offline survives closing the page and is sent, once and in order, on return', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  backend.up = false;
  backend.cut();
  await world.pass(10);
  const view = engine.open(talk);
  for (const text of ['one', 'two', 'three']) view.send(text);
  await world.pass(1_000);
  expect(statesOf(view)).toEqual(['waiting', 'waiting', 'waiting']);

  const again = openPage(backend, disk);
  await until(() => again.engine.phase.value === 'signed_in');
  const reopened = again.engine.open(talk);
  await again.world.pass(1_000);
  expect(textsOf(reopened)).toEqual(['one', 'two', 'three']);
  expect(again.engine.conversations.value[0]?.last).toMatchObject({ text: 'three', state: 'waiting' });

  backend.up = true;
  again.world.wake();
  await again.world.pass(1_000);
  expect(statesOf(reopened)).toEqual(['sent', 'sent', 'sent']);
  expect(backend.texts(talk)).toEqual(['one', 'two', 'three']);
  expect(textsOf(reopened)).toEqual(['one', 'two', 'three']);
});

test('an answer that is lost makes no second message', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  let losses = 3;
  backend.meddle = ({ op }) => (op === 'message.send' && losses-- > 0 ? 'lose' : undefined);

  view.send('once');
  view.send('twice');
  for (let i = 0; i < 8; i++) await world.pass(5_000);
  expect(backend.texts(talk)).toEqual(['once', 'twice']);
  expect(textsOf(view)).toEqual(['once', 'twice']);
  expect(statesOf(view)).toEqual(['sent', 'sent']);
});

test('a message the server cannot take now waits, and those behind it keep their place', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  let refusals = 2;
  backend.meddle = ({ op }) =>
    op === 'message.send' && refusals-- > 0 ? { code: 'too_many_requests', reason: 'slow', retryAfter: 3 } : undefined;
  view.send('first');
  view.send('second');
  await world.pass(2_000);
  expect(backend.texts(talk)).toEqual([]);
  await world.pass(10_000);
  expect(backend.texts(talk)).toEqual(['first', 'second']);
});

test('a message that is refused for good says so, and can be tried again or taken back', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  backend.meddle = ({ op, input }) =>
    op === 'message.send' && String(input.text).startsWith('bad')
      ? { code: 'too_large', reason: 'too_large' }
      : undefined;
  view.send('bad 1');
  view.send('bad 2');
  view.send('good');
  await until(() => backend.texts(talk).length === 1);
  await world.pass(100);
  expect(view.messages.value.map(({ text, state }) => [text, state])).toEqual([
    ['good', 'sent'],
    ['bad 1', 'failed'],
    ['bad 2', 'failed'],
  ]);
  expect(view.messages.value[1]?.error?.code).toBe('too_large');

  view.discard(view.messages.value[1]?.key ?? '');
  backend.meddle = () => undefined;
  view.retry(view.messages.value[1]?.key ?? '');
  await until(() => backend.texts(talk).length === 2);
  expect(textsOf(view)).toEqual(['good', 'bad 2']);
});

test('a key that the log holds with other content counts as held', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  backend.meddle = ({ op }) => (op === 'message.send' ? { code: 'conflict', reason: 'client_id_used' } : undefined);
  view.send('known');
  await world.pass(100);
  expect(textsOf(view)).toEqual([]);
});

test('two pages of one browser send what waits only once', async () => {
  const { backend, anna, talk } = makeStage();
  const first = await openReady(backend, anna);
  const second = await openReady(backend, anna, first.disk);
  backend.up = false;
  backend.cut();
  await first.world.pass(10);
  await second.world.pass(10);
  first.engine.open(talk).send('from the first');
  await first.world.pass(1_000);
  first.world.setOnline(false);

  backend.up = true;
  await second.world.pass(60_000);
  expect(backend.texts(talk)).toEqual(['from the first']);
  first.world.setOnline(true);
  await first.world.pass(60_000);
  expect(backend.texts(talk)).toEqual(['from the first']);
  expect(statesOf(first.engine.open(talk))).toEqual(['sent']);
});

test('an edit and a removal show at once and hold, also over a lost answer', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await world.pass(0);
  view.send('tipo');
  view.send('gone soon');
  await until(() => statesOf(view).every((state) => state === 'sent'));

  let losses = 2;
  backend.meddle = ({ op }) => (/edit|remove/.test(op) && losses-- > 0 ? 'lose' : undefined);
  view.edit(1, 'typo');
  view.remove(2);
  expect(view.messages.value[0]).toMatchObject({ text: 'typo', edited: true, state: 'waiting' });
  expect(view.messages.value[1]).toMatchObject({ text: '', removed: true });
  await world.pass(20_000);
  expect(view.messages.value[0]).toMatchObject({ text: 'typo', edited: true, state: 'sent' });
  expect(view.messages.value[1]).toMatchObject({ text: '', removed: true });
  expect(backend.messagesOf(talk).map(({ body }) => body)).toEqual([{ text: 'typo' }, {}]);
  expect(backend.of(talk).entries).toHaveLength(4);
});
