import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { makeDigests } from '../../src/adapters/system/digests.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import { makePasswords } from '../../src/adapters/system/passwords.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';

const logInto = (lines: string[]) =>
  makeLog({ level: 'debug', destination: { write: (line) => void lines.push(line) } });

describe('ids', () => {
  it('are UUIDv7, each behind the one before, many in one millisecond', () => {
    const random = systemRandom();
    const ids = Array.from({ length: 20_000 }, () => random.id());
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !form.test(id))).toEqual([]);
  });
});

describe('secrets', () => {
  it('are 256 bits', () => {
    const random = systemRandom();
    expect(Buffer.from(random.secret(), 'base64url')).toHaveLength(32);
    expect(random.secret()).not.toBe(random.secret());
  });
});

describe('the clock', () => {
  it('logs what a timed task throws, and runs none that was taken back', async () => {
    const lines: string[] = [];
    const clock = systemClock(logInto(lines));
    clock.after(0, () => {
      throw new Error('bang');
    });
    const takeBack = clock.after(0, () => lines.push('ran'));
    takeBack();
    await new Promise<void>((resolve) => clock.after(5, resolve));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'timed task failed', err: { message: 'bang' } });
  });

  it('does not run a task at once that is due in more than 25 days', async () => {
    const clock = systemClock(logInto([]));
    let ran = false;
    const takeBack = clock.after(60 * 24 * 3_600_000, () => {
      ran = true;
    });
    await new Promise<void>((resolve) => clock.after(20, resolve));
    takeBack();
    expect(ran).toBe(false);
  });
});

describe('passwords', () => {
  const passwords = makePasswords({ memoryMiB: 1, passes: 1 });

  it('are Argon2id hashes, salted', async () => {
    const hash = await passwords.hash('one');
    expect(hash).toMatch(/^\$argon2id\$v=19\$(?=[^$]*m=1024)(?=[^$]*t=1)(?=[^$]*p=1)/);
    expect(await passwords.hash('one')).not.toBe(hash);
    expect(await passwords.verify(hash, 'one')).toBe('right');
    expect(await passwords.verify(hash, 'two')).toBe('wrong');
  });

  it('made with other parameters are right but outdated', async () => {
    const older = await makePasswords({ memoryMiB: 2, passes: 1 }).hash('one');
    expect(await passwords.verify(older, 'one')).toBe('outdated');
    expect(await passwords.verify(older, 'two')).toBe('wrong');
    const foreign = await argon2.hash('one', { parallelism: 2, memoryCost: 1024, timeCost: 1 });
    expect(await passwords.verify(foreign, 'one')).toBe('outdated');
  });

  it('wait their turn, first come first served, and are turned away when too many wait', async () => {
    const places = Math.max(1, Math.min(availableParallelism(), 4) - 1);
    const slow = makePasswords({ memoryMiB: 1, passes: 1 });
    const done: number[] = [];
    const asked = Array.from({ length: 201 * places }, async (_, n) => {
      await slow.pretend('x');
      done.push(n);
    });
    await expect(slow.pretend('x')).rejects.toMatchObject({ code: 'too_many_requests', retryAfter: 5 });
    await Promise.all(asked);
    expect(done).toHaveLength(201 * places);
    if (places === 1) expect(done).toEqual(done.toSorted((a, b) => a - b));
    await slow.pretend('x');
  });

  it('keep their turns when one fails', async () => {
    const failing = Array.from({ length: 5 }, () => passwords.verify('not a hash', 'x').catch(() => 'failed'));
    expect(await Promise.all(failing)).toEqual(Array.from({ length: 5 }, () => 'failed'));
    expect(await passwords.verify(await passwords.hash('x'), 'x')).toBe('right');
  });
});

describe('digests', () => {
  const digests = makeDigests(Buffer.alloc(32, 1).toString('base64url'));

  it('are SHA-256, and HMAC-SHA-256 under the key of the instance', () => {
    expect(digests.hash('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
    expect(digests.mac('abc')).not.toBe(makeDigests(Buffer.alloc(32, 2).toString('base64url')).mac('abc'));
    expect(digests.mac('abc')).toHaveLength(43);
  });

  it('compare whole', () => {
    expect(digests.same('abc', 'abc')).toBe(true);
    expect(digests.same('abc', 'abd')).toBe(false);
    expect(digests.same('abc', 'abcd')).toBe(false);
    expect(digests.same('', '')).toBe(true);
  });
});

describe('the log', () => {
  it('is a JSON line with fields, level and the context of its child', () => {
    const lines: string[] = [];
    logInto(lines).child({ part: 'auth' }).info({ userId: 'u1' }, 'signed in');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 30, part: 'auth', userId: 'u1', msg: 'signed in' });
  });

  it('never shows a secret, however deep or in what context', () => {
    const lines: string[] = [];
    const log = logInto(lines);
    log.info(
      { password: 'S3CRET', a: { token: 'S3CRET', b: { refreshToken: 'S3CRET', c: { accessToken: 'S3CRET' } } } },
      'x',
    );
    log.info({ req: { headers: { cookie: 'S3CRET', authorization: 'S3CRET', 'set-cookie': ['S3CRET'] } } }, 'x');
    log.child({ macKey: 'S3CRET' }).warn({ input: { invite: 'S3CRET', text: 'S3CRET' } }, 'x');
    const cause = new Error('cannot reach postgres://messenger:S3CRET@db:5432/x');
    log.error({ err: new Error('failed', { cause }) }, 'x');
    log.error({ err: Object.assign(cause, { password: 'S3CRET' }) }, 'x');
    expect(lines).toHaveLength(5);
    expect(lines.join('')).not.toContain('S3CRET');
    expect(lines.join('')).toContain('postgres://[secret]@db:5432/x');
  });
});
