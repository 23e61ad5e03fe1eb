import { expect, it } from 'vitest';
import type { DeliveryState, NewWebhook } from '../../src/ports/webhooks.ts';
import type { ConversationId, UserId, WebhookId } from '../../src/protocol/ids.ts';
import { addPeople, someId } from '../support/accounts.ts';
import { onEveryDatabase, type TestDatabase } from '../support/databases.ts';

let lastId = 0;
/** Ids that sort as they were made. */
const newId = () => `00000000-0000-7000-8000-${String(++lastId).padStart(12, '0')}` as WebhookId;

const leaseMs = 60_000;
const failed: DeliveryState = {
  seq: 7,
  retryAt: 5_000,
  failures: 2,
  failingSince: 4_000,
  lastStatus: 503,
  lastError: 'refused',
  disabledAt: null,
  used: false,
};

async function scene({ stores }: TestDatabase) {
  const [ann, bot] = await addPeople(stores, 'ann', 'builds');
  const { conversation } = await stores.conversations.openDirect(someId.conversation(), ann, bot);
  const { conversationId } = conversation;
  const made = { conversationId, botId: bot, createdBy: ann };
  return {
    ...made,
    incoming: (secretHash: string): NewWebhook => ({
      ...made,
      webhookId: newId(),
      name: 'Builds "ж"',
      kind: { direction: 'incoming', secretHash },
    }),
    outgoing: (more: Partial<Extract<NewWebhook['kind'], { direction: 'outgoing' }>> = {}): NewWebhook => ({
      ...made,
      webhookId: newId(),
      name: 'Helper',
      kind: {
        direction: 'outgoing',
        sealedSecret: 'sealed',
        url: 'https://example.org/in',
        trigger: 'word',
        word: '!go',
        seq: 3,
        ...more,
      },
    }),
  };
}

