import { rmSync } from 'node:fs';
import type * as z from 'zod';
import type { Reach } from '../../src/adapters/system/link-fetching.ts';
import { makeLinkReader } from '../../src/adapters/system/link-reader.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import { composePlatform } from '../../src/app/compose.ts';
import { startNode } from '../../src/app/node.ts';
import { loadConfig } from '../../src/config/config.ts';
import { homeAt } from '../../src/config/home.ts';
import type { configSchema, Secrets } from '../../src/config/schema.ts';
import { loadSecrets } from '../../src/config/secrets.ts';
import type { Platform } from '../../src/ports/platform.ts';
import { freePort } from './free-port.ts';
import { makeHome } from './instance.ts';

/** A whole instance in the test's own process: composed and started as the product does, its log and stores at hand. */
export interface ServedInstance {
  /** On loopback. */
  readonly url: string;
  readonly platform: Platform;
  /** The folder it lies in. */
  readonly folder: string;
  /** What it wrote to its log so far, everything there is to say. */
  logged(): string;
  /** Lines of the log of errors and worse. */
  defects(): readonly string[];
  stop(): Promise<void>;
}

/** `linksFrom` stands for the internet: the links that people send are looked up there. */
export async function serveInstance(
  settings: z.input<typeof configSchema> = {},
  { secrets, linksFrom }: { readonly secrets?: Secrets; readonly linksFrom?: Partial<Reach> } = {},
): Promise<ServedInstance> {
  const port = await freePort();
  const folder = await makeHome({ port, host: '127.0.0.1', ...settings }, secrets);
  const home = homeAt(folder);
  const lines: string[] = [];
  const log = makeLog({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
  const composed = await composePlatform({
    config: await loadConfig(folder, {}),
    secrets: await loadSecrets(folder),
    home,
    log,
  });
  const { clock, links, settings: of } = composed.platform;
  const reader = linksFrom === undefined ? links : makeLinkReader({ clock, log, version: of.version }, linksFrom);
  const composition = { ...composed, platform: { ...composed.platform, links: reader } };
  const node = await startNode(composition, { roles: ['api', 'worker'], managementPath: home.socket });
  return {
    url: `http://127.0.0.1:${port}`,
    platform: composition.platform,
    folder,
    logged: () => lines.join(''),
    defects: () => lines.filter((line) => isDefect(JSON.parse(line))),
    async stop() {
      await node.stop();
      await composition.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function isDefect({ level, msg }: { readonly level: number | string; readonly msg: string }): boolean {
  return msg === 'defect' || level === 'error' || level === 'fatal' || (typeof level === 'number' && level >= 50);
}
