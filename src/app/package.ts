import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The installed package's folder: the same seen from `src/app` and from `dist/app`. */
const folder = join(import.meta.dirname, '..', '..');

export const version: string = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;

/** Where the build puts the client. */
export const webFolder = join(folder, 'dist', 'web');
