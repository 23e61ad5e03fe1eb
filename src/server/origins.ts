import { hostNames, lanAddresses } from './addresses.ts';

/** Interfaces come and go; asking the system for each request would cost more than the request. */
const namesForMs = 10_000;

/** Under which names this instance answers, and which pages may speak to it from a browser. */
export interface Origins {
  /** Whether a `Host` header names this instance. The port does not matter: it may be mapped. */
  allowsHost(host: string | undefined): boolean;
  /** Whether this `Origin` is one of the instance's own pages, which alone may call from a browser. */
  allowsOrigin(origin: string): boolean;
}

export function makeOrigins(parts: {
  /** The configured address, or null. */
  readonly address: string | null;
  /** The port it listens on. */
  readonly port: () => number;
  readonly now: () => number;
  readonly names?: () => readonly string[];
}): Origins {
  const address = parts.address === null ? null : new URL(parts.address);
  const names = parts.names ?? (() => [...lanAddresses(), ...hostNames()]);
  let known = new Set<string>();
  let knownUntil = 0;

  function isLocal(hostname: string): boolean {
    if (parts.now() >= knownUntil) {
      known = new Set(['localhost', '127.0.0.1', '::1', ...names()]);
      knownUntil = parts.now() + namesForMs;
    }
    return known.has(hostname);
  }

  return {
    allowsHost(host) {
      if (host === undefined) return false;
      const hostname = hostnameOf(`http://${host}`);
      return hostname !== null && (hostname === nameOf(address) || isLocal(hostname));
    },
    allowsOrigin(origin) {
      if (address !== null && origin === address.origin) return true;
      const url = URL.parse(origin);
      if (url === null || url.origin !== origin) return false;
      return isLocal(nameOf(url) ?? '') && portOf(url) === parts.port();
    },
  };
}

function hostnameOf(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed === null || parsed.pathname !== '/' || parsed.username !== '' ? null : nameOf(parsed);
}

function nameOf(url: URL | null): string | null {
  return url === null ? null : url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}
