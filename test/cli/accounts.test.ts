import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cli, type CliResult, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/wait.ts';

const madePassword = /[a-z2-9]{5}(?:-[a-z2-9]{5}){3}/;

const signedIn = { output: { status: 'signed_in' } };

describe('while the server runs', { timeout: 60_000 }, () => {
  let cli: Cli;
  let url: string;
  /** What must not be in the log. */
  const secrets: string[] = [];

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    cli = makeCli(port);
    await cli.run(['init', '--yes', '--registration', 'approval']);
    await cli.run(['up', '--detach']);
    await done(['users', 'add', 'olga', '--role', 'owner', '--email', 'Olga@example.org', '--language', 'ru']);
    await done(['users', 'add', 'anna', '--display-name', 'Anna Smith']);
  });
  afterAll(() => cli.remove());

  async function done(args: readonly string[], how: Parameters<Cli['run']>[1] = {}): Promise<CliResult> {
    const result = await cli.run(args, how);
    expect(result, `${args.join(' ')}\n${result.out}${result.err}`).toMatchObject({ code: 0, err: '' });
    return result;
  }

  async function json(args: readonly string[]): Promise<Record<string, unknown>> {
    return (await done([...args, '--json'])).json() as Record<string, unknown>;
  }

  async function refused(args: readonly string[], code: number, reason: string): Promise<void> {
    const result = await cli.run([...args, '--json']);
    expect(result.json(), result.out).toMatchObject({
      error: { reason, mend: expect.arrayContaining([expect.any(String)]) },
    });
    expect(result.code).toBe(code);
  }

  async function ask(op: string, input: object, token?: string): Promise<Record<string, unknown>> {
    const headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(`${url}/api/${op}`, { method: 'POST', headers, body: JSON.stringify(input) });
    return (await response.json()) as Record<string, unknown>;
  }

  test('accounts are found by the beginning of their name and by state, and shown whole', async () => {
    const [everybody, some, waiting] = await Promise.all([
      json(['users', 'list']),
      json(['users', 'list', 'ol', '--state', 'active']),
      done(['users', 'list', '--state', 'waiting']),
    ]);
    expect(everybody).toMatchObject({ users: [{ name: 'anna' }, { name: 'olga' }], more: false });
    expect(some).toMatchObject({ users: [{ name: 'olga', email: 'olga@example.org', language: 'ru', role: 'owner' }] });
    expect(waiting.out).toContain('There is no such account.');
    expect((await done(['users', 'show', 'olga'])).out).toMatch(/State\s+active\n\s+E-mail\s+olga@example.org/);
  });

  test('somebody is kept out and let in again, and changes roles; the last owner stays one', async () => {
    expect((await done(['users', 'disable', 'anna'])).out).toMatch(/kept out[\s\S]*users enable anna/);
    expect(await json(['users', 'list', '--state', 'disabled'])).toMatchObject({ users: [{ name: 'anna' }] });
    await refused(['users', 'approve', 'anna'], 1, 'account_disabled');
    expect(await json(['users', 'enable', 'anna'])).toMatchObject({ user: { state: 'active' } });
    expect(await json(['users', 'role', 'anna', 'moderator'])).toMatchObject({ user: { role: 'moderator' } });
    await refused(['users', 'role', 'olga', 'member'], 1, 'last_owner');
    expect((await cli.run(['users', 'role', 'anna', 'king'])).code).toBe(2);
  });

  test('a lost password is replaced: by one that is typed, by one that is made, by a link with a QR code', async () => {
    const typed = 'a long password of several words';
    await done(['users', 'password', 'anna', '--password', '-'], { input: `${typed}\n` });
    const made = await done(['users', 'password', 'olga']);
    const [password = ''] = madePassword.exec(made.out) ?? [];
    expect(made.out).toContain('olga has a new password');
    const link = await done(['users', 'password', 'anna', '--link']);
    expect(link.out).toMatch(/http:\/\/\S+\/reset#\S{40,}[\s\S]*█[\s\S]*good once, until/);
    expect((await done(['users', 'password', 'anna', '--link', '--no-qr'])).out).not.toContain('█');
    secrets.push(typed, password, /reset#(\S+)/.exec(link.out)?.[1] ?? '?');
    await refused(['users', 'password', 'nobody'], 1, 'no_such_user');
    await refused(['users', 'password', 'anna', '--password', 'hunter2hunter2'], 2, 'password_shown');
    expect(await ask('auth.signIn', { name: 'anna', password: typed })).toMatchObject(signedIn);
    expect(await ask('auth.signIn', { name: 'olga', password })).toMatchObject(signedIn);
    expect((await done(['users', 'sessions', 'olga'])).out).toMatch(/Device\s+From/);
    expect(await json(['users', 'sessions', 'olga', '--close'])).toMatchObject({ closed: 1, sessions: [] });
  });

  test('second factors are looked at, and forgotten only when it is meant', async () => {
    expect(await json(['2fa', 'status', 'anna'])).toMatchObject({
      user: { name: 'anna' },
      totp: false,
      recoveryCodesLeft: 0,
      passkeys: 0,
      required: false,
    });
    await refused(['2fa', 'reset', 'anna'], 2, 'needs_yes');
    expect((await done(['2fa', 'reset', 'anna', '--yes'])).out).toContain('second factors of anna are forgotten');
  });

  test('an API token is shown once, does what its scopes say, and is revoked', async () => {
    const printed = await done(['tokens', 'create', '--user', 'anna', '--name', 'weather', '--scope', 'chat']);
    const [token = '?'] = /msgr_\S+/.exec(printed.out) ?? [];
    expect(printed.out).toMatch(/curl -s http:\S+\/api\/user\.find -H 'Authorization: Bearer msgr_/);
    secrets.push(token);
    expect(await ask('user.find', { query: 'ol' }, token)).toMatchObject({ output: { people: [{ name: 'olga' }] } });
    expect(await ask('security.show', {}, token)).toMatchObject({ error: { reason: 'scope_missing' } });
    const made = (await json(['tokens', 'create', '-u', 'anna', '-n', 'ever', '-s', 'chat,converse', '--never'])) as {
      token: string;
      apiToken: { apiTokenId: string };
    };
    expect(made.apiToken).toMatchObject({ name: 'ever', scopes: ['chat', 'converse'], expiresAt: null });
    secrets.push(made.token);
    await refused(['tokens', 'create', '-u', 'anna', '-n', 'too much', '-s', 'audit'], 1, 'scope_above_role');
    const { apiTokenId } = made.apiToken;
    await done(['tokens', 'revoke', apiTokenId]);
    const listed = await done(['tokens', 'list', '--user', 'anna']);
    expect(listed.out).toMatch(/anna\s+weather\s+chat\s+counts/);
    expect(listed.out).toMatch(new RegExp(`${apiTokenId}\\s+anna\\s+ever\\s+chat converse\\s+revoked`));
    expect(listed.out).not.toContain('msgr_');
    expect(await json(['tokens', 'list'])).toMatchObject({ apiTokens: [{}, {}] });
    await refused(['tokens', 'revoke', 'abc'], 1, 'no_such_token');
  });

  test('an invite says what it carries, but not its link again', async () => {
    const { invite } = (await json(['invites', 'create', '--role', 'admin', '--note', 'choir'])) as {
      invite: { inviteId: string };
    };
    expect((await done(['invites', 'show', invite.inviteId])).out).toMatch(
      /State\s+open\n\s+Role\s+admin\n\s+Used\s+0\/1[\s\S]*Groups\s+none[\s\S]*Made by\s+this host\n\s+Note\s+choir/,
    );
    const { token } = await json(['tokens', 'create', '-u', 'olga', '-n', 'groups', '-s', 'converse']);
    const made = await ask(
      'conversation.create',
      { clientId: randomUUID(), title: 'Choir', userIds: [] },
      String(token),
    );
    const group = JSON.stringify(made).match(/"conversationId":"([^"]+)"/)?.[1] ?? '';
    const leading = await json(['invites', 'create', '--conversation', group]);
    expect(leading).toMatchObject({ invite: { conversationIds: [group] } });
    const unknown = '019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f';
    await refused(['invites', 'show', unknown], 1, 'no_such_invite');
    await refused(['invites', 'create', '--conversation', unknown], 1, 'no_such_conversation');
  });

  test('what is kept about somebody is written before they are deleted, and deleting can be undone', async () => {
    await done(['users', 'add', 'ben', '--display-name', 'Ben']);
    const [first, second] = ['first.jsonl', 'second.jsonl'].map((name) => join(cli.home, '..', name)) as [
      string,
      string,
    ];
    const exported = await json(['users', 'export', 'ben', '--to', first]);
    const lines = readFileSync(first, 'utf8').trimEnd().split('\n');
    expect(exported).toEqual({ file: first, lines: lines.length });
    expect(lines.map((line) => JSON.parse(line).type).slice(0, 2)).toEqual(['header', 'account']);
    expect(statSync(first).mode & 0o777).toBe(0o600);
    await refused(['users', 'export', 'ben', '--to', first], 1, 'file_exists');

    await refused(['users', 'delete', 'ben'], 2, 'needs_yes');
    await refused(
      ['users', 'delete', 'ben', '--yes', '--export', join(cli.home, 'nowhere', 'ben')],
      1,
      'folder_missing',
    );
    await refused(['users', 'delete', 'olga', '--yes'], 1, 'last_owner');
    expect(await json(['users', 'list', 'ben'])).toMatchObject({ users: [{ state: 'active' }] });

    const deleted = await done(['users', 'delete', 'ben', '--grace-days', '30', '--yes', '--export', second]);
    expect(deleted.out).toMatch(/Until .*: .*users enable ben undoes it/);
    expect(deleted.out).toContain('stay, under “Deleted account”');
    expect(existsSync(second)).toBe(true);
    expect(await json(['users', 'list', '--state', 'deleting'])).toMatchObject({ users: [{ name: 'ben' }] });
    expect(await json(['users', 'enable', 'ben'])).toMatchObject({ user: { state: 'active', deletesAt: null } });

    const gone = await json(['users', 'delete', 'ben', '--grace-days', '0', '--remove-messages', '--yes']);
    expect(gone).toMatchObject({ user: { state: 'deleting' }, export: null });
    const { userId } = gone.user as { userId: string };
    await until(async () => {
      const { user } = await json(['users', 'show', userId]);
      return (user as { state: string }).state === 'deleted';
    });
    await refused(['users', 'enable', userId], 1, 'account_deleted');
  });

  test('the audit log tells who did what to whom, between two times', async () => {
    const printed = await done(['audit', '--user', 'anna', '--action', 'user.', '--since', '1h']);
    expect(printed.out).toMatch(/user\.added\s+this host → anna\s+role=member\n/);
    expect(printed.out).toMatch(/user\.role_changed\s+this host → anna\s+from=member\s+to=moderator\n/);
    expect(printed.out).not.toContain('token.created');
    const { events, more } = await json(['audit', '--limit', '1']);
    expect({ events, more }).toMatchObject({
      events: [{ number: expect.any(Number), at: expect.any(Number) }],
      more: true,
    });
    expect(await json(['audit', '--until', '2020-01-01'])).toEqual({ events: [], more: false });
    await refused(['audit', '--since', 'yesterday'], 2, 'bad_answer');
  });

  test('all of it speaks Russian', async () => {
    const russian = { env: { LANG: 'ru_RU.UTF-8' } };
    const said = await Promise.all([
      done(['users', 'show', 'anna'], russian),
      done(['2fa', 'status', 'anna'], russian),
      done(['audit', '-n', '5'], russian),
      cli.run(['users', 'delete', 'anna'], russian),
      cli.run(['users', 'role', 'olga', 'guest'], russian),
      done(['users', 'delete', '--help'], russian),
    ]);
    const [shown, status, audit, deletion, role, help] = said.map(({ out, err }) => out + err);
    expect(shown).toMatch(/Состояние\s+действует/);
    expect(status).toMatch(/Приложение с кодами\s+нет/);
    expect(audit).toContain('эта машина');
    expect(deletion).toMatch(/Удаление anna \(Anna Smith\)[\s\S]*Ничего не сделано[\s\S]*--yes/);
    expect(role).toContain('Последний владелец им остаётся');
    expect(help).toContain('Сколько дней это можно отменить');
  });

  test('those who registered wait until they are approved, several at once', async () => {
    for (const name of ['wanda', 'willy']) {
      const answer = await ask('auth.register', { name, password: 'correct horse battery staple' });
      expect(answer).toMatchObject({ output: { status: 'waiting_for_approval' } });
    }
    const listed = await done(['users', 'list', '--state', 'waiting']);
    expect(listed.out).toMatch(/wanda .*waits for approval[\s\S]*willy/);
    const some = await cli.run(['users', 'approve', 'wanda', 'nobody', 'willy', '--json']);
    expect(some.code).toBe(1);
    expect(some.json()).toMatchObject({
      approved: [{ name: 'wanda' }, { name: 'willy' }],
      refused: [{ user: 'nobody', error: { reason: 'no_such_user' } }],
    });
  });

  test('who follows the audit log sees events as they happen, and ends with Ctrl-C', async () => {
    const following = cli.start(['audit', '--follow', '--limit', '1', '--json']);
    await until(() => following.out().includes('\n'));
    await done(['users', 'disable', 'anna']);
    await done(['users', 'enable', 'anna']);
    await until(() => following.out().includes('user.enabled'));
    const { code, out, err } = await following.interrupt();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const actions = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).action);
    expect(actions.slice(1)).toEqual(['user.disabled', 'user.enabled']);
  });

  test('nothing secret is in the log', () => {
    const log = join(cli.home, 'logs', 'messenger.log');
    const logged = existsSync(log) ? readFileSync(log, 'utf8') : '';
    expect(secrets.every((secret) => secret.length > 10)).toBe(true);
    for (const secret of secrets) expect(logged).not.toContain(secret);
  });
});
