import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeHost, roomIn } from '../../src/adapters/system/host.ts';
import { makeHandClock } from '../support/clock.ts';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const plenty = { total: 100 * gibibyte, free: 50 * gibibyte };

const folder = mkdtempSync(join(tmpdir(), 'messenger-host-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the host', () => {
  it('answers by what this machine has', async () => {
    const room = await makeHost({ folder, clock: makeHandClock() }).room();
    expect(room.ok || ['disk', 'memory'].includes(room.lacks)).toBe(true);
  });

  it('looks once in five seconds, however many ask', async () => {
    const clock = makeHandClock();
    const host = makeHost({ folder, clock });
    const first = host.room();
    expect(host.room()).toBe(first);
    clock.advance(4_999);
    expect(host.room()).toBe(first);
    clock.advance(1);
    expect(host.room()).not.toBe(first);
    await first;
  });

  it('takes what cannot be read for enough', async () => {
    const nowhere = makeHost({ folder: join(folder, 'none'), clock: makeHandClock() });
    expect(await nowhere.room()).not.toMatchObject({ lacks: 'disk' });
    expect(roomIn(null, null)).toEqual({ ok: true });
  });

  it.each([
    [{ total: gibibyte, free: 200 * mebibyte }, true],
    [{ total: gibibyte, free: 200 * mebibyte - 1 }, false],
    [{ total: 100 * gibibyte, free: gibibyte }, true],
    [{ total: 100 * gibibyte, free: gibibyte - 1 }, false],
    [{ total: 10_000 * gibibyte, free: 2 * gibibyte }, true],
    [{ total: 10_000 * gibibyte, free: 2 * gibibyte - 1 }, false],
  ])('of disk %j: enough %s', (disk, ok) => {
    expect(roomIn(disk, plenty)).toEqual(ok ? { ok } : { ok, lacks: 'disk' });
  });

  it.each([
    [{ total: 512 * mebibyte, free: 64 * mebibyte }, true],
    [{ total: 512 * mebibyte, free: 64 * mebibyte - 1 }, false],
    [{ total: 4 * gibibyte, free: Math.ceil((4 * gibibyte) / 20) }, true],
    [{ total: 4 * gibibyte, free: Math.ceil((4 * gibibyte) / 20) - 1 }, false],
    [{ total: 256 * gibibyte, free: 512 * mebibyte }, true],
    [{ total: 256 * gibibyte, free: 512 * mebibyte - 1 }, false],
  ])('of memory %j: enough %s', (memory, ok) => {
    expect(roomIn(plenty, memory)).toEqual(ok ? { ok } : { ok, lacks: 'memory' });
  });
});
