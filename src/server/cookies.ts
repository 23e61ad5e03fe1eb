import { type OperationName, operations } from '../protocol/operations.ts';
import type { Reply } from './dispatch.ts';

/** A token that browsers keep where no script can read it. */
interface TokenCookie {
  /** Of operations: where their input takes it, and where their output answers it. */
  readonly field: 'refreshToken' | 'deviceToken';
  readonly name: string;
  readonly maxAgeMs: number;
  /** Forgotten on signing out, and when it is refused. */
  readonly endsWithSession: boolean;
}

/** Browsers keep no cookie longer. */
const longestMs = 400 * 86_400_000;

/** One request on its way through the cookies. */
export interface Cookied {
  /** With what the browser keeps, where the operation takes it and the client names none itself. */
  readonly input: unknown;
  /**
   * Moves tokens from the answer into cookies (`Set-Cookie` headers) where the browser keeps them there. What came from a
   * cookie never leaves through the body, whatever the script asks for: a script must not be able to read it.
   */
  settle(reply: Reply): { readonly reply: Reply; readonly setCookies: readonly string[] };
}

/** `refreshMs`: how long a browser keeps the refresh token. */
export function makeTokenCookies(
  refreshMs: number,
): (op: string, input: unknown, from: { readonly cookies: string | undefined; readonly https: boolean }) => Cookied {
  const all: readonly TokenCookie[] = [
    { field: 'refreshToken', name: 'messenger', maxAgeMs: refreshMs, endsWithSession: true },
    { field: 'deviceToken', name: 'messenger-device', maxAgeMs: longestMs, endsWithSession: false },
  ];

  return (op, input, { cookies, https }) => {
    const kept = new Map<TokenCookie, string>();
    for (const cookie of all) {
      const token = isObject(input) && !Object.hasOwn(input, cookie.field) ? readCookie(cookies, cookie, https) : null;
      if (token !== null && takes(op, cookie.field, token)) kept.set(cookie, token);
    }
    const inCookies = all.filter((cookie) => kept.has(cookie) || asksForCookies(input));
    const ending = all.filter(({ endsWithSession }) => endsWithSession);
    const write = (cookie: TokenCookie, token: string | null) => writeCookie(token, cookie, https);
    const forget = (those: readonly TokenCookie[]) => those.map((cookie) => write(cookie, null));

    return {
      input: isObject(input)
        ? { ...input, ...Object.fromEntries([...kept].map(([{ field }, it]) => [field, it])) }
        : input,
      settle(reply) {
        if (!reply.ok) {
          const refused = reply.error.code === 'unauthenticated' ? ending.filter((cookie) => kept.has(cookie)) : [];
          return { reply, setCookies: forget(refused) };
        }
        if (op === 'auth.signOut') return { reply, setCookies: forget(ending) };
        return moved(reply, inCookies, write);
      },
    };
  };
}

/** The tokens of an answer as `Set-Cookie` headers, and the answer without them. */
function moved(
  reply: Extract<Reply, { ok: true }>,
  cookies: readonly TokenCookie[],
  write: (cookie: TokenCookie, token: string) => string,
): ReturnType<Cookied['settle']> {
  if (cookies.length === 0 || !isObject(reply.output)) return { reply, setCookies: [] };
  const output = { ...reply.output };
  const setCookies: string[] = [];
  for (const cookie of cookies) {
    const token = output[cookie.field];
    delete output[cookie.field];
    if (typeof token === 'string') setCookies.push(write(cookie, token));
  }
  return { reply: { ok: true, output }, setCookies };
}

/** Another program of the same host may have left something under the name: what cannot be a token is none. */
function takes(op: string, field: string, token: string): boolean {
  if (!Object.hasOwn(operations, op)) return false;
  const { shape } = operations[op as OperationName].input;
  return (
    field in shape &&
    (shape as Record<string, { safeParse(it: unknown): { success: boolean } }>)[field]?.safeParse(token).success ===
      true
  );
}

function asksForCookies(input: unknown): boolean {
  return isObject(input) && input.keepIn === 'cookie';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The `__Host-` prefix binds a cookie to this host and to https; a plain-http address cannot have that, so it has another
 * name there, and neither is mistaken for the other.
 */
function nameOf({ name }: TokenCookie, https: boolean): string {
  return https ? `__Host-${name}` : name;
}

function readCookie(header: string | undefined, cookie: TokenCookie, https: boolean): string | null {
  const start = `${nameOf(cookie, https)}=`;
  const pair = (header ?? '').split(';').find((each) => each.trimStart().startsWith(start));
  const value = pair?.trim().slice(start.length) ?? '';
  return value === '' ? null : value;
}

function writeCookie(token: string | null, cookie: TokenCookie, https: boolean): string {
  const age = token === null ? 0 : Math.floor(cookie.maxAgeMs / 1000);
  const secure = https ? '; Secure' : '';
  return `${nameOf(cookie, https)}=${token ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}
