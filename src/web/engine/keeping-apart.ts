import type { Engine } from './engine.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';

/** What people see of me, what I report and settle, and the links that lead into groups. Each rejects with AppError. */
export function makeKeepingApart(
  state: Pick<State, 'privacy' | 'setPrivacy'>,
  { ask }: Pick<Requests, 'ask'>,
): Pick<Engine, 'reports' | 'links'> & { setPrivacy: Engine['people']['setPrivacy'] } {
  return {
    async setPrivacy(change) {
      const before = state.privacy.peek();
      if (before) state.setPrivacy({ ...before, ...change });
      try {
        state.setPrivacy((await ask('privacy.set', change)).privacy);
      } catch (error) {
        if (before) state.setPrivacy(before);
        throw error;
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
