import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cli, makeCli } from '../support/cli.ts';
import { freePort } from '../support/free-port.ts';

let cli: Cli;
beforeAll(async () => {
  cli = makeCli(await freePort());
  await cli.run(['init', '--yes']);
});
afterAll(() => cli.remove());

test('the search index is made anew where no server runs, and where one does', async () => {
  const { code, out, err } = await cli.run(['search', 'rebuild']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('made anew');
  await cli.run(['up', '--detach']);
  expect((await cli.run(['search', 'rebuild', '--json'])).json()).toEqual({ entries: 0 });
  expect((await cli.run(['search', 'rebuild', '--lang', 'ru'])).out).toContain('построен заново');
  await cli.run(['down']);
});
