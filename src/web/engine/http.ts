import { AppError, type ErrorCode, errorStatus, type WireError } from '../../protocol/errors.ts';
import { epochHeader, paths } from '../../protocol/names.ts';
import type { InputToSend, OperationName, Output } from '../../protocol/operations.ts';
import type { World } from './world.ts';

/** Operations by plain HTTP: before there is a socket, and what has to do with the cookie. */
export interface Http {
  /** Rejects with AppError: `unavailable offline` where the server cannot be reached. */
  post<N extends OperationName>(op: N, input: InputToSend<N>, accessToken?: string): Promise<Output<N>>;
  /** How far the server's clock is ahead of this device's, in ms, as far as it is known. */
  skew(): number;
}

const waitMs = 20_000;

export function makeHttp(world: World, epoch: () => string | null): Http {
  let skew = 0;

  async function send(op: string, input: unknown, accessToken: string | undefined): Promise<Response> {
    const known = epoch();
    const giveUp = new AbortController();
    const cancel = world.after(waitMs, () => giveUp.abort());
    try {
      return await world.fetch(paths.api + op, {
        method: 'POST',
        credentials: 'same-origin',
        cache: 'no-store',
        signal: giveUp.signal,
        headers: {
          'content-type': 'application/json',
          ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
          ...(known === null ? {} : { [epochHeader]: known }),
        },
        body: JSON.stringify(input),
      });
    } catch (cause) {
      throw new AppError('unavailable', 'offline', { cause });
    } finally {
      cancel();
    }
  }

  return {
    async post<N extends OperationName>(op: N, input: InputToSend<N>, accessToken?: string): Promise<Output<N>> {
      const response = await send(op, input, accessToken);
      const date = Date.parse(response.headers.get('date') ?? '');
      if (date > 0) skew = date - world.now();
      const body: unknown = await response.json().catch(() => null);
      if (isAnswer(body)) return body.output as Output<N>;
      throw errorOf(body, response);
    },
    skew: () => skew,
  };
}

/** What travelled as an error, thrown again here. */
export function appError({ code, reason, ...more }: WireError): AppError {
  return new AppError(code, reason, more);
}

function isAnswer(body: unknown): body is { readonly ok: true; readonly output: unknown } {
  return (body as { ok?: unknown } | null)?.ok === true;
}

function errorOf(body: unknown, { status }: Response): AppError {
  const error = (body as { error?: WireError } | null)?.error;
  if (error && error.code in errorStatus) return appError(error);
  // A proxy answered in the server's place.
  const codes = Object.keys(errorStatus) as ErrorCode[];
  const code = status >= 502 ? 'unavailable' : codes.find((one) => errorStatus[one] === status);
  return new AppError(code ?? 'unavailable', `http_${status}`);
}
