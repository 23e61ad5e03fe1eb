import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits, pace } from '../../src/protocol/limits.ts';
import { makeStage, newDisk, openPage, openReady, textsOf } from './engine-stage.ts';
import { settle, until } from './engine-world.ts';

test('what came while the device was away arrives in order, once', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.say(talk, ben, 'one');
  await until(() => textsOf(view).length === 1);

  world.setOnline(false);
  backend.cut();
  await world.pass(100);
  expect(engine.connection.value).toBe('offline');
  for (let i = 2; i <= 700; i++) backend.say(talk, ben, `message ${i}`);
  world.setOnline(true);
  await world.pass(2_000);
  await until(() => engine.connection.value === 'ready');
  expect(textsOf(view).at(-1)).toBe('message 700');
  const seqs = view.messages.value.map(({ seq }) => seq ?? 0);
  expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
});

test('entries lost on the way are read before what follows them is shown', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.say(talk, ben, 'one');
  await until(() => textsOf(view).length === 1);
  backend.mute = true;
  backend.say(talk, ben, 'two');
  backend.append(talk, ben, { kind: 'edit', body: { text: 'one, edited' }, target: 1 });
  backend.mute = false;
  backend.say(talk, ben, 'four');
  await until(() => textsOf(view).length === 3);
  expect(textsOf(view)).toEqual(['one, edited', 'two', 'four']);
  expect(backend.count('conversation.entries')).toBe(1);
  await world.pass(100);
  expect(engine.conversations.value[0]?.unread).toBe(3);
});

test('an entry heard while older ones are being read is not forgotten', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.say(talk, ben, 'one');
  await until(() => textsOf(view).length === 1);
  backend.mute = true;
  backend.say(talk, ben, 'two');
  backend.mute = false;
  let release = () => {};
  backend.hold = new Promise((resolve) => {
    release = resolve;
  });
  backend.say(talk, ben, 'three');
  await until(() => backend.count('conversation.entries') === 1);
  backend.say(talk, ben, 'four');
  await settle();
  backend.hold = null;
  release();
  await until(() => textsOf(view).length === 4);
  expect(textsOf(view)).toEqual(['one', 'two', 'three', 'four']);
});

test('a lost event without a successor shows within the time of a sync', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  backend.mute = true;
  backend.say(talk, ben, 'unheard');
  backend.mute = false;
  await world.pass(pace.sync + 1_000);
  expect(textsOf(view)).toEqual(['unheard']);
});

test('`changed` causes one sync, however often it is said at once', async () => {
  const { backend, anna } = makeStage();
  const { world } = await openReady(backend, anna);
  const before = backend.count('sync');
  for (let i = 0; i < 50; i++) backend.tellAll({ event: 'changed', body: {} });
  await world.pass(1_000);
  expect(backend.count('sync') - before).toBeLessThanOrEqual(2);
});

test('a device far behind drops its older cache, shows the end, and loads the rest on demand', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 1; i <= 20; i++) backend.say(talk, ben, `old ${i}`);
  const { engine, world, disk } = await openReady(backend, anna);
  await world.pass(1_000);
  world.setOnline(false);
  backend.cut();
  await world.pass(100);
  backend.append(talk, ben, { kind: 'edit', body: { text: 'old 1, edited' }, target: 1 });
  for (let i = 1; i <= limits.staleEntries + 5; i++) backend.say(talk, ben, `new ${i}`);

  expect(engine.conversations.value[0]?.last?.text).toBe('old 20');
  const before = backend.count('conversation.entries');
  const again = await openReady(backend, anna, disk);
  expect(backend.count('conversation.entries') - before).toBe(0);
  const view = again.engine.open(talk);
  await view.jumpTo('end');
  expect(textsOf(view).at(-1)).toBe(`new ${limits.staleEntries + 5}`);
  await view.jumpTo(1);
  expect(textsOf(view)[0]).toBe('old 1, edited');
});

test('opening the app reads the list from the local store alone, in one go', async () => {
  const { backend, anna, ben, talk } = makeStage();
  for (let i = 0; i < 120; i++) backend.say(backend.talk([anna, ben], 'group', `Group ${i}`), ben, 'Hi');
  backend.say(talk, ben, 'latest');
  const { world, disk } = await openReady(backend, anna);
  await world.pass(1_000);
  backend.up = false;

  const { engine } = openPage(backend, disk);
  await until(() => engine.phase.value === 'signed_in');
  expect(engine.conversations.value).toHaveLength(121);
  expect(engine.conversations.value[0]).toMatchObject({ title: 'Ben', unread: 1, last: { text: 'latest' } });
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  expect(engine.me.value?.displayName).toBe('Anna');
});

