import type { Engine } from './engine.ts';
import type { Http } from './http.ts';
import type { State } from './state.ts';
import type { AccessTokens } from './tokens.ts';

/** Pictures go by HTTP: they are larger than a socket's frames. */
export function makePictures({
  state,
  http,
  tokens,
}: {
  readonly state: Pick<State, 'setMe' | 'setProfile'>;
  readonly http: Pick<Http, 'post'>;
  readonly tokens: Pick<AccessTokens, 'get'>;
}): Engine['pictures'] {
  return {
    async setMine(picture) {
      const token = await tokens.get();
      const { me } =
        picture === null
          ? await http.post('avatar.clear', {}, token)
          : await http.post('avatar.set', { picture }, token);
      state.setMe(me);
      const { userId, name, displayName, gone, avatar } = me;
      state.setProfile({ userId, name, displayName, gone, ...(avatar === undefined ? {} : { avatar }) });
    },
    async setOf(conversationId, picture) {
      await http.post('conversation.setAvatar', { conversationId, picture }, await tokens.get());
    },
  };
}
