import { Problem } from '../../config/problem.ts';

/** PORT of the environment; null where it is not set. */
export function chosenPort(env: NodeJS.ProcessEnv): number | null {
  if (env.PORT === undefined || env.PORT === '') return null;
  const port = /^\d{1,5}$/.test(env.PORT) ? Number(env.PORT) : 0;
  if (port < 1 || port > 65_535) throw new Problem('bad_answer', { flag: 'PORT', wanted: '1–65535' });
  return port;
}
