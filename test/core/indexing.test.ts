import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Messaging, makeMessaging } from '../../src/core/messaging/messaging.ts';
import type { SearchIndex } from '../../src/ports/search-index.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { local } from '../support/auth.ts';
import { type Device, makeDevice, newClientId } from '../support/device.ts';
import { makeTestPlatform, type TestPlatform } from '../support/platform.ts';
import { findTexts } from '../support/searches.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let platform: TestPlatform;
let anna: Device;
let boris: Device;
const nodes: Messaging[] = [];
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ platform, anna, boris } = talkers);
  // Its first look around is over.
  await indexed();
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  await talkers.close();
});

const indexed = () => platform.clock.pass(2_000);

/** One more server process on the same stores, not started. */
function node(name: string, search: SearchIndex = platform.search): Messaging {
  const made = makeMessaging({ ...platform, node: name, search });
  nodes.push(made);
  return made;
}

async function say(conversationId: ConversationId, ...texts: string[]): Promise<void> {
  for (const text of texts) await talkers.send(anna, conversationId, text);
}

const progress = async (of = talkers.messaging) => await of.handlers['search.progress']({}, local);

/** An index whose stores are refused while `isOut`. */
function failing(isOut: () => boolean): SearchIndex {
  const refuse = () => {
    if (isOut()) throw new AppError('unavailable', 'disk_full');
  };
  const { search } = platform;
  return {
    ...search,
    async store(...ask) {
      refuse();
      return search.store(...ask);
    },
    async drop(...ask) {
      refuse();
      return search.drop(...ask);
    },
  };
}

describe('the index is behind', () => {
  it('when a node ends before it indexed, and reads on when it starts again', async () => {
    const conversationId = await talkers.direct();
    await say(conversationId, 'early');
    await indexed();
    await say(conversationId, 'late');
    await talkers.messaging.stop();
    await platform.clock.pass(5_000);
    const again = node('main');
    expect(await findTexts(makeDevice(again.handlers, boris.userId), 'late')).toEqual([]);
    await again.start();
    await indexed();
    const device = makeDevice(again.handlers, boris.userId);
    expect(await findTexts(device, 'late')).toEqual(['late']);
    expect(await findTexts(device, 'early')).toEqual(['early']);
    expect(await progress(again)).toEqual({ indexed: 2, total: 2 });
  });

  it('by what other nodes stored, and reads that from the log', async () => {
    const conversationId = await talkers.direct();
    const other = node('other');
    const theirs = makeDevice(other.handlers, boris.userId);
    for (let i = 0; i < 5; i++) {
      await say(conversationId, `mine ${i}`);
      await talkers.send(theirs, conversationId, `theirs ${i}`);
    }
    await indexed();
    expect(await findTexts(anna, 'theirs')).toHaveLength(5);
    expect(await findTexts(theirs, 'mine')).toHaveLength(5);
    expect(await progress()).toEqual({ indexed: 10, total: 10 });
  });

  it('by a node that never came back: others look around from time to time', async () => {
    const conversationId = await talkers.direct();
    const other = node('other');
    await talkers.send(makeDevice(other.handlers, boris.userId), conversationId, 'orphan');
    await other.stop();
    await indexed();
    expect(await findTexts(anna, 'orphan')).toEqual([]);
    await platform.clock.pass(10 * 60_000);
    await indexed();
    expect(await findTexts(anna, 'orphan')).toEqual(['orphan']);
  });

  it('while its disk is full; sends and removals go on, and it catches up', async () => {
    let isOut = true;
    const full = node(
      'full',
      failing(() => isOut),
    );
    const device = makeDevice(full.handlers, anna.userId);
    const conversationId = await talkers.direct();
    const seq = await talkers.send(device, conversationId, 'one word');
    await talkers.send(device, conversationId, 'two words');
    await platform.clock.pass(20_000);
    await device.call('message.remove', { conversationId, clientId: newClientId(), seq });
    expect((await platform.messages.entry(conversationId, seq))?.emptied).toBe(true);
    expect(await findTexts(device, 'word')).toEqual([]);
    isOut = false;
    await platform.clock.pass(10_000);
    expect(await findTexts(device, 'word')).toEqual(['two words']);
    expect(platform.logged).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringMatching(/behind/) }),
    );
  });

  it('by far, and takes a long log in slices', async () => {
    const conversationId = await talkers.direct();
    await talkers.messaging.stop();
    for (let i = 0; i < 1_050; i++) await talkers.send(anna, conversationId, `slice ${i} ${'word '.repeat(i % 9)}`);
    const again = node('again');
    await again.start();
    await platform.clock.pass(5_000);
    expect(await progress(again)).toEqual({ indexed: 1_050, total: 1_050 });
    expect(await findTexts(makeDevice(again.handlers, boris.userId), 'slice', { limit: 50 })).toHaveLength(1_050);
  });
});