test('a message in one conversation leaves the others’ items and messages the same objects', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const other = backend.talk([anna, ben], 'group', 'Other');
  backend.say(other, ben, 'here');
  backend.say(talk, ben, 'one');
  const { engine } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => textsOf(view).length === 1);
  const item = engine.conversations.value.find(({ title }) => title === 'Other');
  const message = view.messages.value[0];
  backend.say(talk, ben, 'two');
  await until(() => textsOf(view).length === 2);
  expect(engine.conversations.value.find(({ title }) => title === 'Other')).toBe(item);
  expect(view.messages.value[0]).toBe(message);
});

test('after a restore, what was lost of mine is sent again under its key; edits and marks of before are dropped', async () => {
  const { backend, anna, ben, talk } = makeStage();
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(talk);
  await until(() => view.atEnd.value);
  view.send('kept');
  view.send('lost with the disk');
  await until(() => backend.texts(talk).length === 2);
  backend.say(talk, ben, 'also lost');
  await until(() => textsOf(view).length === 3);
  const key = view.messages.value[1]?.key;
  await world.pass(1_000);

  world.setOnline(false);
  backend.cut();
  await world.pass(100);
  view.markRead(3);
  view.edit(2, 'an edit of what is lost');
  view.send('written meanwhile');
  view.setDraft('half a thought');
  backend.restore('epoch-2', ({ entries }) => entries.splice(1));
  world.setOnline(true);
  await world.pass(5_000);
  await until(() => engine.connection.value === 'ready');

  expect(backend.texts(talk)).toEqual(['kept', 'lost with the disk', 'written meanwhile']);
  expect(backend.of(talk).entries[1]?.clientId).toBe(key);
  expect(backend.count('message.edit')).toBe(0);
  expect(backend.inputs('receipts.mark').flatMap(({ marks }) => marks as { readSeq?: number }[])).not.toContainEqual(
    expect.objectContaining({ readSeq: 3 }),
  );
  await until(() => textsOf(view).length === 3);
  expect(textsOf(view)).toEqual(['kept', 'lost with the disk', 'written meanwhile']);
  expect(view.draft.value).toBe('half a thought');
});

test('the resending after a restore survives closing the page in the middle of it', async () => {
  const { backend, anna, talk } = makeStage();
  const { engine, world, disk } = await openReady(backend, anna);
  const view = engine.open(talk);
  for (const text of ['a', 'b', 'c']) view.send(text);
  await until(() => backend.texts(talk).length === 3);
  await world.pass(1_000);
  backend.meddle = ({ op }) => (op === 'message.send' ? 'lose' : undefined);
  backend.handlers['message.send'] = () => ({ seq: 99, time: 99 });
  backend.restore('epoch-2', ({ entries }) => entries.splice(0));
  await world.pass(3_000);
  backend.meddle = () => undefined;
  const { handlers } = makeStage().backend;
  backend.handlers['message.send'] = (me, input: never) =>
    backend.once(me, input, { kind: 'message', body: { text: (input as { text: string }).text } });
  expect(handlers['message.send']).toBeDefined();

  world.setOnline(false);
  backend.cut();
  const again = openPage(backend, disk);
  await again.world.pass(10_000);
  expect(backend.texts(talk)).toEqual(['a', 'b', 'c']);
});

test('a conversation one was removed from keeps what was read before, and asks for nothing more', async () => {
  const { backend, anna, ben } = makeStage();
  const group = backend.talk([anna, ben], 'group', 'Club');
  backend.say(group, ben, 'welcome');
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(group);
  await until(() => textsOf(view).length === 1);
  const row = backend.of(group).members.get(anna);
  backend.append(group, ben, { kind: 'removed', body: { userId: anna } });
  if (row) Object.assign(row, { member: false, spans: [{ from: 1, to: 2 }] });
  backend.mute = true;
  backend.say(group, ben, 'secret');
  await world.pass(pace.sync + 1_000);
  expect(view.item.value?.conversation.mine.member).toBe(false);
  expect(view.messages.value.map(({ message }) => message?.kind)).toEqual(['message', 'removed']);
  expect(view.atEnd.value).toBe(true);
});

