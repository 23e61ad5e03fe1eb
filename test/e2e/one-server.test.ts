import { existsSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectInstance, type Running, serveInstance } from '../../src/app/instance.ts';
import { homeAt } from '../../src/config/home.ts';
import { freePort } from '../support/free-port.ts';
import { makeHome } from '../support/instance.ts';

let folder: string;
let port: number;
let running: Running | null = null;
const quiet = { writeLog: () => {} };

beforeEach(async () => {
  folder = await makeHome({ host: '127.0.0.1' });
  port = await freePort();
});
afterEach(async () => {
  await running?.stop();
  running = null;
  rmSync(folder, { recursive: true, force: true });
});
const serve = async () => {
  running = await serveInstance(folder, { port, ...quiet });
  return running;
};

describe('managing an instance', () => {
  test('goes over its socket while it runs, and works on the stores when it does not', async () => {
    const before = await connectInstance(folder, quiet);
    expect(before.via).toBe('direct');
    const { token } = await before.call('invite.create', { role: 'owner' });
    await before.close();

    await serve();
    const during = await connectInstance(folder, quiet);
    expect(during.via).toBe('socket');
    expect(await during.call('invite.look', { token })).toMatchObject({ role: 'owner' });
    expect(await during.call('instance.status', {})).toMatchObject({ pid: process.pid, profile: 'embedded' });
    await during.close();
  });

  test('carries errors either way', async () => {
    const wrong = { name: 'x', password: 'short' };
    const direct = await connectInstance(folder, quiet);
    await expect(direct.call('user.add', wrong)).rejects.toMatchObject({ code: 'invalid', reason: 'invalid_input' });
    await expect(direct.call('sync', {})).rejects.toMatchObject({ reason: 'needs_a_person' });
    await direct.close();
    await serve();
    const over = await connectInstance(folder, quiet);
    await expect(over.call('user.add', wrong)).rejects.toMatchObject({ code: 'invalid', reason: 'invalid_input' });
    await expect(over.call('sync', {})).rejects.toMatchObject({ reason: 'needs_a_person' });
  });

  test('is for the owner of the folder alone', async () => {
    await serve();
    const { socket } = homeAt(folder);
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect(statSync(socket).mode & 0o777).toBe(0o600);
  });

  test('waits for another command that works on the stores', async () => {
    const first = await connectInstance(folder, quiet);
    const second = connectInstance(folder, quiet);
    await first.close();
    const later = await second;
    expect(later.via).toBe('direct');
    await later.close();
  });
});

describe('a second server', () => {
  test('on the same folder is refused, and the first goes on', async () => {
    const { port: first } = await serve();
    await expect(serveInstance(folder, { port: await freePort(), ...quiet })).rejects.toMatchObject({
      reason: 'already_running',
    });
    expect((await fetch(`http://127.0.0.1:${first}/health/ready`)).status).toBe(200);
  });

  test('starts once the first has stopped', async () => {
    await (await serve()).stop();
    await serve();
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
  });

  test('is not kept out by a socket that a killed one left behind', async () => {
    const { socket } = homeAt(folder);
    const left = createServer().listen(socket);
    await new Promise((resolve) => left.once('listening', resolve));
    expect(existsSync(socket)).toBe(true);
    await serve();
    const connection = await connectInstance(folder, quiet);
    expect(connection.via).toBe('socket');
    left.close();
  });
});

test('a port in use is named, and the folder is free again', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  await expect(serve()).rejects.toMatchObject({ reason: 'port_in_use', facts: { port } });
  await new Promise((resolve) => other.close(resolve));
  await serve();
  expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
});
