import type { PostgresPool, PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { AppError } from '../../protocol/errors.ts';
import { storeError } from './store-error.ts';

const int8 = 20;

/**
 * Connections to PostgreSQL. A lost one is dropped and the next request makes a new one, so that the store is there again
 * as soon as the server is.
 */
export function openPostgresPool(url: string): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'messenger',
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    lock_timeout: 8_000,
    statement_timeout: 10_000,
    idle_in_transaction_session_timeout: 10_000,
    // Behind the server's own: it ends the wait for a server that vanished without a word.
    query_timeout: 12_000,
    // Numbers stay below 2^53 here; pg would answer them as text.
    types: { getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)) },
  });
  pool.on('error', () => {});
  // A connection may also be lost between two statements of a transaction; unheard, that would end the process. The next
  // statement tells.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      try {
        return translating(await pool.connect());
      } catch (error) {
        const told = storeError(error);
        // Certificates, sign-in, a wrong address: whatever keeps it from connecting, the store is out of reach.
        throw told instanceof AppError ? told : new AppError('unavailable', 'store_unreachable', { cause: error });
      }
    },
  };
}

function translating(client: pg.PoolClient): PostgresPoolClient {
  let broken = false;
  const query = async (text: string, parameters: readonly unknown[]): Promise<unknown> => {
    try {
      return await client.query(text, [...parameters]);
    } catch (error) {
      const told = storeError(error);
      // What the server said leaves the connection usable; anything else may not have.
      broken ||= told instanceof AppError && !(error instanceof pg.DatabaseError);
      throw told;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || broken),
  };
}