describe('the index is ahead', () => {
  it('of a log that lost its end: it begins that conversation anew', async () => {
    const conversationId = await talkers.direct();
    await say(conversationId, 'one');
    await indexed();
    // As a log that was put back would leave it.
    const ghost = { seq: 40, time: platform.clock.now(), senderId: null, stems: 'ghost', more: '', hasLink: false };
    await platform.search.claim('main', [{ conversationId, seq: 40 }], 60_000);
    await platform.search.store('main', [{ conversationId, from: 1, to: 40, added: [ghost], edited: [], dropped: [] }]);
    expect(await findTexts(boris, 'ghost')).toEqual([]);
    await say(conversationId, 'two');
    await platform.clock.pass(10 * 60_000);
    await indexed();
    expect(await progress()).toEqual({ indexed: 2, total: 2 });
    expect(await findTexts(boris, 'two')).toEqual(['two']);
    expect(await findTexts(boris, 'one')).toEqual(['one']);
  });

  it('of another epoch: it is made anew', async () => {
    const conversationId = await talkers.direct();
    await say(conversationId, 'before');
    await indexed();
    const epoch = async () => 'restored';
    const restored = makeMessaging({ ...platform, messages: { ...platform.messages, epoch } });
    nodes.push(restored);
    await restored.start();
    await platform.clock.pass(0);
    expect(platform.logged).toContainEqual(expect.objectContaining({ msg: 'search index begun anew' }));
    await indexed();
    expect(await findTexts(makeDevice(restored.handlers, boris.userId), 'before')).toEqual(['before']);
  });
});

describe('the index never shows', () => {
  it('what was removed before it came to it', async () => {
    const conversationId = await talkers.direct();
    const seq = await talkers.send(anna, conversationId, 'regret');
    await anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text: 'worse regret' });
    await anna.call('message.remove', { conversationId, clientId: newClientId(), seq });
    await indexed();
    expect(await findTexts(boris, 'regret')).toEqual([]);
    const within = [{ conversationId, spans: [{ from: 1, to: null }] }];
    const terms = [{ kind: 'word', stems: ['regret'], begins: null }] as const;
    const ask = { terms, within, senderId: null, hasLink: false, since: null, until: null, behind: null, limit: 9 };
    expect(await platform.search.find(ask)).toMatchObject({ found: [] });
  });

  it('the words of a removed message, from the moment on that its text is erased', async () => {
    const conversationId = await talkers.direct();
    const seq = await talkers.send(anna, conversationId, 'regret');
    await indexed();
    const order: string[] = [];
    const watched = makeMessaging({
      ...platform,
      search: {
        ...platform.search,
        drop: async (...ask) => {
          await platform.search.drop(...ask);
          order.push('dropped');
        },
      },
      messages: {
        ...platform.messages,
        erase: async (...ask) => {
          order.push('erased');
          await platform.messages.erase(...ask);
        },
      },
    });
    nodes.push(watched);
    const device = makeDevice(watched.handlers, anna.userId);
    await device.call('message.remove', { conversationId, clientId: newClientId(), seq });
    expect(order).toEqual(['dropped', 'erased']);
  });
});

