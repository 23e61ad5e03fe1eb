import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { makeLinkReader } from '../../src/adapters/system/link-reader.ts';
import { makeLog } from '../../src/adapters/system/log.ts';
import { isPublicAddress } from '../../src/adapters/system/public-addresses.ts';
import { makeHandClock } from '../support/clock.ts';

/** Stands for the internet; whatever else listens on this host stands for what nobody may reach. */
const outside = '127.0.0.1';
const inside = '127.0.0.2';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

async function serve(listener: RequestListener, host = outside): Promise<{ port: number; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, host, listening));
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const html = (body: string, type = 'text/html; charset=utf-8'): RequestListener => {
  return (_request, response) => response.writeHead(200, { 'content-type': type }).end(body);
};

function reading(ports: readonly number[], over: Partial<Parameters<typeof makeLinkReader>[1]> = {}) {
  const clock = makeHandClock();
  const logged: string[] = [];
  const log = makeLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } });
  const reader = makeLinkReader(
    { clock, log, version: '1.2.3' },
    {
      ports,
      resolve: async (name) => [name.startsWith('inside') ? inside : outside],
      allows: (address) => address === outside,
      patienceMs: 3_000,
      ...over,
    },
  );
  return { ...reader, clock, logged };
}

describe('what a page says about itself', () => {
  it('is its title and description, the ones it gives for this purpose first', async () => {
    const { port } = await serve(
      html(`<!doctype html><html><head><title>Plain</title>
        <meta name="description" content="plain"><meta property="og:title" content="Fish &amp; chips">
        <meta name="twitter:description" content="Two&#10; lines"></head><body><svg><title>no</title></svg></body></html>`),
    );
    expect(await reading([port]).read(`http://www.site.test:${port}/a?b=c#d`)).toEqual({
      site: 'site.test',
      title: 'Fish & chips',
      description: 'Two lines',
    });
  });

  it('is nothing without a title', async () => {
    const { port } = await serve(html('<svg><title>drawing</title></svg><p>text'));
    expect(await reading([port]).read(`http://site.test:${port}/`)).toBeNull();
  });

  it('is one clean line each, bounded, that turns no direction around it', async () => {
    const { port } = await serve(
      html(
        `<title>a\u202Eb\u0007c\u2066 ${'👨‍👩‍👧'.repeat(100)}</title><meta name=description content="${'x'.repeat(9_000)}">`,
      ),
    );
    const page = await reading([port]).read(`http://site.test:${port}/`);
    expect(page?.title).toMatch(/^ab c (👨‍👩‍👧)+…$/u);
    expect(page?.title.length).toBeLessThanOrEqual(200);
    expect(page?.description.length).toBeLessThanOrEqual(300);
  });

  it.each([
    ['the header', 'text/html; charset=windows-1251', '<title>', ''],
    ['a meta element', 'text/html', '<meta charset="windows-1251"><title>', ''],
  ])('is read in the alphabet that %s names', async (_what, type, before) => {
    const content = Buffer.concat([Buffer.from(before), Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2])]);
    const { port } = await serve((_request, response) =>
      response.writeHead(200, { 'content-type': type }).end(content),
    );
    const page = await reading([port]).read(`http://site.test:${port}/`);
    expect(page?.title ?? '').toBe('Привет');
  });

  it('is read packed as well', async () => {
    const packed: Record<string, (text: string) => Buffer> = { gzip: gzipSync, br: brotliCompressSync };
    const { port } = await serve((request, response) => {
      const coding = request.url?.slice(1) ?? '';
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': coding });
      response.end(packed[coding]?.(`<title>${coding}</title>`));
    });
    const { read } = reading([port]);
    expect((await read(`http://site.test:${port}/gzip`))?.title).toBe('gzip');
    expect((await read(`http://site.test:${port}/br`))?.title).toBe('br');
    expect(await read(`http://site.test:${port}/zstd`)).toBeNull();
  });
});

