import { isIP } from 'node:net';
import type { Config } from '../config/schema.ts';
import { isPrivateAddress } from '../protocol/private-addresses.ts';
import type { Patient } from './checks.ts';
import { hostOf, lanAddress } from './network.ts';
import type { Check, Finding } from './step.ts';

/** Invites carry the address: one that changes, or is no longer ours, leads people nowhere. */
export function addressCheck({ machine, words, typed }: Patient, { address, port }: Config): Check {
  const { title, says, none, loopback, gone, changing, port: otherPort, set, keep } = words.checks.address;
  return {
    id: 'address',
    title,
    async find(): Promise<Finding> {
      const lan = await lanAddress(machine, port);
      if (address === null) return advice(none, set(lan, typed));
      const host = hostOf(address);
      if (host === 'localhost' || host.startsWith('127.') || host === '::1') {
        if (hostOf(lan) !== 'localhost') return advice(loopback(address), set(lan, typed));
        // Plain http is served to private ranges only, so that a public address needs a name and https.
        return (await machine.addresses()).length === 0
          ? { ok: true, says: says(address), mend: null }
          : advice(loopback(address), set('https://chat.example.org', typed));
      }
      if (isIP(host) === 0 || !isPrivateAddress(host)) return { ok: true, says: says(address), mend: null };
      const own = await machine.addresses();
      if (!own.some((one) => one.address === host)) return { ok: false, says: gone(address), mend: set(lan, typed) };
      // Behind a private address there is no proxy that could listen on another port, unless it is https.
      const named = Number(new URL(address).port || 80);
      if (address.startsWith('http:') && named !== port) {
        return { ok: false, says: otherPort(address, port), mend: set(lan, typed) };
      }
      return advice(changing(address), keep(typed));
    },
  };
}

function advice(says: string, mend: string): Finding {
  return { ok: false, says, mend, advice: true };
}
