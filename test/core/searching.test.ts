import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { limits } from '../../src/protocol/limits.ts';
import type { Output } from '../../src/protocol/operations.ts';
import { type Device, newClientId } from '../support/device.ts';
import { findTexts } from '../support/searches.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

let talkers: Talkers;
let anna: Device;
let boris: Device;
let carla: Device;
let say: Talkers['send'];
beforeEach(async () => {
  talkers = await makeTalkers();
  ({ anna, boris, carla, send: say } = talkers);
});
afterEach(() => talkers.close());

/** What is said by now can be found. */
const indexed = () => talkers.platform.clock.pass(2_000);

async function sayAll(device: Device, conversationId: ConversationId, ...texts: string[]): Promise<void> {
  for (const text of texts) await say(device, conversationId, text);
  await indexed();
}

const remove = (device: Device, conversationId: ConversationId, seq: number) =>
  device.call('message.remove', { conversationId, clientId: newClientId(), seq });
const edit = (device: Device, conversationId: ConversationId, seq: number, text: string) =>
  device.call('message.edit', { conversationId, clientId: newClientId(), seq, text });

describe('searching', () => {
  it('finds messages by their words, the newest first, with where they match', async () => {
    const conversationId = await talkers.direct();
    await sayAll(anna, conversationId, 'The meeting is at noon', 'No more meetings, please', 'Lunch then');
    const { results, cursor } = await boris.call('message.search', { query: 'MEETING' });
    expect(results).toMatchObject([
      { conversationId, seq: 2, message: { seq: 2, senderId: anna.userId }, ranges: [{ from: 8, to: 16 }] },
      { conversationId, seq: 1, ranges: [{ from: 4, to: 11 }] },
    ]);
    expect(cursor).toBeNull();
    expect(await findTexts(carla, 'meeting')).toEqual([]);
  });

  it('finds a message at most two seconds after it was sent', async () => {
    const conversationId = await talkers.direct();
    await say(anna, conversationId, 'quick');
    await talkers.platform.clock.pass(2_000);
    expect(await findTexts(boris, 'quick')).toEqual(['quick']);
  });

  it('goes through all conversations, or the one that is asked for', async () => {
    const direct = await talkers.direct();
    const group = await talkers.group(boris, carla);
    await say(anna, direct, 'first apple');
    talkers.platform.clock.advance(10);
    await say(carla, group, 'second apple');
    talkers.platform.clock.advance(10);
    await say(boris, direct, 'third apple');
    await indexed();
    expect(await findTexts(anna, 'apple')).toEqual(['third apple', 'second apple', 'first apple']);
    expect(await findTexts(anna, 'apple', { conversationId: direct })).toEqual(['third apple', 'first apple']);
    expect(await findTexts(carla, 'apple')).toEqual(['second apple']);
    await expect(carla.call('message.search', { query: 'apple', conversationId: direct })).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'not_a_member',
    });
    const nowhere = crypto.randomUUID();
    await expect(carla.call('message.search', { query: 'a', conversationId: nowhere })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('keeps to sender, times and links', async () => {
    const conversationId = await talkers.direct();
    const { clock } = talkers.platform;
    const began = clock.now();
    await say(anna, conversationId, 'see https://example.org/a');
    clock.advance(1_000);
    await say(boris, conversationId, 'see there');
    clock.advance(1_000);
    await say(boris, conversationId, 'see www.example.org');
    await indexed();
    expect(await findTexts(anna, 'see', { senderId: boris.userId })).toEqual(['see www.example.org', 'see there']);
    expect(await findTexts(anna, 'see', { has: 'link' })).toEqual(['see www.example.org', 'see https://example.org/a']);
    expect(await findTexts(anna, '', { has: 'link', senderId: anna.userId })).toEqual(['see https://example.org/a']);
    expect(await findTexts(anna, 'see', { since: began + 1_000 })).toEqual(['see www.example.org', 'see there']);
    expect(await findTexts(anna, 'see', { until: began + 1_000 })).toEqual(['see there', 'see https://example.org/a']);
    expect(await findTexts(anna, 'see', { since: began + 1, until: began + 999 })).toEqual([]);
  });

  it('answers in pages that leave nothing out, bounded in number and in bytes', async () => {
    const conversationId = await talkers.direct();
    const long = 'щ'.repeat(8_000);
    for (let i = 0; i < 23; i++) await say(anna, conversationId, `item ${i} ${long}`);
    await indexed();
    const seqs: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Output<'message.search'> = await talkers.answered(
        boris.call('message.search', { query: 'item', limit: 10, cursor }),
      );
      expect(new TextEncoder().encode(JSON.stringify(page)).length).toBeLessThan(limits.pageBytes + 1_000);
      seqs.push(...page.results.map(({ seq }) => seq));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seqs).toEqual(Array.from({ length: 23 }, (_, i) => 23 - i));
    expect(await talkers.answered(findTexts(boris, 'item', { limit: 1 }))).toHaveLength(23);
  });

  it('goes through more conversations than fit a page of them', async () => {
    const conversationIds: ConversationId[] = [];
    for (let i = 0; i < 230; i++) conversationIds.push(await talkers.group(boris));
    for (const conversationId of conversationIds) await say(anna, conversationId, 'everywhere');
    await indexed();
    expect(await talkers.answered(findTexts(boris, 'everywhere'))).toHaveLength(230);
  });

  it('refuses a cursor that it did not give', async () => {
    await talkers.direct();
    await expect(anna.call('message.search', { query: 'a', cursor: "1'; drop" })).rejects.toMatchObject({
      reason: 'cursor_invalid',
    });
  });

  it('finds polls by their question and their answers', async () => {
    const conversationId = await talkers.direct();
    const question = 'Which lunch?';
    const options = ['cold soup', 'pizza', 'soups'];
    await anna.call('poll.create', { conversationId, clientId: newClientId(), question, options });
    await indexed();
    const { results } = await boris.call('message.search', { query: 'soup' });
    expect(results).toMatchObject([
      {
        seq: 1,
        ranges: [
          { from: 5, to: 9, option: 0 },
          { from: 0, to: 5, option: 2 },
        ],
      },
    ]);
    expect(await findTexts(boris, 'lunch pizza')).toEqual(['poll']);
    expect(await findTexts(boris, '"lunch cold"')).toEqual([]);
  });

  it('takes whatever is typed for words', async () => {
    const conversationId = await talkers.direct();
    await sayAll(anna, conversationId, 'or and not near', `x' | 'y`, 'C:\\path "quoted"', '100% sure_thing a*b');
    const hostile = [
      `' OR 1=1 --`,
      `" OR "`,
      `x" NEAR(y)`,
      'stems : x',
      `{stems more} : "a" *`,
      `'x':* & !y`,
      `*`,
      `^`,
      `\\`,
    ];
    for (const query of [...hostile, `%_\\%`, `((((`, `"`, `""""`, '\u0000', '\ud800', '\u202e', '   ', '🎉'])
      await anna.call('message.search', { query });
    expect(await findTexts(anna, 'NOT near')).toEqual(['or and not near']);
    expect(await findTexts(anna, `'y'`)).toEqual([`x' | 'y`]);
    expect(await findTexts(anna, 'quoted"')).toEqual(['C:\\path "quoted"']);
    expect(await findTexts(anna, '100%')).toEqual(['100% sure_thing a*b']);
    expect(await findTexts(anna, 'sure_thing')).toEqual(['100% sure_thing a*b']);
    for (const query of ['', '   ', '?!', '""']) expect(await findTexts(anna, query)).toEqual([]);
  });

  it('takes long queries, and looks for all of their words', async () => {
    const conversationId = await talkers.direct();
    const words = Array.from({ length: 120 }, (_, i) => (i + 200).toString(36));
    await sayAll(anna, conversationId, words.join(' '), words.slice(1).join(' '));
    const query = words.join(' ').slice(0, limits.searchLength);
    expect(await findTexts(anna, query)).toEqual([words.join(' ')]);
    expect(await findTexts(anna, 'x'.repeat(limits.searchLength))).toEqual([]);
    await expect(anna.call('message.search', { query: 'x'.repeat(limits.searchLength + 1) })).rejects.toThrow();
  });
});