describe('asking for a page', () => {
  it('tells the site nothing of who sent the link', async () => {
    let heard: Record<string, unknown> = {};
    const { port } = await serve((request, response) => {
      heard = request.headers;
      html('<title>t</title>')(request, response);
    });
    await reading([port]).read(`http://site.test:${port}/`);
    expect(Object.keys(heard).sort()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'connection',
      'host',
      'user-agent',
    ]);
    expect(heard['user-agent']).toContain('MessengerLinkPreview/1.2.3');
  });

  it('happens once for all who send the same link within ten minutes', async () => {
    const { port, asked } = await serve(html('<title>t</title>'));
    const { read, clock } = reading([port]);
    await Promise.all([read(`http://site.test:${port}/#a`), read(`http://site.test:${port}/#b`)]);
    expect(asked()).toBe(1);
    await clock.advance(10 * 60_000 + 1);
    await read(`http://site.test:${port}/`);
    expect(asked()).toBe(2);
  });

  it('happens for at most four pages at once', async () => {
    const waiting: (() => void)[] = [];
    const { port, asked } = await serve((request, response) => {
      waiting.push(() => html('<title>t</title>')(request, response));
    });
    const { read } = reading([port], { patienceMs: 20_000 });
    const all = [1, 2, 3, 4, 5, 6].map((number) => read(`http://site.test:${port}/${number}`));
    await expect.poll(asked).toBe(4);
    waiting.splice(0).map((answer) => answer());
    await expect.poll(asked).toBe(6);
    waiting.splice(0).map((answer) => answer());
    expect((await Promise.all(all)).every((page) => page?.title === 't')).toBe(true);
  });

  it('follows three redirects and not a fourth', async () => {
    const { port } = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else html('<title>there</title>')(request, response);
    });
    const { read } = reading([port]);
    expect((await read(`http://site.test:${port}/3`))?.title).toBe('there');
    expect(await read(`http://site.test:${port}/4`)).toBeNull();
  });

  it.each([
    ['a wrong type', 200, 'application/pdf'],
    ['no type', 200, ''],
    ['an error', 404, 'text/html'],
  ])('shows nothing of %s', async (_what, status, type) => {
    const { port } = await serve((_request, response) => {
      response.writeHead(status, type === '' ? {} : { 'content-type': type }).end('<title>t</title>');
    });
    expect(await reading([port]).read(`http://site.test:${port}/`)).toBeNull();
  });

  it('ends in time when the site does not answer, or never ends', async () => {
    const silent = await serve(() => {});
    const slow = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<title>t</title>');
    });
    const { read } = reading([silent.port, slow.port], { patienceMs: 200 });
    expect(await read(`http://site.test:${silent.port}/`)).toBeNull();
    expect(await read(`http://site.test:${slow.port}/`)).toBeNull();
  });

  it('ends in time when the name does not resolve', async () => {
    const { read } = reading([80], { patienceMs: 200, resolve: () => new Promise(() => {}) });
    expect(await read('http://site.test/')).toBeNull();
  });

  it('reads the beginning of an endless page and hangs up', async () => {
    let hungUp = false;
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.on('close', () => {
        hungUp = true;
      });
      response.write('<title>endless</title>');
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
      };
      response.on('drain', more);
      more();
    });
    expect((await reading([port]).read(`http://site.test:${port}/`))?.title).toBe('endless');
    await expect.poll(() => hungUp).toBe(true);
  });

  it('unpacks no more than the beginning of a bomb', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('<title>bomb</title>'), Buffer.alloc(256 * 1024 * 1024, 0x20)]));
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(bomb);
    });
    const { read } = reading([port], { patienceMs: 20_000 });
    const before = process.memoryUsage().arrayBuffers;
    expect((await read(`http://site.test:${port}/`))?.title).toBe('bomb');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });
});

describe('over https', () => {
  /** Of site.test, signed by itself, for a hundred years; of use nowhere but here. */
  const certificate = `-----BEGIN CERTIFICATE-----
MIIBYTCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlzaXRlLnRl
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CXNpdGUudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDJ5oRFX/1a8ku8y
3WRUq1B1YlL9iH6dIkvfAhhIJTejSY1WyibhMR2ydItFq/1FaHMXnbXIYJVU7r9d
ypxcZ7CjSDBGMBQGA1UdEQQNMAuCCXNpdGUudGVzdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBQYRXczvoczB90P7PP9YKPr6nQDrjAKBggqhkjOPQQDAgNIADBF
AiB0l+c9NA8nKYdcAbhPROoEKJKOdfqcD29ttAKqXZz84gIhAPWPcjaTP0WrvrTx
rgx9Hv+zza5NHpyD36bt5XGG+aHn
-----END CERTIFICATE-----`;
  const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4gQ36Lx/riZumZ1p
e3260AXwNTyhyZCAhMQEEa+yFK+hRANCAAQyeaERV/9WvJLvMt1kVKtQdWJS/Yh+
nSJL3wIYSCU3o0mNVsom4TEdsnSLRav9RWhzF521yGCVVO6/XcqcXGew
-----END PRIVATE KEY-----`;
  const before = getCACertificates('default');
  afterEach(() => setDefaultCACertificates(before));

  async function serveSecurely(): Promise<number> {
    const server = createTlsServer({ cert: certificate, key }, html('<title>secure</title>'));
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, outside, listening));
    return (server.address() as AddressInfo).port;
  }

  it('a page is read from the site that its certificate names, and from no other', async () => {
    const port = await serveSecurely();
    setDefaultCACertificates([...before, certificate]);
    const { read } = reading([port]);
    expect((await read(`https://site.test:${port}/`))?.title).toBe('secure');
    expect(await read(`https://other.test:${port}/`)).toBeNull();
  });

  it('nothing is read under a certificate that nobody signed', async () => {
    const port = await serveSecurely();
    expect(await reading([port]).read(`https://site.test:${port}/`)).toBeNull();
  });
});

