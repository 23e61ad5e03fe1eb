import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { dirname } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import type { Log } from '../ports/log.ts';
import { AppError } from '../protocol/errors.ts';
import { paths } from '../protocol/names.ts';
import { makeManagementApi } from './api.ts';
import type { Dispatcher } from './dispatch.ts';
import { listen } from './listening.ts';

/** The same operations for the owner of the host, by HTTP over a local socket. Its folder's mode is the guard. */
export interface Management {
  /** The caller holds the instance's lock, so a socket that is there already was left behind. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function makeManagement(parts: {
  readonly dispatcher: Dispatcher;
  readonly path: string;
  readonly log: Log;
}): Management {
  const log = parts.log.child({ component: 'management' });
  const app = new Hono();
  app.route(paths.api, makeManagementApi(parts.dispatcher));
  app.notFound((context) => context.json({ ok: false, error: { code: 'not_found', reason: 'not_found' } }, 404));
  app.onError((error, context) => {
    log.error({ err: error, path: context.req.path }, 'defect');
    return context.json({ ok: false, error: new AppError('internal', 'defect').toWire() }, 500);
  });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;

  return {
    async start() {
      await prepareFolder(dirname(parts.path));
      await rm(parts.path, { force: true });
      await listen(server, { path: parts.path });
      await chmod(parts.path, 0o600);
    },
    async stop() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
  };
}

/** Owner only. In a folder that everybody may write to, somebody else may have made it first: then it is not used. */
async function prepareFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  const mine = process.getuid === undefined || found.uid === process.getuid();
  if (!found.isDirectory() || !mine) {
    throw new AppError('forbidden', 'run_folder_not_mine', {
      fields: [{ path: folder, message: 'belongs to another user' }],
    });
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
}
