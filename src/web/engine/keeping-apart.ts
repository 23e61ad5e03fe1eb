import type { Privacy } from '../../protocol/models.ts';
import type { Engine } from './engine.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';

/** What people see of me, what I report and settle, and the links that lead into groups. Each rejects with AppError. */
export function makeKeepingApart(
  state: Pick<State, 'privacy' | 'setPrivacy'>,
  { ask }: Pick<Requests, 'ask'>,
): Pick<Engine, 'reports' | 'links'> & { setPrivacy: Engine['people']['setPrivacy'] } {
  /** On their way, and what stands without them. */
  const changes: Partial<Privacy>[] = [];
  let stored: Privacy | null = null;

  function showPrivacy(): void {
    if (stored) state.setPrivacy(Object.assign({ ...stored }, ...changes));
  }

  return {
    async setPrivacy(change) {
      if (changes.length === 0) stored = state.privacy.peek();
      changes.push(change);
      showPrivacy();
      try {
        stored = (await ask('privacy.set', change)).privacy;
      } finally {
        changes.splice(changes.indexOf(change), 1);
        showPrivacy();
      }
    },
    reports: {
      async create(report) {
        await ask('report.create', report);
      },
      list: (which, after) => ask('report.list', { state: which, after }),
      show: (reportId) => ask('report.show', { reportId }),
      async resolve(resolution) {
        await ask('report.resolve', resolution);
      },
    },
    links: {
      create: (input) => ask('link.create', input),
      list: async (conversationId) => (await ask('link.list', { conversationId })).links,
      async revoke(groupLinkId) {
        await ask('link.revoke', { groupLinkId });
      },
      look: (secret) => ask('link.look', { secret }),
      join: async (secret) => (await ask('link.join', { secret })).conversationId,
    },
  };
}
