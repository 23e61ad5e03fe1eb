import { type Auth, makeAuth } from '../core/auth/auth.ts';
import { type Messaging, makeMessaging } from '../core/messaging/messaging.ts';
import { lanAddresses } from '../server/addresses.ts';
import type { DispatchedHandlers } from '../server/dispatch.ts';
import { makeInstanceHandlers } from '../server/instance-handlers.ts';
import type { Composition } from './compose.ts';

/** What answers operations. Nothing of it runs by itself until it is started. */
export interface CoreParts {
  readonly auth: Auth;
  readonly messaging: Messaging;
  readonly handlers: DispatchedHandlers;
}

export function makeCoreParts(
  composition: Composition,
  node: { readonly connections: () => number; readonly startedAt: number },
): CoreParts {
  const { platform, config, profile, parts, dataBytes } = composition;
  const messaging = makeMessaging(platform);
  const auth = makeAuth(platform, messaging.people);
  const instance = makeInstanceHandlers(platform, {
    profile,
    address: config.address,
    parts,
    dataBytes,
    addresses: () => addressesOf(platform.settings.address, config.port),
    ...node,
  });
  return { auth, messaging, handlers: { ...auth.handlers, ...messaging.handlers, ...instance } };
}

/** The address people use first, then those in this host's networks and on itself. */
function addressesOf(address: string, port: number): readonly string[] {
  const names = [...lanAddresses().filter((each) => !each.includes(':')), 'localhost'];
  return [...new Set([address, ...names.map((name) => `http://${name}:${port}`)])];
}
