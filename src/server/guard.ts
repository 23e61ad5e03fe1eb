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
  /** Asked for every request and every upgrade, but health checks. */
  admit(request: IncomingMessage): { readonly source: Source } | { readonly refusal: Refusal };
}

export function makeGuard(parts: {
  readonly origins: Origins;
  readonly trustedProxies: readonly string[];
  /** Plain http to public addresses too. */
  readonly insecure: boolean;
}): Guard {
  const read = makeSourceReader(parts.trustedProxies);
  return {
    admit(request) {
      const { host, origin = null } = request.headers;
      const { address, https } = read(request);
      if (!parts.origins.allowsHost(host)) return refusals.wrongHost;
      if (origin !== null && !parts.origins.allowsOrigin(origin)) return refusals.foreignOrigin;
      if (!https && !parts.insecure && address !== null && !isPrivateAddress(address)) return refusals.plainHttp;
      return { source: { address, https, origin } };
    },
  };
}

function refusal(why: Refusal) {
  return { refusal: why } as const;
}

const refusals = {
  wrongHost: refusal({
    status: 421,
    reason: 'wrong_host',
    says: 'This instance does not go by that name. Its owner can set it: messenger config set address https://your.name',
  }),
  foreignOrigin: refusal({
    status: 403,
    reason: 'foreign_origin',
    says: 'A page of another site may not speak to this instance. If this is its own address, its owner can set it: messenger config set address https://your.name',
  }),
  plainHttp: refusal({
    status: 403,
    reason: 'plain_http',
    says: 'Over plain http this instance serves its own network only, because passwords would travel readable. Use its https address.',
  }),
} as const;
