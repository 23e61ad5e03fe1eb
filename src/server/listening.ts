import { once } from 'node:events';
import type { ListenOptions, Server } from 'node:net';
import { AppError } from '../protocol/errors.ts';

/** Opens a server to the world. Throws AppError with a reason for what an owner can mend. */
export async function listen(server: Server, where: ListenOptions): Promise<void> {
  server.listen(where);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw startError(error, where);
  }
}

function startError(error: unknown, { port, host, path }: ListenOptions): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new AppError('conflict', 'port_in_use', {
        cause: error,
        fields: [{ path: 'port', message: `another program listens on ${path ?? `port ${port}`}` }],
      });
    case 'EACCES':
      return new AppError('forbidden', 'port_not_allowed', {
        cause: error,
        fields: [{ path: 'port', message: `this user may not listen on ${path ?? `port ${port}`}` }],
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new AppError('invalid', 'host_not_here', {
        cause: error,
        fields: [{ path: 'host', message: `this host has no address ${host}` }],
      });
    default:
      return error;
  }
}
