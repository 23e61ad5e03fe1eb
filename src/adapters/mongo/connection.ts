import {
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { AppError } from '../../protocol/errors.ts';

/**
 * Acknowledged means on the disk of most servers; what is read is what no failover takes back. On a single server that is
 * its own disk.
 */
export function makeMongoClient(url: string): MongoClient {
  return new MongoClient(url, {
    appName: 'messenger',
    maxPoolSize: 20,
    connectTimeoutMS: 5_000,
    serverSelectionTimeoutMS: 5_000,
    socketTimeoutMS: 15_000,
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: 10_000 },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
  });
}

const duplicateKey = 11_000;
const outOfDiskSpace = 14_031;
/** Codes of a server that is starting, stopping, no primary any more, or waited in vain for others. */
const passingCodes = new Set([
  1, 6, 7, 50, 64, 89, 91, 133, 134, 189, 202, 262, 317, 358, 9001, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

/** What no other try mends: the document itself is refused, or who sends it. */
const lastingCodes = new Set([2, 9, 13, 14, 18, 20, 59, 121, 10_334, 17_280, 17_419]);

/** Storing one document failed, and another try may do: the server was busy, or two writes waited for each other. */
export const isPassing = (code: unknown): boolean => !isDuplicate(code) && !lastingCodes.has(Number(code));
export const isDuplicate = (code: unknown): boolean => code === duplicateKey;

/** What callers hear of the driver's error: `unavailable` with its reason, or a defect as it is. */
export function mongoError(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  const code = error instanceof MongoServerError ? Number(error.code) : 0;
  if (code === outOfDiskSpace) return new AppError('unavailable', 'disk_full', { cause: error });
  return isAway(error, code) ? new AppError('unavailable', 'store_unreachable', { cause: error }) : error;
}

function isAway(error: MongoError, code: number): boolean {
  if (error instanceof MongoBulkWriteError) {
    // Without a word on single documents nobody knows of any; and what most did not store, a failover may take back.
    return [error.writeErrors].flat().length === 0 || error.result.getWriteConcernError() !== undefined;
  }
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError ||
    error.hasErrorLabel('RetryableWriteError') ||
    error.name === 'MongoPoolClearedError' ||
    error.name === 'MongoWriteConcernError' ||
    passingCodes.has(code)
  );
}

/** Runs it, and tells errors as `mongoError` does. */
export async function telling<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw mongoError(error);
  }
}
