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
      if (response.ok && body !== null) return body as Output<N>;
      throw errorOf(body, response);
    },
    skew: () => skew,
  };
}

/** What travelled as an error, thrown again here. */
export function appError({ code, reason, ...more }: WireError): AppError {
  return new AppError(code, reason, more);
}

function errorOf(body: unknown, response: Response): AppError {
  const wire = (body as { error?: Partial<WireError> } | null)?.error ?? (body as Partial<WireError> | null);
  if (wire?.code && wire.code in errorStatus) return appError({ reason: 'unknown', ...wire } as WireError);
  // A proxy answered in the server's place.
  const codes = Object.keys(errorStatus) as ErrorCode[];
  const code = response.status >= 502 ? 'unavailable' : codes.find((one) => errorStatus[one] === response.status);
  return new AppError(code ?? 'unavailable', `http_${response.status}`);
}
