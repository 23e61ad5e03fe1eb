import type { Log } from '../ports/log.ts';
import { makeDispatcher } from '../server/dispatch.ts';
import { makeEpochWatch } from '../server/epoch.ts';
import { makeGateway } from '../server/gateway.ts';
import { makeManagement } from '../server/management.ts';
import { makeWorker } from '../workers/worker.ts';
import type { Composition } from './compose.ts';
import { makeCoreParts } from './core-parts.ts';
import { webFolder } from './package.ts';

export type Role = 'api' | 'worker';

/** A running server process. */
export interface Node {
  readonly port: number;
  /** Drains: accepts nothing more, tells sockets to reconnect, finishes what is under way. Stores stay open. */
  stop(): Promise<void>;
}

interface Part {
  start(): Promise<void>;
  stop(): void | Promise<void>;
}

/** Starts the parts of a node in order; they stop in the opposite one. When one fails, those before it stop again. */
export async function startNode(
  composition: Composition,
  { roles, managementPath }: { readonly roles: readonly Role[]; readonly managementPath: string },
): Promise<Node> {
  const { platform, config } = composition;
  const { clock, log } = platform;
  const startedAt = clock.now();
  const epoch = makeEpochWatch(platform);
  const { auth, messaging, handlers } = makeCoreParts(composition, {
    startedAt,
    connections: () => gateway.connections(),
  });
  const dispatcher = makeDispatcher({ handlers, log, clock, epoch: epoch.present });
  const management = makeManagement({ dispatcher, path: managementPath, log });
  const worker = makeWorker({ ...platform, handlers: { ...auth.jobs, ...messaging.jobs } });
  const gateway = await makeGateway({
    settings: {
      name: config.name,
      version: platform.settings.version,
      address: config.address,
      port: config.port,
      host: config.host,
      insecure: config.insecure,
      trustedProxies: config.trustedProxies,
      cookieMs: platform.settings.sessionIdleMs,
      web: webFolder,
    },
    dispatcher,
    authenticate: auth.authenticate,
    available: auth.available,
    receivers: messaging,
    epoch: epoch.present,
    jwks: () => platform.accessTokens.jwks(),
    findPicture: (hash) => platform.avatars.find(hash),
    parts: composition.parts,
    clock,
    log,
  });
  auth.onRevoked(gateway.revoke);

  const order: Part[] = [
    composition.keyWatch,
    epoch,
    auth,
    messaging,
    ...(roles.includes('worker') ? [worker] : []),
    management,
    ...(roles.includes('api') ? [gateway] : []),
  ];
  const stop = await startInOrder(order, log);
  const port = gateway.port();
  log.info({ node: platform.node, roles, port, ms: clock.now() - startedAt }, 'started');

  let stopping: Promise<void> | null = null;
  return {
    port,
    stop() {
      stopping ??= stop().then(() => log.info({ node: platform.node }, 'stopped'));
      return stopping;
    },
  };
}

async function startInOrder(parts: readonly Part[], log: Log): Promise<() => Promise<void>> {
  const started: Part[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ err: error }, 'part did not stop cleanly');
      }
    }
  };
  try {
    for (const part of parts) {
      started.push(part);
      await part.start();
    }
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