describe('two nodes', () => {
  it('share the work, and what both did counts once', async () => {
    const [one, two] = [node('one'), node('two')];
    const devices = [one, two].map((each) => makeDevice(each.handlers, anna.userId)) as [Device, Device];
    const conversationIds = [await talkers.direct(), await talkers.group(boris)];
    for (let i = 0; i < 40; i++)
      await talkers.send(devices[i % 2] as Device, conversationIds[(i >> 1) % 2] as ConversationId, `shared ${i}`);
    await indexed();
    const texts = await findTexts(boris, 'shared', { limit: 7 });
    expect(texts.toSorted()).toEqual(Array.from({ length: 40 }, (_, i) => `shared ${i}`).toSorted());
    const { indexed: count, total } = await progress(one);
    expect(count).toBe(total);
  });

  it('wait for each other only until the other one is known to be gone', async () => {
    const conversationId = await talkers.direct();
    await platform.search.claim('gone', [{ conversationId, seq: 1 }], 10_000);
    await say(conversationId, 'held');
    await platform.clock.pass(5_000);
    expect(await findTexts(boris, 'held')).toEqual([]);
    await platform.clock.pass(6_000);
    expect(await findTexts(boris, 'held')).toEqual(['held']);
  });
});

describe('rebuilding', () => {
  it('empties the index and fills it again', async () => {
    const conversationId = await talkers.direct();
    await say(conversationId, 'brick', 'bricks');
    await indexed();
    await talkers.messaging.handlers['search.rebuild']({}, local);
    expect(await progress()).toEqual({ indexed: 0, total: 2 });
    await say(conversationId, 'brick again');
    await indexed();
    expect(await progress()).toEqual({ indexed: 3, total: 3 });
    expect(await findTexts(boris, 'brick')).toEqual(['brick again', 'bricks', 'brick']);
  });

  it('happens by itself where words are stemmed otherwise than before', async () => {
    const conversationId = await talkers.direct();
    await say(conversationId, 'BRICKS');
    await indexed();
    await talkers.messaging.stop();
    const stemmer = { version: 'none', stems: (word: string) => [word] as [string] };
    const other = makeMessaging({ ...platform, stemmer });
    nodes.push(other);
    await other.start();
    await indexed();
    const device = makeDevice(other.handlers, boris.userId);
    expect(await findTexts(device, '"brick"')).toEqual([]);
    expect(await findTexts(device, '"bricks"')).toEqual(['BRICKS']);
  });
});

describe('under load', () => {
  it('leaves the machine to those who send, and catches up when they rest', async () => {
    const conversationId = await talkers.direct();
    let stores = 0;
    const counted = node('counted', {
      ...platform.search,
      store: (...ask) => {
        stores++;
        return platform.search.store(...ask);
      },
    });
    const device = makeDevice(counted.handlers, anna.userId);
    const flood = async () => {
      for (let i = 0; i < 1_500; i++) await talkers.send(device, conversationId, 'flood');
    };
    await flood();
    await platform.clock.pass(900);
    await flood();
    const before = stores;
    await platform.clock.pass(1_000);
    expect(stores - before).toBeLessThanOrEqual(7);
    await platform.clock.pass(20_000);
    // A slice's pause is no reason to wait with stopping.
    await flood();
    await platform.clock.pass(300);
    await flood();
    await platform.clock.pass(300);
    await counted.stop();
    const again = node('again');
    await again.start();
    await platform.clock.pass(5_000);
    expect(await progress(again)).toEqual({ indexed: 6_000, total: 6_000 });
  });

  it('catches up', async () => {
    const conversationId = await talkers.direct();
    for (let i = 0; i < 3_000; i++) await talkers.send(anna, conversationId, 'flood');
    const counted = talkers.messaging;
    await platform.clock.pass(20_000);
    expect(await progress(counted)).toEqual({ indexed: 3_000, total: 3_000 });
  });
});

it('a platform whose index was never asked for works', async () => {
  const lone = await makeTestPlatform();
  expect(await lone.search.count()).toBe(0);
  await lone.close();
});
