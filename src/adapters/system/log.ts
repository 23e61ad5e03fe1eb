import { type DestinationStream, pino, stdSerializers } from 'pino';
import type { Log } from '../../ports/log.ts';
import { redactedPaths, withoutCredentials } from './redaction.ts';

/** JSON lines, to standard output unless a destination is given. */
export function makeLog(how: {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly destination?: DestinationStream;
}): Log {
  const options = {
    level: how.level,
    redact: { paths: [...redactedPaths], censor: '[secret]' },
    serializers: { err: describeError },
  };
  return how.destination === undefined ? pino(options) : pino(options, how.destination);
}

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const described = stdSerializers.err(error);
  return {
    ...described,
    message: withoutCredentials(described.message),
    stack: withoutCredentials(described.stack),
  };
}
