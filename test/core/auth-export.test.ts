import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.ts';
import type { Output } from '../../src/protocol/operations.ts';
import { failure, goodPassword, local } from '../support/auth.ts';
import { type CoreWorld, makeCoreWorld, userIdOf } from '../support/core-world.ts';
import { newClientId } from '../support/device.ts';

let world: CoreWorld;

beforeEach(async () => {
  world = await makeCoreWorld();
});
afterEach(() => world.close());

type Line = { readonly type: string } & Record<string, unknown>;

/** All pages, read to the end. */
async function exported(user: string): Promise<{ readonly lines: readonly Line[]; readonly pages: readonly string[] }> {
  const pages: string[] = [];
  const lines: Line[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Output<'user.export'> = await world.ask('user.export', { user, cursor }, local);
    pages.push(page.lines.join('\n'));
    lines.push(...page.lines.map((line) => JSON.parse(line)));
    if (page.cursor === null) return { lines, pages };
    cursor = page.cursor;
  }
}

describe('an export of a person', () => {
  it('begins with a header, and holds account, devices, tokens, invites and what was audited, without secrets', async () => {
    await world.ask(
      'user.add',
      { name: 'alice', password: goodPassword, email: 'alice@example.org', language: 'ru' },
      local,
    );
    const tokens = await world.signIn('alice');
    const alice = { caller: await world.person(tokens), address: '198.51.100.7', origin: null, receiver: null };
    const { token } = await world.ask('token.create', { name: 'bot', scopes: ['chat'] }, alice);
    const invite = await world.ask('invite.create', { note: 'for bob' }, alice);

    const { lines } = await exported('alice');
    expect(lines[0]).toEqual({
      type: 'header',
      format: 'messenger-person',
      version: 1,
      exportedAt: world.platform.clock.now(),
      instanceName: 'Test',
      address: 'https://chat.example.org',
    });
    expect(lines[1]).toMatchObject({ type: 'account', name: 'alice', email: 'alice@example.org', language: 'ru' });
    expect(lines.find(({ type }) => type === 'session')).toEqual({
      type: 'session',
      sessionId: tokens.sessionId,
      device: 'test',
      createdAt: expect.any(Number),
      lastSeenAt: expect.any(Number),
      addressHint: '198.51.100.x',
    });
    expect(lines.find(({ type }) => type === 'api_token')).toMatchObject({ name: 'bot', scopes: ['chat'] });
    expect(lines.find(({ type }) => type === 'invite')).toMatchObject({ inviteId: invite.invite.inviteId });
    expect(lines.filter(({ type }) => type === 'event').map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.added', 'session.opened', 'token.created', 'user.exported']),
    );
    const user = await world.platform.users.find(tokens.userId);
    for (const secret of [token, invite.token, tokens.refreshToken, user?.passwordHash, 'argon2']) {
      expect(JSON.stringify(lines)).not.toContain(secret);
    }
  });

  it('holds conversations with members, and the entries they could read, oldest first', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const group = await world.group(alice, 'Board');
    const say = (who: typeof alice, text: string) =>
      world.device(who).call('message.send', { conversationId: group, clientId: newClientId(), text });
    await say(alice, 'before bob');
    await world.device(alice).call('conversation.addMembers', { conversationId: group, userIds: [userIdOf(bob)] });
    await say(bob, 'by bob');
    await say(alice, 'to bob');
    await world.device(bob).call('conversation.leave', { conversationId: group });
    await say(alice, 'after bob');
    const { conversation } = await world.device(bob).call('conversation.openDirect', { userId: userIdOf(alice) });

    const { lines } = await exported('bob');
    const texts = lines.flatMap(({ type, body }) => (type === 'entry' ? [(body as { text?: string }).text] : []));
    expect(texts.filter((text) => text !== undefined)).toEqual(['by bob', 'to bob']);
    const ofType = (type: string) => lines.filter((line) => line.type === type);
    expect(ofType('conversation')).toMatchObject([
      { conversationId: group, title: 'Board', member: false, spans: [{ from: 3, to: 6 }] },
      { conversationId: conversation.conversationId, kind: 'direct', peerId: userIdOf(alice) },
    ]);
    expect(ofType('member')).toEqual([]);
    expect(ofType('person')).toMatchObject([{ userId: userIdOf(alice), name: 'alice' }]);

    const hers = (await exported('alice')).lines;
    expect(hers.filter(({ type }) => type === 'member')).toMatchObject([{ userId: userIdOf(alice), role: 'owner' }]);
  });

  it('leaves out what they removed for themselves, with what changes it', async () => {
    const [alice, bob] = [await world.enter('alice'), await world.enter('bob')];
    const group = await world.group(alice, 'Board', [bob]);
    const place = () => ({ conversationId: group, clientId: newClientId() });
    const { seq } = await world.device(alice).call('message.send', { ...place(), text: 'first' });
    await world.device(alice).call('message.edit', { ...place(), seq, text: 'second' });
    await world.device(bob).call('message.hide', { conversationId: group, seqs: [seq] });
    const said = async (name: string) =>
      JSON.stringify((await exported(name)).lines.filter(({ type }) => type === 'entry'));
    expect(await said('bob')).not.toMatch(/first|second/);
    expect(await said('alice')).toMatch(/first[\s\S]*second/);
  });

  it('comes in pages bounded in bytes, with nothing missing and nothing twice', async () => {
    const alice = await world.enter('alice');
    const device = world.device(alice);
    const groups = [
      await world.group(alice, 'one'),
      await world.group(alice, 'two'),
      await world.group(alice, 'three'),
    ];
    for (const conversationId of groups) {
      for (let n = 0; n < 25; n++) {
        const text = `${n} ${'ю'.repeat(7_000)}`;
        await device.call('message.send', { conversationId, clientId: newClientId(), text });
      }
    }
    const { lines, pages } = await exported('alice');
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages) expect(Buffer.byteLength(page)).toBeLessThan(2 * limits.pageBytes);
    for (const conversationId of groups) {
      const seqs = lines.flatMap((line) =>
        line.conversationId === conversationId && line.type === 'entry' ? [line.seq] : [],
      );
      expect(seqs).toEqual(Array.from({ length: 26 }, (_, n) => n + 1));
    }
  });

  it('names every member of a large group once', async () => {
    const alice = await world.enter('alice');
    const others = await Promise.all(
      Array.from({ length: 401 }, async (_, n) => {
        const userId = world.platform.random.id() as ReturnType<typeof userIdOf>;
        const name = `n${n}`;
        const rest = { role: 'member', state: 'active', email: null, language: null } as const;
        await world.platform.users.add({ userId, name, displayName: name, passwordHash: '', ...rest });
        return userId;
      }),
    );
    const group = await world.group(alice, 'many');
    for (let n = 0; n < others.length; n += limits.membersPerChange) {
      const userIds = others.slice(n, n + limits.membersPerChange);
      await world.device(alice).call('conversation.addMembers', { conversationId: group, userIds });
    }
    const { lines } = await exported('alice');
    const named = (type: string) => lines.filter((line) => line.type === type).map(({ userId }) => userId);
    expect(named('member').sort()).toEqual([userIdOf(alice), ...others].sort());
    expect(named('person').sort()).toEqual([...others].sort());
  });

  it('is read on only with cursors that it gave', async () => {
    await world.register('alice');
    const cursors = ['', 'x', 'events:x', 'events:-1', 'conversations:x', 'conversations:{}', 'conversations:null'];
    for (const cursor of [...cursors, 'conversations:{"part":"people","after":7}']) {
      expect(await failure(world.ask('user.export', { user: 'alice', cursor }, local)), cursor).toMatchObject({
        code: 'invalid',
        reason: 'cursor_invalid',
      });
    }
  });

  it('is audited once, and is there while the account waits to be deleted', async () => {
    await world.register('alice');
    await world.ask('user.delete', { user: 'alice' }, local);
    const { lines } = await exported('alice');
    expect(lines[1]).toMatchObject({ name: 'alice', state: 'deleting' });
    expect(lines.filter(({ action }) => action === 'user.exported')).toHaveLength(1);
  });
});