describe('what may be found', () => {
  it('is what one may read: not from before one came, nor from after one left', async () => {
    const conversationId = await talkers.group(boris);
    const say1 = (text: string) => say(anna, conversationId, text);
    await say1('pear before');
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await say1('pear within');
    await anna.call('conversation.removeMember', { conversationId, userId: carla.userId });
    await say1('pear between');
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await say1('pear again');
    await carla.call('conversation.leave', { conversationId });
    await say1('pear after');
    await indexed();
    expect(await findTexts(carla, 'pear')).toEqual(['pear again', 'pear within']);
    expect(await findTexts(carla, 'pear', { conversationId, limit: 1 })).toEqual(['pear again', 'pear within']);
    expect(await findTexts(boris, 'pear')).toHaveLength(5);
  });

  it('is the past of a group that shows it', async () => {
    const { conversation } = await anna.call('conversation.create', {
      clientId: newClientId(),
      title: 'Open',
      userIds: [boris.userId],
      settings: { showsPast: true },
    });
    const { conversationId } = conversation;
    await say(anna, conversationId, 'plum before');
    await anna.call('conversation.addMembers', { conversationId, userIds: [carla.userId] });
    await indexed();
    expect(await findTexts(carla, 'plum')).toEqual(['plum before']);
  });

  it('is what stands there now: edits count, and what was removed is gone at once', async () => {
    const conversationId = await talkers.direct();
    const seq = await say(anna, conversationId, 'cherry pie');
    await say(anna, conversationId, 'cherry cake');
    await indexed();
    await edit(anna, conversationId, seq, 'apricot pie');
    // Before the index knows.
    expect(await findTexts(boris, 'cherry')).toEqual(['cherry cake']);
    await indexed();
    expect(await findTexts(boris, 'cherry')).toEqual(['cherry cake']);
    expect(await findTexts(boris, 'apricots')).toEqual(['apricot pie']);
    await remove(anna, conversationId, seq);
    expect(await findTexts(boris, 'apricot')).toEqual([]);
    await indexed();
    expect(await findTexts(boris, 'pie')).toEqual([]);
  });

  it('is what one could see of it: nothing that was written into a message after one left', async () => {
    const conversationId = await talkers.group(boris, carla);
    const seq = await say(anna, conversationId, 'grape one');
    await carla.call('conversation.leave', { conversationId });
    await edit(anna, conversationId, seq, 'secret grape');
    await indexed();
    expect(await findTexts(carla, 'secret')).toEqual([]);
    expect(await findTexts(carla, 'grape')).toEqual(['grape one']);
    expect(await findTexts(boris, 'secret')).toEqual(['secret grape']);
  });

  it('leaves out what one removed for oneself', async () => {
    const conversationId = await talkers.direct();
    const seq = await say(anna, conversationId, 'melon');
    await indexed();
    await boris.call('message.hide', { conversationId, seqs: [seq] });
    expect(await findTexts(boris, 'melon')).toEqual([]);
    expect(await findTexts(boris, 'melon', { conversationId })).toEqual([]);
    expect(await findTexts(anna, 'melon')).toEqual(['melon']);
  });
});
