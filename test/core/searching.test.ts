import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import type { InputToSend } from '../../src/protocol/operations.ts';
import { type Device, newClientId } from '../support/device.ts';
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

type Ask = InputToSend<'message.search'>;

/** What is said by now can be found. */
const indexed = () => talkers.platform.clock.pass(2_000);

async function say(device: Device, conversationId: ConversationId, text: string): Promise<number> {
  return (await device.call('message.send', { conversationId, clientId: newClientId(), text })).seq;
}

/** The texts found, the newest first, all pages of them. */
async function found(device: Device, query: string, more: Omit<Ask, 'query'> = {}): Promise<string[]> {
  const texts: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await device.call('message.search', { query, ...more, cursor });
    texts.push(...page.results.map(({ message }) => (message.kind === 'message' ? message.body.text : message.kind)));
    cursor = page.cursor;
    if (cursor === null) return texts;
  }
}

describe('searching', () => {
  it('finds messages by their words, the newest first, with where they match', async () => {
    const conversationId = await talkers.direct();
    await say(anna, conversationId, 'The meeting is at noon');
    await say(boris, conversationId, 'No more meetings, please');
    await say(anna, conversationId, 'Lunch then');
    await indexed();
    const { results, cursor } = await boris.call('message.search', { query: 'MEETING' });
    expect(results).toMatchObject([
      { conversationId, seq: 2, message: { seq: 2, senderId: boris.userId }, ranges: [{ from: 8, to: 16 }] },
      { conversationId, seq: 1, ranges: [{ from: 4, to: 11 }] },
    ]);
    expect(cursor).toBeNull();
    expect(await found(carla, 'meeting')).toEqual([]);
  });
});
