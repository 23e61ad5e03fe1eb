import { expect, test } from 'vitest';
import { makeStage, openReady } from './engine-stage.ts';
import { until } from './engine-world.ts';

test('what is to be sent later shows by its time, here and on the other device, until it is sent', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const other = await openReady(backend, anna);
  const here = engine.scheduled.of(talk);
  const there = other.engine.scheduled.of(talk);
  await until(() => backend.count('scheduled.list') >= 2);
  await engine.scheduled.create({ conversationId: talk, text: 'second', sendAt: world.now() + 2_000_000 });
  await engine.scheduled.create({ conversationId: talk, text: 'first', sendAt: world.now() + 1_000_000 });
  expect(here.value.map(({ text }) => text)).toEqual(['first', 'second']);
  await until(() => there.value.length === 2);

  const [first, second] = here.value;
  if (!first || !second) throw new Error('they are there');
  await engine.scheduled.change(second.clientId, { text: 'earlier', sendAt: world.now() + 500_000 });
  expect(here.value.map(({ text }) => text)).toEqual(['earlier', 'first']);
  await engine.scheduled.cancel(first.clientId);
  await engine.scheduled.sendNow(second.clientId);
  expect(here.value).toEqual([]);
  expect(backend.of(talk).entries.map(({ body }) => ('text' in body ? body.text : ''))).toEqual(['earlier']);
  await expect(engine.scheduled.sendNow(second.clientId)).rejects.toMatchObject({ reason: 'no_such_scheduled' });
});

test('nobody asks for what is sent later before somebody looks', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine } = await openReady(backend, anna);
  engine.open(talk);
  expect(backend.count('scheduled.list')).toBe(0);
});
