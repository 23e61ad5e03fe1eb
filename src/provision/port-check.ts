import type { Config } from '../config/schema.ts';
import type { Patient } from './checks.ts';
import type { Check } from './step.ts';

export function portCheck({ machine, pid, words, typed }: Patient, { host, port }: Config): Check {
  const { title, free, ours, mend, hostMend, ...found } = words.checks.port;
  return {
    id: 'port',
    title,
    async find() {
      if (pid !== null) return { ok: true, says: ours(port), mend: null };
      const tried = await machine.tryPort(host, port);
      switch (tried) {
        case 'free':
          return { ok: true, says: free(port), mend: null };
        case 'not_here':
          return { ok: false, says: found.not_here(host), mend: hostMend(typed) };
        case 'not_permitted':
          return { ok: false, says: found.not_permitted(port), mend: mend(port + 8000, typed) };
        case 'in_use':
          return { ok: false, says: found.in_use(port), mend: mend(port + 1, typed) };
      }
    },
  };
}
