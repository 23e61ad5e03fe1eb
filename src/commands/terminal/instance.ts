import type { Connection } from '../../app/instance.ts';
import { answers, callManagement } from '../../app/management-client.ts';
import type { Home } from '../../config/home.ts';
import { Problem } from '../../config/problem.ts';
import { openLogFile } from '../../provision/log-file.ts';
import type { Machine } from '../../provision/machine.ts';
import { findServer, markOf, type ServerRecord } from '../../provision/server-process.ts';

/** Asks the instance as its host's owner, over the server where one runs, and leaves nothing open. */
export async function withInstance<T>(
  machine: Machine,
  home: Home,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  await refuseOtherOwner(machine, home);
  if (!(await machine.look(home.config))) throw new Problem('not_an_instance', { home: home.folder });
  // A server that answers is asked without loading one here.
  if (await answers(home.socket)) {
    return work({
      via: 'socket',
      call: (op, input) => callManagement(home.socket, op, input),
      close: async () => {},
    });
  }
  const { connectInstance } = await import('../../app/instance.ts');
  const log = openLogFile(home);
  try {
    const connection = await connectInstance(home.folder, { writeLog: log.write });
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  } finally {
    log.close();
  }
}

/** The server of this instance, however it was started; null where none lives. */
export async function findRunning(machine: Machine, home: Home): Promise<ServerRecord | null> {
  const recorded = await findServer(machine, home);
  if (recorded !== null) return recorded;
  if (!(await machine.look(home.socket)) || !(await answers(home.socket))) return null;
  const { pid, addresses } = await callManagement(home.socket, 'instance.status', {});
  const address = addresses[0] ?? '';
  return { pid, mark: (await markOf(machine, pid)) ?? '', port: Number(new URL(address).port || 80), address };
}

/** Files that root makes in somebody's instance could not be read by it afterwards. */
export async function refuseOtherOwner(machine: Machine, home: Home): Promise<void> {
  const facts = await machine.look(home.folder);
  if (facts === null || facts.owner === machine.user.id) return;
  const owner = (await machine.run('id', ['-nu', String(facts.owner)]))?.output.trim();
  const name = owner !== undefined && /^[\w.-]+$/.test(owner) ? owner : `#${facts.owner}`;
  throw new Problem('wrong_owner', { path: home.folder, owner: name, me: machine.user.name });
}
