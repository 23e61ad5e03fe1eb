import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { connectInstance, type Running, serveInstance } from '../../src/app/instance.ts';
import type { configSchema } from '../../src/config/schema.ts';
import { makeSecrets } from '../../src/config/secrets.ts';
import type { Output } from '../../src/protocol/operations.ts';
import { type Client, makeClient } from '../support/client.ts';
import { freePort } from '../support/free-port.ts';
import { makeHome } from '../support/instance.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { hasService } from '../support/services.ts';
import { addSignedInPeople } from '../support/signed-in-people.ts';
import { until } from '../support/wait.ts';

const present = hasService('postgres') && hasService('redis');
let postgres: TestPostgres;
let redis: TestRedis;
const nodes: { readonly folder: string; readonly running: Running; readonly url: string }[] = [];
let anna: Client;
let ben: Client;

beforeAll(async () => {
  if (!present) return;
  const [startedPostgres, startedRedis] = [await startPostgres(), await startRedis()];
  if (startedPostgres === null || startedRedis === null) throw new Error('the services are gone');
  [postgres, redis] = [startedPostgres, startedRedis];
  const url = await postgres.freshDatabase();
  const secrets = makeSecrets();
  const settings = (node: string): z.input<typeof configSchema> => ({
    address: 'http://127.0.0.1',
    host: '127.0.0.1',
    node,
    database: { store: 'postgres', url },
    messages: { store: 'postgres', url },
    bus: { store: 'redis', url: redis.url },
  });
  const folders = [await makeHome(settings('one'), secrets), await makeHome(settings('two'), secrets)];
  const [annas, bens] = await addSignedInPeople(folders[0] ?? '', 2);
  for (const folder of folders) {
    const running = await serveInstance(folder, { port: await freePort(), writeLog: () => {} });
    nodes.push({ folder, running, url: `http://127.0.0.1:${running.port}` });
  }
  if (!annas || !bens) throw new Error('nobody was added');
  anna = makeClient(nodes[0]?.url ?? '', annas);
  ben = makeClient(nodes[1]?.url ?? '', bens);
  await Promise.all([anna.ready(), ben.ready()]);
});
afterAll(async () => {
  anna?.close();
  ben?.close();
  for (const { folder, running } of nodes) {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  await redis?.stop();
  await postgres?.stop();
});

async function trace(folder: string | undefined, conversationId: string, seq: number) {
  const connection = await connectInstance(folder ?? '', { writeLog: () => {} });
  try {
    return (await connection.call('message.trace', { conversationId, seq })) as Output<'message.trace'>;
  } finally {
    await connection.close();
  }
}

describe.skipIf(!present)('a message over two nodes, on PostgreSQL and Redis', () => {
  test('is traced from either: where it was stored, and what its receiver’s node sent and heard', async () => {
    const { conversation } = await anna.call('conversation.openDirect', { userId: ben.userId });
    const { conversationId } = conversation;
    const { seq } = await anna.send(conversationId, 'hello over there');
    await until(() => ben.log(conversationId).some((entry) => entry.seq === seq));
    for (const { folder } of nodes) {
      await until(async () => (await trace(folder, conversationId, seq)).counts.delivered === 1);
      const told = await trace(folder, conversationId, seq);
      expect(told.entry).toMatchObject({ node: 'one', body: null });
      expect(JSON.stringify(told)).not.toContain('over there');
      const [one, two] = ['one', 'two'].map((name) => told.nodes.find(({ node }) => node === name));
      expect(one).toMatchObject({ answered: true, publishedAt: expect.any(Number) });
      expect(two).toMatchObject({ answered: true, publishedAt: null });
      const times = two?.devices.find(({ userId }) => userId === ben.userId);
      expect(times).toMatchObject({ sentAt: expect.any(Number), confirmedAt: expect.any(Number) });
      expect(times?.confirmedAt).toBeGreaterThanOrEqual(times?.sentAt ?? Number.POSITIVE_INFINITY);
      expect(told.members).toMatchObject([
        { profile: { userId: ben.userId }, delivered: true, deliveredAt: expect.any(Number) },
      ]);
    }
    await until(async () => (await trace(nodes[0]?.folder, conversationId, seq)).dispatched);
  });
});
