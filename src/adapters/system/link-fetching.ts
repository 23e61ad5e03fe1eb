import { Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { bareHost, pinnedLookup } from './pinned-lookup.ts';

/** How pages are asked for. Tests replace what leads to the internet. */
export interface Reach {
  /** All addresses of a name. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** Whether an address may be connected to. */
  readonly allows: (address: string) => boolean;
  readonly ports: readonly number[];
  /** Of everything together, redirects too. */
  readonly patienceMs: number;
  readonly userAgent: string;
}

export interface Fetched {
  /** Where it was in the end. */
  readonly url: URL;
  /** Of the `content-type`, if it names one. */
  readonly charset: string | null;
  /** The beginning of the page: at most `pageBytes`. */
  readonly content: Buffer;
}

const pageBytes = 512 * 1024;
const mostRedirects = 3;
const headerBytes = 16 * 1024;

/** Asks the name servers and nothing else: neither names of this host's own network nor a thread that others wait for. */
export async function resolveName(name: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}

/** The page behind an address; null where there is none that may be shown. Rejects where it cannot be had. */
export async function fetchPage(address: string, reach: Reach): Promise<Fetched | null> {
  const ending = AbortSignal.timeout(reach.patienceMs);
  let url = new URL(address);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await ask(url, reach, ending);
    try {
      const next = redirectOf(response, url);
      if (next === null) return await pageOf(response, url, ending);
      url = next;
    } finally {
      response.destroy();
    }
  }
  throw new Error('too many redirects');
}

/** Every address that is connected to was checked here, whatever the name resolves to a moment later. */
async function ask(url: URL, reach: Reach, ending: AbortSignal): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('neither http nor https');
  const secure = url.protocol === 'https:';
  if (!reach.ports.includes(Number(url.port || (secure ? 443 : 80)))) throw new Error('no port of the web');
  const host = bareHost(url);
  const found = isIP(host) > 0 ? [host] : await unlessEnded(reach.resolve(host), ending);
  // One that leads inside is enough: nobody with honest intent mixes them.
  if (found.length === 0 || !found.every(reach.allows)) throw new Error('not an address of the internet');

  return new Promise((resolve, reject) => {
    const asking = (secure ? requestHttps : requestHttp)({
      protocol: url.protocol,
      hostname: host,
      port: url.port || undefined,
      path: `${url.pathname}${url.search}`,
      // A connection of its own, so that none is used again that was made for somebody else.
      agent: false,
      maxHeaderSize: headerBytes,
      signal: ending,
      lookup: pinnedLookup(found),
      headers: {
        host: url.host,
        accept: 'text/html,application/xhtml+xml;q=0.9',
        'accept-encoding': 'gzip, deflate, br',
        'accept-language': 'en, *;q=0.5',
        'user-agent': reach.userAgent,
      },
    });
    asking.on('response', resolve);
    asking.on('error', reject);
    asking.end();
  });
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null;
  const to = new URL(headers.location ?? '', from);
  to.username = '';
  to.password = '';
  return to;
}

async function pageOf(response: IncomingMessage, url: URL, ending: AbortSignal): Promise<Fetched | null> {
  const [type = '', ...parameters] = (response.headers['content-type'] ?? '').toLowerCase().split(';');
  if (response.statusCode !== 200 || !['text/html', 'application/xhtml+xml'].includes(type.trim())) return null;
  const charset = parameters.map((each) => /^\s*charset\s*=\s*"?([^"\s]+)/.exec(each)?.[1]).find(Boolean) ?? null;
  return { url, charset, content: await readStart(unpacked(response), ending) };
}

function unpacked(response: IncomingMessage): Readable {
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return response;
  const make = unpacking[coding];
  if (make === undefined) throw new Error('an unknown coding');
  const stream = make();
  response.on('error', (error) => stream.destroy(error));
  return response.pipe(stream);
}

const unpacking: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** What comes up to the bound; reading stops there, so that nothing more is unpacked. */
async function readStart(stream: Readable, ending: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const stop = () => stream.destroy(ending.reason);
  ending.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of stream) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes >= pageBytes) break;
    }
  } finally {
    ending.removeEventListener('abort', stop);
    stream.destroy();
  }
  return Buffer.concat(pieces).subarray(0, pageBytes);
}

function unlessEnded<T>(work: Promise<T>, ending: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(ending.reason);
    if (ending.aborted) stop();
    ending.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => ending.removeEventListener('abort', stop));
  });
}
