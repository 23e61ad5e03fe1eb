import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/core/call.ts';
import type { AuditEvent } from '../../src/protocol/models.ts';
import type { Input, Tokens } from '../../src/protocol/operations.ts';
import { type AuthWorld, as, failure, local, makeAuthWorld, stranger } from '../support/auth.ts';
import { root } from '../support/instance.ts';

let world: AuthWorld;
let ann: Tokens;
beforeEach(async () => {
  world = await makeAuthWorld();
  ann = await world.register('ann');
});
afterEach(() => world.close());

type Ask = Partial<Input<'audit.list'>>;
const ask = (wish: Ask = {}) =>
  Promise.resolve(
    world.auth.handlers['audit.list'](
      { before: null, after: null, user: null, action: null, since: null, until: null, limit: 100, ...wish },
      local,
    ),
  );
const events = async (wish: Ask = {}) => (await ask(wish)).events;
const actions = async (wish: Ask = {}) => (await events(wish)).map(({ action }) => action);
const numbers = (found: readonly AuditEvent[]) => found.map(({ number }) => number);

describe('the audit log', () => {
  it('says who did what to whom, from where and when, newest first, with names as they are now', async () => {
    const at = world.platform.clock.now();
    const [opened, registered] = await events({ user: 'ann' });
    expect(registered).toMatchObject({
      at,
      action: 'user.registered',
      actor: { userId: ann.userId, name: 'ann' },
      subject: { id: ann.userId, name: 'ann' },
      address: '198.51.100.7',
    });
    expect(opened).toMatchObject({ action: 'session.opened', subject: { id: ann.sessionId } });
    expect(opened?.number).toBeGreaterThan(registered?.number ?? 0);
  });

  it('names nobody for what the owner of the host did, and says that they did', async () => {
    await world.auth.handlers['user.closeSessions']({ user: 'ann' }, local);
    expect(await events({ limit: 1 })).toMatchObject([
      { action: 'session.all_closed', actor: null, address: null, details: { via: 'local', closed: 1 } },
    ]);
  });

  it('tells what an API token did from what its owner did', async () => {
    const admin = await world.register('adam', 'admin');
    const { token, apiToken } = await world.auth.handlers['token.create'](
      { user: null, name: 'bot', scopes: ['manage_users'], expiresInDays: 1 },
      as(await world.person(admin)),
    );
    const bot: Call = as(await world.auth.authenticate(token));
    await world.auth.handlers['user.closeSessions']({ user: 'ann' }, bot);
    expect(await events({ limit: 1 })).toMatchObject([
      { actor: { name: 'adam' }, details: { via: 'api_token', apiTokenId: apiToken.apiTokenId } },
    ]);
  });

  it('is found by person, by name or id, done by or to them or to a session of theirs', async () => {
    await world.register('ben');
    const mine = await events({ user: 'ann' });
    expect(await events({ user: ann.userId })).toEqual(mine);
    expect(mine.map(({ action }) => action)).toEqual(['session.opened', 'user.registered']);
    const adam = await world.register('adam', 'admin');
    await world.auth.handlers['user.closeSessions']({ user: 'ann' }, as(await world.person(adam)));
    expect((await actions({ user: 'ann' }))[0]).toBe('session.all_closed');
    expect((await actions({ user: 'adam' }))[0]).toBe('session.all_closed');
    expect(await failure(ask({ user: 'nobody' }))).toMatchObject({ code: 'not_found', reason: 'no_such_user' });
  });

  it('is found by action, by the beginning of one, and by time', async () => {
    await world.later(60_000);
    const since = world.platform.clock.now();
    await failure(world.signIn('ann', stranger(), 'not her password'));
    expect(await actions({ action: 'session.refused' })).toEqual(['session.refused']);
    expect(await actions({ action: 'session.' })).toEqual(['session.refused', 'session.opened']);
    expect(await actions({ action: 'session.%' })).toEqual([]);
    expect(await actions({ since })).toEqual(['session.refused']);
    expect(await actions({ until: since - 1 })).not.toContain('session.refused');
  });

  it('is read on in pages, backwards, and forwards to follow', async () => {
    for (let at = 0; at < 5; at++) await failure(world.signIn('ann', stranger(), 'not her password'));
    const all = numbers(await events());
    const first = await ask({ limit: 3 });
    expect(first.more).toBe(true);
    const second = await ask({ limit: 100, before: first.events.at(-1)?.number ?? 0 });
    expect(second.more).toBe(false);
    expect([...numbers(first.events), ...numbers(second.events)]).toEqual(all);

    const followed = await ask({ after: all.at(-1) ?? 0, limit: 2 });
    expect(numbers(followed.events)).toEqual(all.toReversed().slice(1, 3));
    expect(followed.more).toBe(true);
    expect(await ask({ after: all[0] ?? 0 })).toEqual({ events: [], more: false });
  });

  it('out of reach, hinders nobody: the event goes to the server’s log', async () => {
    const { audit, logged } = world.platform;
    const add = audit.add;
    Object.assign(audit, { add: () => Promise.reject(new Error('away')) });
    await world.signIn('ann');
    Object.assign(audit, { add });
    expect(logged).toContainEqual(
      expect.objectContaining({
        msg: 'audit event not stored',
        event: expect.objectContaining({ action: 'session.opened' }),
      }),
    );
  });
});

it('every action that the code writes is explained in docs/audit.md, and no other', () => {
  const code = ['src/core', 'src/app'].flatMap(sources).join('\n');
  // A literal or a choice between some; else a type, or what is asked for.
  const said = [...code.matchAll(/\baction: ([^,;}\n]+)/g)]
    .map(([, it]) => it ?? '')
    .filter((it) => it !== 'string' && it !== 'null');
  const written = new Set(said.flatMap((it) => [...it.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, action]) => action)));
  expect(said.filter((it) => !/'[a-z_]+\.[a-z_]+'/.test(it))).toEqual([]);
  const table = readFileSync(join(root, 'docs/audit.md'), 'utf8');
  const explained = [...table.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, action]) => action);
  expect(written.size).toBeGreaterThan(10);
  expect(explained.toSorted()).toEqual([...written].toSorted());
});

function sources(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(root, folder, name), 'utf8'));
}
