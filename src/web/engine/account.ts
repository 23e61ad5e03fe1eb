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
      const { userId, name, gone, avatar } = me;
      state.setProfile({
        userId,
        name,
        displayName: me.displayName,
        gone,
        ...(avatar === undefined ? {} : { avatar }),
      });
    },
  };
}

/** Tells the server, as soon as there is a way, in which language it writes to me. */
export function makeMailLanguage(
  state: Pick<State, 'setMe'>,
  { insist }: Pick<Requests, 'insist'>,
): (language: 'en' | 'ru') => void {
  let told: Promise<void> = Promise.resolve();
  return (language) => {
    // One after the other, so that the last choice stays. What is refused for good changes nothing here.
    told = told
      .then(() => insist('user.update', { language }))
      .then(({ me }) => state.setMe(me))
      .catch(() => undefined);
  };
}
