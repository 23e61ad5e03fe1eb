/**
 * The refresh token's cookie. The `__Host-` prefix binds it to this host and to https; a plain-http address cannot have
 * that, so it has another name there, and neither is mistaken for the other.
 */
export function refreshCookieName(https: boolean): string {
  return https ? '__Host-messenger' : 'messenger';
}

export function readRefreshCookie(header: string | undefined, https: boolean): string | null {
  const start = `${refreshCookieName(https)}=`;
  const pair = (header ?? '').split(';').find((each) => each.trimStart().startsWith(start));
  const value = pair?.trim().slice(start.length) ?? '';
  return value === '' ? null : value;
}

/** The `Set-Cookie` header that keeps a refresh token for `maxAgeMs`, or forgets it (null). */
export function writeRefreshCookie(token: string | null, https: boolean, maxAgeMs: number): string {
  const age = token === null ? 0 : Math.floor(maxAgeMs / 1000);
  const secure = https ? '; Secure' : '';
  return `${refreshCookieName(https)}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