onEveryDatabase('webhooks', (fresh) => {
  it('keep what they are, and are found by id and by the hash of their secret', async () => {
    const test = await fresh();
    const { webhooks } = test.stores;
    const { incoming, outgoing, conversationId, botId, createdBy } = await scene(test);
    const [one, other] = [incoming('hash'), outgoing()];
    expect(await webhooks.add(one, 5)).toBe(true);
    expect(await webhooks.add(other, 5)).toBe(true);
    const plain = { conversationId, botId, createdBy, createdAt: expect.any(Number), lastUsedAt: null };
    expect(await webhooks.findByHash('hash')).toEqual({
      ...plain,
      webhookId: one.webhookId,
      direction: 'incoming',
      name: 'Builds "ж"',
      outgoing: null,
      sealedSecret: null,
      seq: 0,
      retryAt: 0,
      failingSince: null,
    });
    expect(await webhooks.find(other.webhookId)).toEqual({
      ...plain,
      webhookId: other.webhookId,
      direction: 'outgoing',
      name: 'Helper',
      outgoing: {
        url: 'https://example.org/in',
        trigger: 'word',
        word: '!go',
        lastStatus: null,
        lastError: null,
        failures: 0,
        disabledAt: null,
      },
      sealedSecret: 'sealed',
      seq: 3,
      retryAt: 0,
      failingSince: null,
    });
    expect(await webhooks.findByHash('other')).toBeNull();
    expect(await webhooks.find(newId())).toBeNull();
  });

  it('are at most so many of each direction in a conversation, also when they come at once', async () => {
    const test = await fresh();
    const { webhooks } = test.stores;
    const { incoming, outgoing } = await scene(test);
    const added = await Promise.all(Array.from({ length: 6 }, (_, i) => webhooks.add(incoming(`${i}`), 3)));
    expect(added.filter(Boolean)).toHaveLength(3);
    expect(await webhooks.add(outgoing(), 3)).toBe(true);
  });

  it('are listed by id, of one conversation or of all, a page at a time', async () => {
    const test = await fresh();
    const { webhooks, conversations } = test.stores;
    const { incoming, createdBy } = await scene(test);
    const notes = await conversations.openDirect(someId.conversation(), createdBy as UserId, createdBy as UserId);
    const all = [incoming('a'), incoming('b'), { ...incoming('c'), conversationId: notes.conversation.conversationId }];
    for (const each of all) await webhooks.add(each, 5);
    const ids = async (conversationId: ConversationId | null, after: WebhookId | null = null, limit = 10) =>
      (await webhooks.list({ conversationId, after, limit })).map(({ webhookId }) => webhookId);
    const [a, b, c] = all.map(({ webhookId }) => webhookId);
    expect(await ids(null)).toEqual([a, b, c]);
    expect(await ids(null, a ?? null, 1)).toEqual([b]);
    expect(await ids(notes.conversation.conversationId)).toEqual([c]);
  });

  it('get another secret, are noted as used, and go', async () => {
    const test = await fresh();
    const { webhooks } = test.stores;
    const { incoming, outgoing } = await scene(test);
    const [one, other] = [incoming('first'), outgoing()];
    for (const each of [one, other]) await webhooks.add(each, 5);
    expect(await webhooks.renew(one.webhookId, { secretHash: 'second' })).toBe(true);
    expect(await webhooks.findByHash('first')).toBeNull();
    expect(await webhooks.findByHash('second')).toMatchObject({ webhookId: one.webhookId });
    expect(await webhooks.renew(other.webhookId, { sealedSecret: 'anew' })).toBe(true);
    expect(await webhooks.find(other.webhookId)).toMatchObject({ sealedSecret: 'anew' });
    await webhooks.used(one.webhookId);
    expect(await webhooks.find(one.webhookId)).toMatchObject({ lastUsedAt: expect.any(Number) });
    expect(await webhooks.remove(one.webhookId)).toBe(true);
    expect(await webhooks.remove(one.webhookId)).toBe(false);
    expect(await webhooks.renew(one.webhookId, { secretHash: 'third' })).toBe(false);
    expect(await webhooks.findByHash('second')).toBeNull();
  });

  it('that go out are taken by one at a time, until they are given back', async () => {
    const test = await fresh();
    const { webhooks } = test.stores;
    const { incoming, outgoing } = await scene(test);
    const [one, other] = [incoming('hash'), outgoing()];
    for (const each of [one, other]) await webhooks.add(each, 5);
    expect(await webhooks.take(one.webhookId, leaseMs)).toBeNull();
    const takers = await Promise.all(Array.from({ length: 4 }, () => webhooks.take(other.webhookId, leaseMs)));
    expect(takers.filter((taken) => taken !== null)).toHaveLength(1);
    await webhooks.note(other.webhookId, failed, leaseMs);
    expect(await webhooks.take(other.webhookId, leaseMs)).toBeNull();
    await webhooks.note(other.webhookId, failed, 0);
    expect(await webhooks.take(other.webhookId, leaseMs)).toMatchObject({
      seq: 7,
      retryAt: 5_000,
      failingSince: 4_000,
      lastUsedAt: null,
      outgoing: { failures: 2, lastStatus: 503, lastError: 'refused', disabledAt: null },
    });
    await webhooks.note(other.webhookId, { ...failed, failures: 0, used: true }, 0);
    expect(await webhooks.find(other.webhookId)).toMatchObject({ lastUsedAt: expect.any(Number) });
  });

  it('that were given up are taken by nobody until they are resumed, and then go on where they stopped', async () => {
    const test = await fresh();
    const { webhooks } = test.stores;
    const { outgoing, conversationId } = await scene(test);
    const one = outgoing();
    await webhooks.add(one, 5);
    expect(await webhooks.delivering([conversationId, someId.conversation()])).toEqual(new Set([conversationId]));
    await webhooks.note(one.webhookId, { ...failed, disabledAt: 9_000 }, 0);
    expect(await webhooks.take(one.webhookId, leaseMs)).toBeNull();
    expect(await webhooks.delivering([conversationId])).toEqual(new Set());
    expect(await webhooks.delivering([])).toEqual(new Set());
    await webhooks.resume(one.webhookId);
    expect(await webhooks.take(one.webhookId, leaseMs)).toMatchObject({
      seq: 7,
      retryAt: 0,
      failingSince: null,
      outgoing: { failures: 0, disabledAt: null },
    });
  });

  it('write under accounts that are marked as bots, and that nobody finds by name', async () => {
    const test = await fresh();
    const { users } = test.stores;
    const added = async (name: string, bot: 'account' | 'webhook') => {
      const userId = someId.user();
      const none = { passwordHash: '', role: 'guest', state: 'active', email: null, language: null } as const;
      expect(await users.add({ userId, name, displayName: `Weather ${name}`, bot, ...none })).toBe('added');
      return userId;
    };
    const [account, webhook] = [await added('one', 'account'), await added('two', 'webhook')];
    expect((await users.search('weather', 10)).map(({ userId, bot }) => ({ userId, bot }))).toEqual([
      { userId: account, bot: true },
    ]);
    expect(await users.profiles([webhook])).toMatchObject([{ bot: true }]);
    expect(await users.find(webhook)).toMatchObject({ bot: true });
  });
});