test('whoever comes back to a group sees no gap where they were away', async () => {
  const { backend, anna, ben } = makeStage();
  const group = backend.talk([anna, ben], 'group', 'Club');
  backend.say(group, ben, 'before');
  const { engine, world } = await openReady(backend, anna);
  const view = engine.open(group);
  await until(() => textsOf(view).length === 1);
  const row = backend.of(group).members.get(anna);
  if (row) Object.assign(row, { spans: [{ from: 1, to: 1 }] });
  backend.mute = true;
  for (let i = 0; i < 5; i++) backend.say(group, ben, 'behind closed doors');
  if (row)
    Object.assign(row, {
      spans: [
        { from: 1, to: 1 },
        { from: 7, to: null },
      ],
    });
  backend.mute = false;
  backend.say(group, ben, 'after');
  await until(() => textsOf(view).length === 2);
  expect(textsOf(view)).toEqual(['before', 'after']);
  expect(view.atEnd.value).toBe(true);
  backend.say(group, ben, 'and on');
  await until(() => textsOf(view).length === 3);
  await world.pass(100);
});

test('after any run of sends, edits, removals, losses and reconnects, a device that heard live shows what a new one reads', async () => {
  const step = fc.oneof(
    fc.record({ type: fc.constant('say' as const), who: fc.boolean() }),
    fc.record({ type: fc.constant('edit' as const), seq: fc.nat(20) }),
    fc.record({ type: fc.constant('remove' as const), seq: fc.nat(20) }),
    fc.record({
      type: fc.constantFrom(
        'mute' as const,
        'unmute' as const,
        'cut' as const,
        'pass' as const,
        'reopen' as const,
        'send' as const,
        'lose' as const,
      ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { backend, anna, ben, talk } = makeStage();
      const disk = newDisk(backend, anna);
      let device = await openReady(backend, anna, disk);
      device.engine.open(talk);
      const sent: string[] = [];
      let changes = 0;
      let losses = 0;
      backend.meddle = ({ op }) => (op === 'message.send' && losses-- > 0 ? 'lose' : undefined);
      for (const one of steps) {
        if (one.type === 'say') backend.say(talk, one.who ? anna : ben, `text ${backend.of(talk).entries.length}`);
        else if (one.type === 'edit' || one.type === 'remove') {
          const message = backend.messagesOf(talk)[one.seq];
          if (message?.kind !== 'message' || message.emptied || !message.senderId) continue;
          if (message.body.text.startsWith('mine')) continue;
          const input = { conversationId: talk, clientId: `change-${changes++}`, seq: message.seq };
          backend.handlers[`message.${one.type}`]?.(message.senderId, { ...input, text: 'edited' } as never);
        } else if (one.type === 'send') {
          sent.push(`mine ${sent.length}`);
          device.engine.open(talk).send(sent.at(-1) ?? '');
        } else if (one.type === 'lose') losses = 1;
        else if (one.type === 'mute') backend.mute = true;
        else if (one.type === 'unmute') backend.mute = false;
        else if (one.type === 'cut') backend.cut();
        else if (one.type === 'reopen') {
          await device.world.pass(50);
          device.world.setOnline(false);
          device = openPage(backend, disk);
          device.engine.open(talk);
        } else await device.world.pass(700);
      }
      backend.mute = false;
      await device.world.pass(pace.sync + 60_000);
      const fresh = await openReady(backend, anna);
      const shown = (of: typeof device) =>
        of.engine
          .open(talk)
          .messages.value.map(({ seq, text, edited, removed, sender }) => ({ seq, text, edited, removed, sender }));
      await until(() => device.engine.open(talk).loading.value === null);
      await fresh.world.pass(1_000);
      fresh.engine.open(talk);
      await fresh.world.pass(1_000);
      expect(shown(device)).toEqual(shown(fresh));
      expect(shown(device)).toHaveLength(backend.messagesOf(talk).length);
      expect(backend.texts(talk).filter((text) => text?.startsWith('mine'))).toEqual(sent);
      expect(device.engine.conversations.value[0]?.unread).toBe(fresh.engine.conversations.value[0]?.unread);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
