import type { Digests } from '../../ports/crypto.ts';
import { type SessionId, sessionId } from '../../protocol/ids.ts';

/** A refresh token says which session it continues and how often that was refreshed before; a MAC shows it is ours. */
export interface RefreshToken {
  readonly sessionId: SessionId;
  readonly generation: number;
}

export function writeRefreshToken(digests: Digests, token: RefreshToken): string {
  return `${token.sessionId}.${token.generation}.${macOf(digests, token)}`;
}

/** Null where it is not one that this instance made. */
export function readRefreshToken(digests: Digests, text: string): RefreshToken | null {
  const [session, generation = '', mac = '', ...rest] = text.split('.');
  const known = sessionId.safeParse(session);
  if (!known.success || !/^[1-9]\d{0,14}$/.test(generation) || rest.length > 0) return null;
  const token = { sessionId: known.data, generation: Number(generation) };
  return digests.same(macOf(digests, token), mac) ? token : null;
}

/** The leading word keeps these apart from whatever else is authenticated under the instance's key. */
function macOf(digests: Digests, { sessionId, generation }: RefreshToken): string {
  return digests.mac(`refresh ${sessionId}.${generation}`);
}
