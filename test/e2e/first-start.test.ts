import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type RunningInstance, runCommand, startInstance } from '../support/instance.ts';

const home = join(mkdtempSync(join(tmpdir(), 'messenger-first-')), 'instance');
let port: number;
let instance: RunningInstance;

beforeAll(async () => {
  port = await freePort();
});

afterAll(async () => {
  await instance?.remove();
  rmSync(join(home, '..'), { recursive: true, force: true });
});

test('init makes an instance, and a second run changes nothing', async () => {
  const first = await runCommand(home, ['init', '--yes', '--port', String(port), '--json']);
  expect(first.code, first.stderr).toBe(0);
  expect(() => JSON.parse(first.stdout)).not.toThrow();
  const second = await runCommand(home, ['init', '--yes', '--json']);
  expect(second.code, second.stderr).toBe(0);
});

test('up is ready, says where it is, and offers the first invite as a link, and as a code for phones', async () => {
  instance = await startInstance(home, { port });
  await expect.poll(() => instance.said(), { timeout: 15_000 }).toMatch(/https?:\/\/\S+\/join#\S+/);
  expect(instance.said()).toContain(`:${port}`);
  // A code is for a phone, which does not reach this host as "localhost".
  if (!/localhost:\d+\/join#/.test(instance.said()))
    await expect.poll(() => instance.said(), { timeout: 15_000 }).toContain('█');
});

test('commands ask the running instance, and answer programs', async () => {
  const status = await runCommand(home, ['status', '--json']);
  expect(status.code, status.stderr).toBe(0);
  expect(() => JSON.parse(status.stdout)).not.toThrow();
  const invite = await runCommand(home, ['invites', 'create', '--json']);
  expect(invite.code, invite.stderr).toBe(0);
  expect(invite.stdout).toMatch(/\/join#/);
});

test('the documents and health are served', async () => {
  for (const path of ['/health/live', '/health/ready', '/openapi.json', '/asyncapi.json', '/docs', '/']) {
    const response = await fetch(instance.url + path);
    expect(response.status, path).toBe(200);
    await response.body?.cancel();
  }
});

test('a signal stops it cleanly', async () => {
  expect(await instance.stop()).toBe(0);
});

test('commands work on the stores when it does not run', async () => {
  const users = await runCommand(home, ['users', 'list', '--json']);
  expect(users.code, users.stderr).toBe(0);
});

test('a port in use is said, with the remedy', async () => {
  const other = createServer().listen(port, '0.0.0.0');
  await new Promise((resolve) => other.once('listening', resolve));
  const { code, stderr, stdout } = await runCommand(home, ['up', '--port', String(port)]);
  other.close();
  expect(code).not.toBe(0);
  expect(stderr + stdout).toContain(String(port));
});

test('it starts again on what is there', async () => {
  await instance.start();
  expect((await fetch(`${instance.url}/health/ready`)).status).toBe(200);
});
