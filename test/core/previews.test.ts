import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstLink, makeOwedPreviews } from '../../src/core/messaging/previews.ts';
import type { PageSummary } from '../../src/ports/link-reader.ts';
import type { ConversationId } from '../../src/protocol/ids.ts';
import { type Device, newClientId } from '../support/device.ts';
import { testSettings } from '../support/platform.ts';
import { makeTalkers, type Talkers } from '../support/talkers.ts';

const page: PageSummary = { site: 'example.org', title: 'A page', description: 'About it' };
const url = 'https://example.org/a';
const preview = { url, ...page };

let talkers: Talkers;
let anna: Device;
let boris: Device;
let conversationId: ConversationId;
/** What was looked up, and what happens meanwhile. */
let looked: string[];
let meanwhile: () => Promise<unknown>;
const links = {
  read: async (asked: string) => {
    looked.push(asked);
    await meanwhile();
    return asked.includes('nothing') ? null : page;
  },
};

async function begin(over: Parameters<typeof makeTalkers>[0] = {}) {
  talkers = await makeTalkers({ links, ...over });
  ({ anna, boris } = talkers);
  conversationId = await talkers.group(boris);
}

beforeEach(async () => {
  looked = [];
  meanwhile = async () => {};
  await begin();
});
afterEach(() => talkers.close());

/** Runs the jobs that stored entries owe. */
async function work(): Promise<void> {
  const { clock, jobs } = talkers.platform;
  await clock.pass(2_000);
  for (const job of await jobs.take(['previews'], 100, 60_000)) {
    await talkers.messaging.jobs.previews?.(job);
    await jobs.finish(job.jobId);
  }
}

const previewOf = async (seq: number) => (await talkers.look(boris, conversationId, seq))?.preview;
const kindsOf = async () => (await talkers.entries(conversationId)).map(({ kind }) => kind);
const edit = (seq: number, text: string) =>
  anna.call('message.edit', { conversationId, clientId: newClientId(), seq, text });
const remove = (seq: number) => anna.call('message.remove', { conversationId, clientId: newClientId(), seq });

describe('a message with a link', () => {
  it('gets what the link leads to, as an entry of its own that nobody sent', async () => {
    const seq = await talkers.send(anna, conversationId, `look: ${url}.`);
    await work();
    expect(looked).toEqual([url]);
    expect(await previewOf(seq)).toEqual(preview);
    const entry = (await talkers.entries(conversationId)).at(-1);
    expect(entry).toMatchObject({ kind: 'preview', target: seq, senderId: null, body: preview });
  });

  it('gets it once, however often the job runs', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    await work();
    const before = await kindsOf();
    const job = { jobId: '1', queue: 'previews', key: '', payload: { conversationId, seq }, attempts: 1 };
    await talkers.messaging.jobs.previews?.(job);
    expect(await kindsOf()).toEqual(before);
    expect(looked).toHaveLength(1);
  });

  it('gets nothing where the page says nothing', async () => {
    const seq = await talkers.send(anna, conversationId, 'https://example.org/nothing');
    await work();
    expect(looked).toHaveLength(1);
    expect(await previewOf(seq)).toBeUndefined();
  });

  it('does not make anything unread', async () => {
    await talkers.send(anna, conversationId, url);
    const unread = async () => (await boris.call('conversation.show', { conversationId })).conversation.mine.unread;
    const before = await unread();
    await work();
    expect(await kindsOf()).toContain('preview');
    expect(await unread()).toBe(before);
  });

  it('that is forwarded gets it there too', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    const to = await talkers.direct();
    await anna.call('message.forward', { conversationId: to, clientId: newClientId(), from: { conversationId, seq } });
    await work();
    expect((await talkers.look(boris, to, 1))?.preview).toEqual(preview);
  });
});

