import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Person } from '../../src/core/call.ts';
import type { Letter, Mailer } from '../../src/ports/mailer.ts';
import { AppError } from '../../src/protocol/errors.ts';
import type { Tokens } from '../../src/protocol/operations.ts';
import { as, failure, goodPassword, local, makeAuthWorld, stranger } from '../support/auth.ts';
import { type MailedWorld, makeMailedWorld, tokenOf } from '../support/mailed-world.ts';
import { testSettings } from '../support/platform.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const dead = { code: 'forbidden', reason: 'link_invalid' };

let world: MailedWorld;
let alice: Tokens;
let me: Person;

beforeEach(async () => {
  world = await makeMailedWorld();
  alice = await world.register('alice');
  me = await world.person(alice);
});
afterEach(() => world.close());

const set = async (email: string | null, present = goodPassword, who = me) =>
  world.auth.handlers['email.set']({ present, email }, as(who));
const confirm = async (token: string) => world.auth.handlers['email.confirm']({ token }, stranger());
const emailOf = async ({ userId }: Tokens) => (await world.platform.users.find(userId))?.email;

async function sentTo(email: string): Promise<string> {
  await world.work();
  const letter = world.letters('email_confirmation', email).at(-1);
  if (letter === undefined) throw new Error('no letter came');
  return tokenOf(letter);
}

