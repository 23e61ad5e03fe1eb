import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export interface DemoSite {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the client with the demo engine and serves it as the instance would: strict policy, every path a screen. */
export async function startDemoSite(): Promise<DemoSite> {
  const root = fileURLToPath(new URL('../../../.cache/screens', import.meta.url));
  await build({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)), logLevel: 'error' });
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    if (path.startsWith('/avatars/')) {
      response.writeHead(200, { 'content-type': 'image/svg+xml' });
      response.end(pictureOf(Number.parseInt(path.slice(-8), 16)));
      return;
    }
    const file = extname(path) === '' ? 'index.html' : path;
    readFile(join(root, file)).then(
      (content) => {
        response.writeHead(200, {
          'content-type': types[extname(file)] ?? 'application/octet-stream',
          'content-security-policy':
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'",
        });
        response.end(content);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A landscape at some time of day. */
function pictureOf(number: number): string {
  const hue = (number * 47) % 360;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="hsl(${hue} 60% 70%)"/><circle cx="${24 + (number % 40)}" cy="34" r="14" fill="hsl(${hue + 60} 90% 85%)"/><path d="M0 70l30-26 22 20 16-12 28 24v20H0z" fill="hsl(${hue + 120} 35% 40%)"/></svg>`;
}
