import type { IncomingMessage } from 'node:http';
import { isPrivateAddress } from '../protocol/private-addresses.ts';
import { makeSourceReader, type Source } from './addresses.ts';
import type { Origins } from './origins.ts';

/** Why a request is not even looked at, in words for whoever stands before it. */
export interface Refusal {
  readonly status: 403 | 421;
  readonly reason: 'wrong_host' | 'foreign_origin' | 'plain_http';
  readonly says: string;
}

export interface Guard {
  source(request: IncomingMessage): Source;
  /** Null: let it pass. Asked for every request and every upgrade, but health checks. */
  refuse(request: IncomingMessage, source: Source): Refusal | null;
}

export function makeGuard(parts: {
  readonly origins: Origins;
  readonly trustedProxies: readonly string[];
  /** Plain http to public addresses too. */
  readonly insecure: boolean;
}): Guard {
  const source = makeSourceReader(parts.trustedProxies);
  return {
    source,
    refuse(request, { address, https }) {
      if (!parts.origins.allowsHost(request.headers.host)) return refusals.wrongHost;
      if (!parts.origins.allowsOrigin(request.headers.origin)) return refusals.foreignOrigin;
      if (!https && !parts.insecure && address !== null && !isPrivateAddress(address)) return refusals.plainHttp;
      return null;
    },
  };
}

const refusals = {
  wrongHost: {
    status: 421,
    reason: 'wrong_host',
    says: 'This instance does not go by that name. Its owner can set it: messenger config set address https://your.name',
  },
  foreignOrigin: {
    status: 403,
    reason: 'foreign_origin',
    says: 'A page of another site may not speak to this instance. If this is its own address, its owner can set it: messenger config set address https://your.name',
  },
  plainHttp: {
    status: 403,
    reason: 'plain_http',
    says: 'Over plain http this instance serves its own network only, because passwords would travel readable. Use its https address.',
  },
} as const satisfies Record<string, Refusal>;
