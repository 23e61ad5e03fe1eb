import { isIP } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { Patient } from './checks.ts';
import { hostOf, isPrivate, lanAddress } from './network.ts';
import type { Check, Finding } from './step.ts';

/** Invites carry the address: one that changes, or is no longer ours, leads people nowhere. */
export function addressCheck({ machine, words, typed }: Patient, { address, port }: Config): Check {
  const { title, says, none, loopback, gone, changing, port: otherPort, set, keep } = words.checks.address;
  return {
    id: 'address',
    title,
    async find(): Promise<Finding> {
      const lan = await lanAddress(machine, port);
      if (address === null) return { ok: false, says: none, mend: set(lan, typed), advice: true };
      const host = hostOf(address);
      if (host === 'localhost' || host.startsWith('127.') || host === '::1') {
        return hostOf(lan) === 'localhost'
          ? { ok: true, says: says(address), mend: null }
          : { ok: false, says: loopback(address), mend: set(lan, typed), advice: true };
      }
      if (isIP(host) === 0 || !isPrivate(host)) return { ok: true, says: says(address), mend: null };
      const own = await machine.addresses();
      if (!own.some((one) => one.address === host)) return { ok: false, says: gone(address), mend: set(lan, typed) };
      // Behind a private address there is no proxy that could listen on another port, unless it is https.
      const named = Number(new URL(address).port || 80);
      if (address.startsWith('http:') && named !== port) {
        return { ok: false, says: otherPort(address, port), mend: set(lan, typed) };
      }
      return { ok: false, says: changing(address), mend: keep(typed), advice: true };
    },
  };
}
