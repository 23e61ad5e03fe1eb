import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A network between a program and a server on loopback. */
export interface NetworkLine {
  readonly port: number;
  /** Nothing arrives any more, on either side; nobody is told. */
  freeze(): void;
  /** All that was held arrives, and only then that connections were ended. */
  thaw(): void;
  stop(): Promise<void>;
}

const endingsLaterMs = 20;

export async function openLine(to: number): Promise<NetworkLine> {
  const sockets = new Set<Socket>();
  let frozen = false;

  function carry(from: Socket, into: Socket): void {
    sockets.add(from);
    from.on('data', (data) => into.write(data));
    from.on('end', async () => {
      await pause(endingsLaterMs);
      into.end();
    });
    from.on('error', () => into.destroy());
    from.on('close', () => {
      sockets.delete(from);
      into.destroySoon();
    });
    if (frozen) from.pause();
  }

  const server: Server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: to, host: '127.0.0.1', allowHalfOpen: true });
    carry(near, far);
    carry(far, near);
  });
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  return {
    port,
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
