import type { ClientId } from '../../protocol/ids.ts';
import type { World } from './world.ts';

/** A UUIDv7. `crypto.randomUUID` is not there on plain http, `crypto.getRandomValues` is. */
export function newClientId({ now, bytes }: Pick<World, 'now' | 'bytes'>): ClientId {
  const id = bytes(16);
  const time = now();
  for (let i = 0; i < 6; i++) id[i] = Math.floor(time / 2 ** (8 * (5 - i))) % 256;
  id[6] = 0x70 | ((id[6] ?? 0) & 0x0f);
  id[8] = 0x80 | ((id[8] ?? 0) & 0x3f);
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') as ClientId;
}
