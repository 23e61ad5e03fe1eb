import { makeHome, startInstance } from '../support/instance.ts';
import { addSignedInPeople } from '../support/signed-in-people.ts';
import type { Credentials } from './load-person.ts';
import { pinned, type Server } from './pinned.ts';

/** The built program on a new instance with people in it, on a core of its own. `heapMb` bounds what it may keep. */
export async function startProduct(
  people: number,
  tokens: number,
  heapMb?: number,
): Promise<{ server: Server; people: readonly Credentials[] }> {
  const home = await makeHome({ address: 'http://127.0.0.1', host: '127.0.0.1', log: { level: 'warn' } });
  const credentials = await addSignedInPeople(home, people, { tokens });
  const bounds = heapMb === undefined ? [] : ['env', `NODE_OPTIONS=--max-old-space-size=${heapMb}`];
  const instance = await startInstance(home, { prefix: pinned(0, bounds) });
  return { server: { port: instance.port, pid: instance.pid, stop: () => instance.remove() }, people: credentials };
}