describe('a link is not looked up', () => {
  it('when the sender does not want it', async () => {
    const input = { conversationId, clientId: newClientId(), text: url, preview: false } as const;
    const { seq } = await anna.call('message.send', input);
    await work();
    expect(looked).toEqual([]);
    expect(await anna.call('message.send', input)).toMatchObject({ seq });
    await expect(anna.call('message.send', { ...input, preview: undefined })).rejects.toMatchObject({
      reason: 'client_id_used',
    });
  });

  it('when the conversation does not want it, even if that was said after it was sent', async () => {
    await talkers.send(anna, conversationId, url);
    await anna.call('conversation.setSettings', { conversationId, settings: { previews: false } });
    await work();
    expect(looked).toEqual([]);
  });

  it('when the instance does not', async () => {
    await talkers.close();
    await begin({ settings: { ...testSettings, linkPreviews: false } });
    await talkers.send(anna, conversationId, url);
    await work();
    expect(looked).toEqual([]);
  });

  it('when one person sent very many within an hour', async () => {
    for (let i = 0; i < 121; i++) await talkers.send(anna, conversationId, `https://example.org/${i}`);
    await talkers.send(boris, conversationId, `${url}/by-boris`);
    await work();
    await work();
    expect(looked).toHaveLength(121);
    expect(looked).toContain(`${url}/by-boris`);
  });

  it('when an edit brings it', async () => {
    const seq = await talkers.send(anna, conversationId, 'no link');
    await edit(seq, url);
    await work();
    expect(looked).toEqual([]);
  });

  it('when it was taken out or removed before its turn', async () => {
    const [one, two] = [await talkers.send(anna, conversationId, url), await talkers.send(anna, conversationId, url)];
    await edit(one, 'no link');
    await remove(two);
    await work();
    expect(looked).toEqual([]);
  });

  it('when it lay there for an hour: what is brought here from elsewhere is history', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    const entry = await talkers.platform.messages.entry(conversationId, seq);
    const { jobOf } = makeOwedPreviews(talkers.platform);
    expect(entry && jobOf(entry)).not.toBeNull();
    talkers.platform.clock.advance(3_600_001);
    expect(entry && jobOf(entry)).toBeNull();
  });
});

describe('what was found', () => {
  it('is not shown when the link was taken out meanwhile', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    meanwhile = () => edit(seq, 'no link');
    await work();
    expect(await kindsOf()).not.toContain('preview');
  });

  it('goes when the link is taken out', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    await work();
    await edit(seq, `see ${url}`);
    expect(await previewOf(seq)).toEqual(preview);
    await edit(seq, 'no link');
    expect(await previewOf(seq)).toBeUndefined();
  });

  it('is not appended when previews were switched off meanwhile', async () => {
    await talkers.send(anna, conversationId, url);
    meanwhile = () => anna.call('conversation.setSettings', { conversationId, settings: { previews: false } });
    await work();
    expect(await kindsOf()).not.toContain('preview');
  });

  it('is not appended when the message was removed meanwhile', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    meanwhile = () => remove(seq);
    await work();
    expect(looked).toHaveLength(1);
    expect(await kindsOf()).not.toContain('preview');
  });

  it('is emptied with the message', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    await work();
    await remove(seq);
    const entry = (await talkers.entries(conversationId)).find(({ kind }) => kind === 'preview');
    expect(entry).toMatchObject({ emptied: true, body: {} });
  });

  it('is emptied by the next run where the message was emptied in the moment it was appended', async () => {
    const seq = await talkers.send(anna, conversationId, url);
    await remove(seq);
    const { messages, clock } = talkers.platform;
    await messages.append({
      ...{ conversationId, senderId: null, clientId: newClientId(), kind: 'preview', target: seq },
      ...{ body: preview, time: clock.now(), rulesSeq: null },
    });
    await work();
    const entry = (await talkers.entries(conversationId)).find(({ kind }) => kind === 'preview');
    expect(entry).toMatchObject({ emptied: true, body: {} });
  });
});

describe('the link of a text', () => {
  const own = 'https://chat.example.org';
  it.each([
    ['see https://a.example/x, then', 'https://a.example/x'],
    ['(https://a.example/x)', 'https://a.example/x'],
    ['https://a.example/x_(y)', 'https://a.example/x_(y)'],
    ['HTTP://A.example', 'HTTP://A.example'],
    ['https://a.example/\u202egpj', 'https://a.example/'],
    ['`https://a.example` https://b.example', 'https://b.example'],
    ['https://chat.example.org/join#secret https://b.example', 'https://b.example'],
    ['https://me:pw@a.example https://b.example', 'https://b.example'],
  ])('%s', (text, found) => expect(firstLink(text, own)).toBe(found));

  it.each([
    '',
    'no link',
    'xhttps://a.example',
    'www.a.example',
    'ftp://a.example',
    'https://',
    '```\nhttps://a.example\n```',
  ])('is none in %j', (text) => expect(firstLink(text, own)).toBeNull());

  it('is none where it is too long', () => expect(firstLink(`https://a.example/${'x'.repeat(2_000)}`, own)).toBeNull());

  it('ends before any number of closing brackets', () => {
    expect(firstLink(`https://a.example/${')'.repeat(16_000)}`, own)).toBe('https://a.example/');
  });
});
