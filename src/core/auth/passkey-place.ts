import type { PasskeyPlace } from '../../ports/passkeys.ts';
import type { Settings } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Call } from '../call.ts';

/** Where passkeys of this call belong to: the page that asks, else the instance's address. Null: that is a bare address. */
export function passkeyPlace({ origin }: Call, { address }: Settings): PasskeyPlace | null {
  const url = new URL(origin ?? address);
  return isBareAddress(url.hostname) ? null : { host: url.hostname, origin: url.origin };
}

/** The same, where there has to be one: fails with `conflict` (`passkeys_need_a_name`). */
export function neededPasskeyPlace(call: Call, settings: Settings): PasskeyPlace {
  const place = passkeyPlace(call, settings);
  if (place === null) throw new AppError('conflict', 'passkeys_need_a_name');
  return place;
}

/** `URL` writes every form of an IPv4 address with dots, and IPv6 in brackets. */
function isBareAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname);
}
