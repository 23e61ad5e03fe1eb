import { afterEach, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import type { configSchema } from '../../src/config/schema.ts';
import { makeSecrets } from '../../src/config/secrets.ts';
import type { Credentials } from '../support/client.ts';
import { makeHome, type RunningInstance, startInstance } from '../support/instance.ts';
import { killRounds, type Mortal } from '../support/kill-rounds.ts';
import { startMongo } from '../support/mongodb.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { hasService } from '../support/services.ts';
import { addSignedInPeople } from '../support/signed-in-people.ts';

const rounds = 3;
const clients = 50;
const endings: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function start(home: string): Promise<RunningInstance> {
  const instance = await startInstance(home);
  endings.push(() => instance.remove());
  return instance;
}

async function expectNothingLost(
  nodes: readonly RunningInstance[],
  people: readonly Credentials[],
  victims: readonly (readonly Mortal[])[] = [],
) {
  const said: string[] = [];
  const acknowledged = await killRounds({
    nodes,
    people,
    rounds,
    victims,
    onRound: (round, mistakes) => said.push(...mistakes.map((mistake) => `round ${round}: ${mistake}`)),
  });
  expect(said).toEqual([]);
  expect(acknowledged).toBeGreaterThan(clients);
}

describe('after kill -9 while fifty clients send, what was acknowledged is there once, in order, for everybody', () => {
  test('on one process with SQLite', { timeout: 240_000 }, async () => {
    const home = await makeHome({ address: 'http://127.0.0.1' });
    const people = await addSignedInPeople(home, clients);
    await expectNothingLost([await start(home)], people);
  });

  test.skipIf(!hasService('postgres') || !hasService('redis'))(
    'on two processes with PostgreSQL and Redis',
    { timeout: 240_000 },
    async () => {
      const postgres = await startPostgres({ fsync: true });
      const redis = await startRedis();
      if (!postgres || !redis) throw new Error('the services are gone');
      endings.push(
        () => postgres.stop(),
        () => redis.stop(),
      );
      const url = await postgres.freshDatabase();
      const secrets = makeSecrets();
      const settings = (node: string): z.input<typeof configSchema> => ({
        address: 'http://127.0.0.1',
        node,
        database: { store: 'postgres', url },
        messages: { store: 'postgres', url },
        bus: { store: 'redis', url: redis.url },
      });
      const first = await makeHome(settings('first'), secrets);
      const second = await makeHome(settings('second'), secrets);
      const people = await addSignedInPeople(first, clients);
      await expectNothingLost([await start(first), await start(second)], people);
    },
  );

  test.skipIf(!hasService('mongodb'))(
    'on one process with MongoDB, which is killed too: alone, without it, and with it',
    { timeout: 300_000 },
    async (context) => {
      const mongo = await startMongo();
      if (!mongo) throw new Error('the service is gone');
      endings.push(() => mongo.stop());
      if (mongo.kill === null) return context.skip();
      const store: Mortal = { kill: mongo.kill, start: () => mongo.restart() };
      const home = await makeHome({
        address: 'http://127.0.0.1',
        messages: { store: 'mongodb', url: mongo.freshDatabase() },
      });
      const people = await addSignedInPeople(home, clients);
      const node = await start(home);
      await expectNothingLost([node], people, [[store], [node], [store, node]]);
    },
  );
});
