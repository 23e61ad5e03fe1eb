import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { asProblem } from '../config/whole-file.ts';
import { AppError } from '../protocol/errors.ts';

/** Why an instance does not start, as something a person can mend; what is not known stays as it is. */
export function startProblem(error: unknown, home: Home, config: Config): unknown {
  if (!(error instanceof AppError)) return asProblem(error, home.folder);
  switch (error.reason) {
    case 'port_in_use':
      return new Problem('port_in_use', { port: config.port }, error);
    case 'port_not_allowed':
      return new Problem('port_not_permitted', { port: config.port }, error);
    case 'host_not_here':
      return new Problem('host_not_here', { host: config.host }, error);
    case 'database_newer':
      return new Problem('database_newer', { file: home.data }, error);
    case 'store_damaged':
      return new Problem('database_damaged', { file: home.data }, error);
    case 'disk_full':
      return new Problem('disk_full', { path: home.data }, error);
    case 'read_only':
      return new Problem('read_only', { path: home.data }, error);
    case 'store_unreachable':
    case 'bus_unreachable':
      return new Problem('store_unreachable', { what: storesOf(config) }, error);
    default:
      return error;
  }
}

function storesOf({ database, messages, bus }: Config): string {
  return [...new Set([database.store, messages.store, bus.store])].filter((store) => store !== 'memory').join(', ');
}
