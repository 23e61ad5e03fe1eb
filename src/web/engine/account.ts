import type { Engine } from './engine.ts';
import type { Requests } from './requests.ts';
import type { State } from './state.ts';

/** My profile, and where I am signed in. */
export function makeAccount(
  state: State,
  { ask }: Pick<Requests, 'ask'>,
): Pick<Engine['auth'], 'sessions' | 'closeSession' | 'renameSession' | 'closeOtherSessions' | 'rename'> {
  return {
    sessions: async () => (await ask('session.list', {})).sessions,
    async closeSession(sessionId) {
      await ask('session.close', { sessionId });
    },
    async renameSession(sessionId, device) {
      await ask('session.rename', { sessionId, device });
    },
    closeOtherSessions: async () => (await ask('session.closeOthers', {})).closed,
    async rename(displayName) {
      const { me } = await ask('user.update', { displayName });
      state.setMe(me);
      const { userId, name, gone } = me;
      state.setProfile({ userId, name, displayName: me.displayName, gone });
    },
  };
}
