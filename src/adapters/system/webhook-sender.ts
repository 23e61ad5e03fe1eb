import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { Clock } from '../../ports/clock.ts';
import type { Delivered, WebhookSender } from '../../ports/webhooks.ts';
import { resolveName } from './link-fetching.ts';
import { bareHost, pinnedLookup } from './pinned-lookup.ts';
import { isPublicAddress } from './public-addresses.ts';

const patienceMs = 10_000;
const answerBytes = 64 * 1024;
const headerBytes = 16 * 1024;

type Delivery = Parameters<WebhookSender['post']>[0];
type Failure = Extract<Delivered, { failure: string }>['failure'];

class Failed extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure);
    this.failure = failure;
  }
}

/** `privateNetworks`: addresses of this host and of its networks are posted to as well. */
export function makeWebhookSender(parts: {
  readonly clock: Pick<Clock, 'now'>;
  readonly privateNetworks: boolean;
  readonly version: string;
  /** Tests replace it. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  readonly timeoutMs?: number;
}): WebhookSender {
  const { clock, privateNetworks, version, timeoutMs = patienceMs } = parts;
  const resolve = parts.resolve ?? (privateNetworks ? resolveLocally : resolveName);
  const allows = (address: string) => isIP(address) > 0 && (privateNetworks || isPublicAddress(address));

  /** Every address that is connected to was looked at here, whatever the name resolves to a moment later. */
  async function addressesOf(host: string): Promise<readonly string[]> {
    const found = isIP(host) > 0 ? [host] : await resolve(host);
    if (found.length === 0) throw new Failed('unreachable');
    if (!found.every(allows)) throw new Failed('private_address');
    return found;
  }

  function ask(delivery: Delivery, addresses: readonly string[], ending: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(delivery.url);
    const seconds = Math.floor(clock.now() / 1000);
    const body = Buffer.from(delivery.body);
    return new Promise((resolved, rejected) => {
      const asking = (url.protocol === 'https:' ? requestHttps : requestHttp)({
        protocol: url.protocol,
        hostname: bareHost(url),
        port: url.port || undefined,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        // A connection of its own, so that none is used again that was made for somebody else.
        agent: false,
        maxHeaderSize: headerBytes,
        signal: ending,
        lookup: pinnedLookup(addresses),
        headers: {
          host: url.host,
          'content-type': 'application/json',
          'content-length': body.length,
          accept: 'application/json',
          'user-agent': `Messenger/${version} (webhook)`,
          'messenger-delivery': delivery.deliveryId,
          'messenger-signature': `t=${seconds},v1=${sign(delivery.secret, `${seconds}.${delivery.body}`)}`,
        },
      });
      asking.on('response', resolved);
      asking.on('error', rejected);
      asking.end(body);
    });
  }

  async function postOnce(delivery: Delivery, ending: AbortSignal): Promise<Delivered> {
    const addresses = await addressesOf(bareHost(new URL(delivery.url)));
    ending.throwIfAborted();
    const response = await ask(delivery, addresses, ending);
    try {
      const { statusCode: status = 0 } = response;
      if (status >= 300 && status < 400) throw new Failed('redirected');
      return { status, text: await textOf(response) };
    } finally {
      response.destroy();
    }
  }

  return {
    async post(delivery) {
      const ending = new AbortController();
      const ended = new Promise<never>((_resolve, reject) => {
        ending.signal.addEventListener('abort', () => reject(new Failed('timeout')), { once: true });
      });
      const timer = setTimeout(() => ending.abort(), timeoutMs);
      try {
        // A name may take longer to resolve than there is patience.
        return await Promise.race([postOnce(delivery, ending.signal), ended]);
      } catch (error) {
        if (ending.signal.aborted) return { failure: 'timeout' };
        return { failure: error instanceof Failed ? error.failure : 'unreachable' };
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** As the host's other programs do: names of its own network too, and `localhost`. */
async function resolveLocally(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

function sign(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > answerBytes) throw new Failed('answer_too_large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