describe('what is not of the internet', () => {
  it.each([
    (port: number) => `http://inside.test:${port}/`,
    (port: number) => `http://${inside}:${port}/`,
    (port: number) => `http://2130706434:${port}/`,
    (port: number) => `http://0x7f000002:${port}/`,
    (port: number) => `http://[::ffff:${inside}]:${port}/`,
  ])('is never reached, however it is written', async (address) => {
    const { port, asked } = await serve(html('<title>secret</title>'), inside);
    expect(await reading([port]).read(address(port))).toBeNull();
    expect(asked()).toBe(0);
  });

  it.each([
    ['by number', (port: number) => `http://${inside}:${port}/`],
    ['by name', (port: number) => `http://inside.test:${port}/`],
    ['without a scheme', (port: number) => `//inside.test:${port}/`],
    ['by another scheme', () => 'file:///etc/passwd'],
    ['by another port', (port: number) => `http://site.test:${port + 1}/`],
  ])('is not reached by a redirect %s', async (_how, to) => {
    const secret = await serve(html('<title>secret</title>'), inside);
    const { port } = await serve((_request, response) => response.writeHead(302, { location: to(secret.port) }).end());
    expect(await reading([port, secret.port]).read(`http://site.test:${port}/`)).toBeNull();
    expect(secret.asked()).toBe(0);
  });

  it('is not reached by a name that resolves otherwise a moment later', async () => {
    const secret = await serve(html('<title>secret</title>'), inside);
    const { port } = secret;
    const outer = createServer(html('<title>public</title>'));
    servers.push(outer);
    await new Promise<void>((listening) => outer.listen(port, outside, listening));
    let asked = 0;
    const resolve = async () => [asked++ === 0 ? outside : inside];
    const { read } = reading([port], { resolve });
    expect((await read(`http://rebinding.test:${port}/`))?.title).toBe('public');
    expect(await read(`http://rebinding.test:${port}/again`)).toBeNull();
    expect(secret.asked()).toBe(0);
  });

  it('is not reached by a name that has a public address beside it', async () => {
    const secret = await serve(html('<title>secret</title>'), inside);
    const { read } = reading([secret.port], { resolve: async () => [outside, inside] });
    expect(await read(`http://both.test:${secret.port}/`)).toBeNull();
    expect(secret.asked()).toBe(0);
  });

  it('is neither another port, scheme, nor an address that signs in', async () => {
    const { port, asked } = await serve(html('<title>t</title>'));
    expect(await reading([80]).read(`http://site.test:${port}/`)).toBeNull();
    expect(await reading([port]).read(`http://me:secret@site.test:${port}/`)).toBeNull();
    expect(await reading([port]).read(`ftp://site.test:${port}/`)).toBeNull();
    expect(await reading([port]).read('not an address')).toBeNull();
    expect(asked()).toBe(0);
  });

  it('is not named in the log', async () => {
    const { read, logged } = reading([80]);
    await read('http://inside.test/secret-path');
    expect(logged.join()).toContain('not looked up');
    expect(logged.join()).not.toMatch(/inside|secret-path/);
  });
});

describe('an address of the internet', () => {
  it.each([
    '1.1.1.1',
    '93.184.216.34',
    '2606:4700:4700::1111',
    '::ffff:1.1.1.1',
    '64:ff9b::1.1.1.1',
    '64:ff9b::101:101',
  ])('%s is one', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.100.100.200', '127.0.0.1', '127.255.255.255', '169.254.169.254'],
    ...['172.16.0.1', '172.31.255.255', '192.0.0.192', '192.0.2.1', '192.168.1.1', '198.18.0.1', '224.0.0.251'],
    ...['239.255.255.250', '240.0.0.1', '255.255.255.255', '168.63.129.16', '203.0.113.9'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b::10.0.0.1'],
    ...['64:ff9b:1::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '100::1'],
    ...['2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', 'localhost', '', '1.1.1', '[::1]'],
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});
