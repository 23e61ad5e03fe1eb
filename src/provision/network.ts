import { isIP } from 'node:net';
import type { Machine } from './machine.ts';

/** The address that others on the local network can use; this host alone where it has none. */
export async function lanAddress(machine: Machine, port: number): Promise<string> {
  const found = await machine.addresses();
  const best = found.find(({ address, family }) => family === 'IPv4' && isPrivate(address));
  return origin(best?.address ?? 'localhost', port);
}

/** An http address without a slash at its end. */
export function origin(host: string, port: number): string {
  const written = isIP(host) === 6 ? `[${host}]` : host;
  return port === 80 ? `http://${written}` : `http://${written}:${port}`;
}

/** The name or number in an address: `192.168.1.5` of `http://192.168.1.5:8080`. */
export function hostOf(address: string): string {
  return new URL(address).hostname.replace(/^\[|\]$/g, '');
}

/** An address that routers of local networks give out, and may give to another tomorrow. */
export function isPrivate(address: string): boolean {
  if (isIP(address) === 6) return /^f[cd]/i.test(address);
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    isIP(address) === 4 &&
    (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128))
  );
}
