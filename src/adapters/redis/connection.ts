import { Redis } from 'ioredis';

/** An answer that takes longer than this, ms, does not count any more. */
const commandTimeout = 500;

/**
 * A connection that comes back by itself, and meanwhile refuses at once: what is sent to the bus must not arrive late or
 * twice. `failed` hears why it is away.
 */
export function connect(url: string, name: string, failed: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    connectionName: name,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 3_000,
    commandTimeout,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  redis.on('error', failed);
  return redis;
}
