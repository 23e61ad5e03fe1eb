import type { Clock } from '../../ports/clock.ts';
import type { LinkReader, PageSummary } from '../../ports/link-reader.ts';
import type { Log } from '../../ports/log.ts';
import { fetchPage, type Reach, resolveName } from './link-fetching.ts';
import { summarise } from './page-summary.ts';
import { isPublicAddress } from './public-addresses.ts';

/** What was found, or not, is believed for so long. */
const rememberedMs = 10 * 60_000;
const mostRemembered = 500;
const atOnce = 4;

interface Remembered {
  readonly until: number;
  readonly summary: Promise<PageSummary | null>;
}

/** Reads pages of the internet over http and https, on their usual ports. `over` replaces what tests must. */
export function makeLinkReader(
  { clock, log, version }: { readonly clock: Clock; readonly log: Log; readonly version: string },
  over: Partial<Reach> = {},
): LinkReader {
  const reach: Reach = {
    resolve: resolveName,
    allows: isPublicAddress,
    ports: [80, 443],
    patienceMs: 5_000,
    userAgent: `Mozilla/5.0 (compatible; MessengerLinkPreview/${version}; looks once at links that people send)`,
    ...over,
  };
  /** In the order in which they were asked for. */
  const remembered = new Map<string, Remembered>();
  const turn = inTurns(atOnce);

  async function look(url: string): Promise<PageSummary | null> {
    try {
      const page = await fetchPage(url, reach);
      return page === null ? null : summarise(page);
    } catch (error) {
      // Without the address: what people send each other is not for the log.
      log.debug({ says: error instanceof Error ? error.message : String(error) }, 'a link was not looked up');
      return null;
    }
  }

  function forget(): void {
    for (const [url, { until }] of remembered) {
      if (until > clock.now() && remembered.size < mostRemembered) return;
      remembered.delete(url);
    }
  }

  return {
    read(address) {
      const url = keyOf(address);
      if (url === null) return Promise.resolve(null);
      forget();
      const known = remembered.get(url);
      if (known !== undefined) return known.summary;
      const summary = turn(() => look(url));
      remembered.set(url, { until: clock.now() + rememberedMs, summary });
      return summary;
    },
  };
}

/** One spelling an address, without what is not asked for; null for those that are never followed. */
function keyOf(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return null;
  // Whoever is named there would be signed in by it.
  if (url.username !== '' || url.password !== '') return null;
  url.hash = '';
  return url.href;
}

function inTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