describe('an e-mail address', () => {
  it('counts once the link that was sent to it was opened', async () => {
    expect(await set('alice@example.org')).toEqual({});
    expect(await emailOf(alice)).toBeNull();
    await world.work();
    expect(world.letters('email_confirmation', 'alice@example.org')).toEqual([
      {
        kind: 'email_confirmation',
        name: 'alice',
        hours: 24,
        link: expect.stringMatching(new RegExp(`^${testSettings.address}/confirm#[\\w-]{43}$`)),
      },
    ]);
    expect(await confirm(await sentTo('alice@example.org'))).toEqual({});
    expect(await emailOf(alice)).toBe('alice@example.org');
    expect(await world.actions()).toEqual(expect.arrayContaining(['email.given', 'email.confirmed']));
  });

  it('waits where its owner sees it, and the one before it counts until then', async () => {
    await world.confirmed(alice, 'old@example.org');
    await set('new@example.org');
    const shown = await world.auth.handlers['security.show']({}, as(me));
    expect(shown).toMatchObject({ email: 'old@example.org', unconfirmedEmail: 'new@example.org', mail: true });
  });

  it('needs the present password', async () => {
    expect(await failure(set('alice@example.org', 'something else'))).toMatchObject({ reason: 'wrong_password' });
    await world.work();
    expect(world.letters('email_confirmation')).toEqual([]);
  });

  it('is told of at the one before it, whether it is changed or removed', async () => {
    await world.confirmed(alice, 'old@example.org');
    await set('new@example.org');
    await world.work();
    const at = world.platform.clock.now();
    const told: Letter[] = [{ kind: 'email_changed', name: 'alice', email: 'new@example.org', at }];
    expect(world.letters('email_changed')).toEqual(told);
    await set(null);
    await world.work();
    expect(world.letters('email_changed', 'old@example.org')).toEqual([...told, { ...told[0], email: null }]);
    expect(await emailOf(alice)).toBeNull();
  });

  it('removed or set back takes back what waited', async () => {
    await world.confirmed(alice, 'old@example.org');
    await set('new@example.org');
    const waiting = await sentTo('new@example.org');
    await set('old@example.org');
    expect(await failure(confirm(waiting))).toMatchObject(dead);
    await set('new@example.org');
    const again = await sentTo('new@example.org');
    await set(null);
    expect(await failure(confirm(again))).toMatchObject(dead);
  });

  it('given anew replaces the one that waited; the same one is written to again', async () => {
    await set('first@example.org');
    const first = await sentTo('first@example.org');
    await set('second@example.org');
    const second = await sentTo('second@example.org');
    expect(await failure(confirm(first))).toMatchObject(dead);
    await set('second@example.org');
    const third = await sentTo('second@example.org');
    expect(await failure(confirm(second))).toMatchObject(dead);
    expect(await confirm(third)).toEqual({});
    expect(await emailOf(alice)).toBe('second@example.org');
  });

  it('is confirmed within a day, and once', async () => {
    await set('alice@example.org');
    const late = await sentTo('alice@example.org');
    world.platform.clock.advance(day);
    expect(await failure(confirm(late))).toMatchObject(dead);
    await world.close();
    world = await makeMailedWorld();
    alice = await world.register('alice');
    me = await world.person(alice);
    await set('alice@example.org');
    const token = await sentTo('alice@example.org');
    const outcomes = await Promise.allSettled([confirm(token), confirm(token), confirm(token)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is given only so often', async () => {
    for (let n = 0; n < 10; n++) await set(`n${n}@example.org`);
    expect(await failure(set('one@more.example'))).toMatchObject({ code: 'too_many_requests' });
  });

  it('needs mail to be confirmed, and none to be removed', async () => {
    const silent = await makeAuthWorld();
    const tokens = await silent.register('alice');
    const call = as(await silent.person(tokens));
    await silent.platform.users.setEmail(tokens.userId, 'old@example.org');
    const give = async (email: string | null) =>
      silent.auth.handlers['email.set']({ present: goodPassword, email }, call);
    expect(await failure(give('new@example.org'))).toMatchObject({ code: 'conflict', reason: 'mail_off' });
    expect(await give(null)).toEqual({});
    await silent.close();
  });
});

describe('somebody else’s address', () => {
  beforeEach(async () => {
    await world.confirmed(await world.register('bob'), 'bob@example.org');
    await world.work();
  });

  it('answers and leaves behind the same, and its owner hears nothing', async () => {
    const waiting = async () => (await world.platform.jobs.take(['email_confirmation', 'mail'], 10, minute)).length;
    expect(await set('bob@example.org')).toEqual({});
    expect(await waiting()).toBe(1);
    expect(await world.auth.handlers['security.show']({}, as(me))).toMatchObject({
      unconfirmedEmail: 'bob@example.org',
    });
    expect(await set('free@example.org')).toEqual({});
    expect(await waiting()).toBe(1);

    await set('bob@example.org');
    await world.work();
    expect(world.letters('email_confirmation', 'bob@example.org')).toEqual([]);
  });

  it('that became theirs meanwhile is not taken from them', async () => {
    await set('carol@example.org');
    const token = await sentTo('carol@example.org');
    await world.confirmed(await world.register('carol'), 'carol@example.org');
    expect(await failure(confirm(token))).toMatchObject({ code: 'conflict', reason: 'email_taken' });
    expect(await emailOf(alice)).toBeNull();
  });

  it('goes to one of two who confirm it at once', async () => {
    const dave = await world.register('dave');
    await set('both@example.org');
    const mine = await sentTo('both@example.org');
    await set('both@example.org', goodPassword, await world.person(dave));
    const theirs = await sentTo('both@example.org');
    const outcomes = await Promise.allSettled([confirm(mine), confirm(theirs)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect([await emailOf(alice), await emailOf(dave)].filter((email) => email === 'both@example.org')).toHaveLength(1);
  });
});

describe('an address given at registration', () => {
  it('is confirmed by a link too', async () => {
    const { token: invite } = await world.invite();
    await world.auth.handlers['auth.register'](
      { name: 'erin', password: goodPassword, invite, email: 'erin@example.org', device: '', keepIn: 'body' },
      stranger(),
    );
    expect((await world.platform.users.findByName('erin'))?.email).toBeNull();
    await confirm(await sentTo('erin@example.org'));
    expect((await world.platform.users.findByName('erin'))?.email).toBe('erin@example.org');
  });
});

describe('a letter', () => {
  /** Fails as told, and counts. */
  function failing(...failures: readonly unknown[]): Mailer & { readonly tried: string[] } {
    const left = [...failures];
    const tried: string[] = [];
    return {
      on: true,
      tried,
      async send(_to, { kind }, _language, id) {
        tried.push(`${kind} ${id}`);
        const next = left.shift();
        if (next !== undefined) throw next;
        return '250 kept';
      },
    };
  }
  const away = new AppError('unavailable', 'mail_away');
  const refused = new AppError('unavailable', 'mail_refused');

  async function worldWith(mailer: Mailer): Promise<void> {
    await world.close();
    world = await makeMailedWorld({ mailer });
    alice = await world.register('alice');
    me = await world.person(alice);
    await world.confirmed(alice, 'alice@example.org');
    await world.work();
  }

  it('lies sealed in the queue', async () => {
    await set('secret@example.org');
    const [confirmation] = await world.platform.jobs.take(['email_confirmation'], 1, minute);
    await world.auth.jobs.email_confirmation?.(confirmation as never);
    const [letter] = await world.platform.jobs.take(['mail'], 1, minute);
    for (const job of [confirmation, letter]) {
      expect(job).toBeDefined();
      expect(JSON.stringify(job)).not.toMatch(/secret@|confirm#|https:/);
    }
  });

  it('is written in the person’s language, else the instance’s', async () => {
    const languages: string[] = [];
    const noting: Mailer = {
      on: true,
      async send(_to, _letter, language) {
        languages.push(language);
        return '250';
      },
    };
    await world.close();
    world = await makeMailedWorld({ settings: { ...testSettings, language: 'ru' }, mailer: noting });
    alice = await world.register('alice');
    me = await world.person(alice);
    await set('alice@example.org');
    await world.work();
    await world.platform.users.setLanguage(alice.userId, 'en');
    await set('alice2@example.org');
    await world.work();
    expect(languages).toEqual(['ru', 'en']);
  });

  it('is tried again while the mail server is away, under one name, and once it went is not sent again', async () => {
    const mailer = failing(away);
    await worldWith(mailer);
    await set(null);
    const [job] = await world.platform.jobs.take(['mail'], 1, minute);
    if (job === undefined) throw new Error('no job');
    expect(await failure(world.auth.jobs.mail?.(job) ?? Promise.resolve())).toBe(away);
    await world.platform.jobs.fail(job.jobId, 'away', world.platform.clock.now() + minute);
    await world.later(minute);
    await world.work();
    await world.later(hour);
    await world.work();
    expect(mailer.tried).toHaveLength(2);
    expect(new Set(mailer.tried).size).toBe(1);
  });

  it('that is refused for good is not tried again: the log says so', async () => {
    const mailer = failing(refused);
    await worldWith(mailer);
    await set(null);
    await world.work();
    await world.later(hour);
    await world.work();
    expect(mailer.tried).toHaveLength(1);
    expect(world.platform.logged).toContainEqual(
      expect.objectContaining({ msg: 'letter not sent', kind: 'email_changed' }),
    );
  });

  it('with a link that no longer counts is not sent', async () => {
    const mailer = failing(away);
    await worldWith(mailer);
    await world.auth.handlers['auth.forgotPassword']({ account: 'alice' }, stranger());
    const [asked] = await world.platform.jobs.take(['password_reset'], 1, minute);
    await world.auth.jobs.password_reset?.(asked as never);
    await world.later(30 * minute);
    await world.work();
    expect(mailer.tried).toEqual([]);
  });

  it('is sent to see whether mail works', async () => {
    const test = async () => world.auth.handlers['mail.test']({ to: 'owner@example.org' }, local);
    expect(await test()).toEqual({ accepted: '250 kept' });
    expect(world.letters('test', 'owner@example.org')).toHaveLength(1);
    await worldWith(failing(refused));
    expect(await failure(test())).toBe(refused);
  });
});
