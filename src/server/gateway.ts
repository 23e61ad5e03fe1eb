import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Person, Receiver } from '../core/call.ts';
import type { AvatarStore } from '../ports/avatar-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Revocation } from '../ports/user-store.ts';
import { AppError } from '../protocol/errors.ts';
import { paths } from '../protocol/names.ts';
import type { Source } from './addresses.ts';
import { makeApi } from './api.ts';
import type { SocketBounds } from './client-socket.ts';
import type { Dispatcher } from './dispatch.ts';
import { type About, asyncApi, openApi } from './documents.ts';
import { makeGuard, type Refusal } from './guard.ts';
import { checkParts, type Part } from './health.ts';
import { makeHooks } from './hooks.ts';
import { listen } from './listening.ts';
import { makeOrigins } from './origins.ts';
import { makePictures } from './pictures.ts';
import { referencePage, referenceStyle } from './reference-page.ts';
import { bareHeaders, securityHeaders } from './security-headers.ts';
import { makeSockets } from './sockets.ts';
import { readStaticFiles } from './static-files.ts';

export interface GatewaySettings {
  readonly name: string;
  readonly version: string;
  /** The configured address, or null. Hosts and Origins are checked against it. */
  readonly address: string | null;
  readonly port: number;
  readonly host: string;
  readonly insecure: boolean;
  readonly trustedProxies: readonly string[];
  /** How long a browser keeps the refresh token. */
  readonly cookieMs: number;
  /** The folder of the built client. */
  readonly web: string;
}

export interface Gateway {
  /** Throws AppError `conflict` with `port_in_use`, and others that name the setting. */
  start(): Promise<void>;
  /** The port listened on. */
  port(): number;
  /** Open sockets. */
  connections(): number;
  revoke(revocation: Revocation): void;
  /** Stops accepting, tells sockets to reconnect, and resolves when the requests under way are answered. */
  stop(): Promise<void>;
}

type Environment = { Bindings: HttpBindings; Variables: { source: Source } };

/** The one public address: HTTP, WebSocket, the client, the documents, health. */
export async function makeGateway(parts: {
  readonly settings: GatewaySettings;
  readonly dispatcher: Dispatcher;
  readonly authenticate: (accessToken: string) => Person | Promise<Person>;
  /** False while nobody can be told apart from a closed session: nothing is answered then. */
  readonly available: () => boolean;
  readonly receivers: { attach(receiver: Receiver): void; detach(receiver: Receiver): void };
  readonly epoch: () => string;
  readonly jwks: () => object;
  readonly findPicture: AvatarStore['find'];
  readonly parts: readonly Part[];
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds?: Partial<SocketBounds>;
}): Promise<Gateway> {
  const { settings, clock } = parts;
  const log = parts.log.child({ component: 'gateway' });
  let port = settings.port;
  const origins = makeOrigins({ address: settings.address, port: () => port, now: () => clock.now() });
  const guard = makeGuard({ ...settings, origins });
  const sockets = makeSockets({ ...parts, version: settings.version });

  const app = new Hono<Environment>();
  app.use(async (context, next) => {
    const started = clock.now();
    addHeaders(context, bareHeaders);
    await next();
    const { method, path } = context.req;
    log.debug(
      {
        method,
        path: path.startsWith(paths.hooks) ? paths.hooks : path,
        status: context.res.status,
        ms: clock.now() - started,
      },
      'request',
    );
  });
  addHealth(app, parts.parts, log);
  app.use(async (context, next) => {
    const { incoming } = context.env;
    const asked = guard.admit(incoming);
    if ('refusal' in asked) return refused(context, asked.refusal);
    context.set('source', asked.source);
    await next();
    // A picture is shown, and does nothing: it has headers of its own.
    if (context.req.path.startsWith(paths.avatars)) return;
    const { https } = asked.source;
    addHeaders(context, securityHeaders({ host: incoming.headers.host ?? '', https, address: settings.address }));
  });
  for (const path of [paths.api, paths.hooks]) {
    app.use(`${path}*`, async (context, next) => {
      context.header('cache-control', 'no-store');
      return parts.available() ? next() : context.json({ ok: false, error: storeAway }, 503);
    });
  }
  app.route(paths.api, makeApi({ ...parts, source: (context) => context.get('source'), cookieMs: settings.cookieMs }));
  app.route(paths.hooks, makeHooks({ ...parts, source: (context) => context.get('source') }));
  const sendPicture = makePictures(parts.findPicture);
  app.get(`${paths.avatars}:hash`, (context) => sendPicture(context, context.req.param('hash')));
  addDocuments(app, () => aboutOf(settings, port));
  addWellKnown(app, parts.jwks);
  app.get(paths.socket, (context) => context.text('This is for WebSockets.', 426, { upgrade: 'websocket' }));
  app.use(await readStaticFiles(settings.web));
  app.notFound((context) => context.text('Nothing is here.', 404));
  app.onError((error, context) => {
    const { path } = context.req;
    log.error({ err: error, path: path.startsWith(paths.hooks) ? paths.hooks : path }, 'defect');
    return context.json({ ok: false, error: new AppError('internal', 'defect').toWire() }, 500);
  });

  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: { shouldUpgradeCallback: asksForSocket },
  }) as Server;
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    const asked = guard.admit(request);
    if ('refusal' in asked) rejectUpgrade(connection, asked.refusal.status, asked.refusal.says);
    else if (request.url?.split('?', 1)[0] !== paths.socket) rejectUpgrade(connection, 404, 'No socket is here.');
    else if (!parts.available()) rejectUpgrade(connection, 503, 'Try again.');
    else sockets.accept(request, connection, head, asked.source);
  });
  let takeCheckBack = () => {};
  const checkAvailable = () => {
    if (!parts.available()) sockets.closeAll();
    takeCheckBack = clock.after(1_000, checkAvailable);
  };

  return {
    async start() {
      await listen(server, { port: settings.port, host: settings.host });
      ({ port } = server.address() as AddressInfo);
      sockets.start();
      checkAvailable();
    },
    port: () => port,
    connections: () => sockets.count(),
    revoke: (revocation) => sockets.revoke(revocation),
    stop() {
      takeCheckBack();
      const takeCutBack = clock.after(drainMs, () => server.closeAllConnections());
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      sockets.stop();
      server.closeIdleConnections();
      return closed.finally(takeCutBack);
    },
  };
}

/** How long requests may take to end when the node stops. */
const drainMs = 10_000;

const storeAway = new AppError('unavailable', 'store_away', { retryAfter: 1 }).toWire();

/** A client that offers another protocol, as curl does with HTTP/2, is answered in this one. */
function asksForSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

function aboutOf(settings: GatewaySettings, port: number): About {
  const { name, version, address } = settings;
  return { name, version, address: address ?? `http://localhost:${port}` };
}

/** Anybody may ask: what is not well is named, and what it says of itself goes to the log. */
function addHealth(app: Hono<Environment>, parts: readonly Part[], log: Log): void {
  app.get('/health/live', (context) => context.json({ ok: true }));
  app.get('/health/ready', async (context) => {
    const checked = await checkParts(parts);
    const unwell = checked.filter((part) => !part.ok);
    for (const { name, says } of unwell) log.warn({ part: name, says }, 'not well');
    const ok = unwell.length === 0;
    return context.json({ ok, parts: checked.map(({ name, ok }) => ({ name, ok })) }, ok ? 200 : 503);
  });
}

/** Others may keep the keys for no longer than a new one is shown before it signs. */
const keysForSeconds = 60;

function addWellKnown(app: Hono<Environment>, jwks: () => object): void {
  app.get('/.well-known/jwks.json', (context) => {
    context.header('cache-control', `public, max-age=${keysForSeconds}`);
    return context.json(jwks());
  });
  app.get('/.well-known/change-password', (context) => context.redirect('/settings/security'));
}

/** The documents never change while a node runs; each is made when it is first asked for. */
function addDocuments(app: Hono<Environment>, about: () => About): void {
  const openapi = once(() => JSON.stringify(openApi(about())));
  const asyncapi = once(() => JSON.stringify(asyncApi(about())));
  const reference = once(() => referencePage(about()));
  const json = { 'content-type': 'application/json' };
  app.get('/openapi.json', (context) => context.body(openapi(), 200, json));
  app.get('/asyncapi.json', (context) => context.body(asyncapi(), 200, json));
  app.get('/docs', (context) => context.html(reference()));
  app.get('/docs/reference.css', (context) => context.body(referenceStyle, 200, { 'content-type': 'text/css' }));
}

function addHeaders(context: Context, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) context.header(name, value);
}

function once(make: () => string): () => string {
  let made: string | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function refused(context: Context, refusal: Refusal): Response {
  const { status, reason, says } = refusal;
  if (![paths.api, paths.hooks].some((path) => context.req.path.startsWith(path)))
    return context.text(`${says}\n`, status);
  return context.json({ ok: false, error: { code: 'forbidden', reason, message: says } }, status);
}

function rejectUpgrade(connection: Duplex, status: number, says: string): void {
  const body = `${says}\n`;
  connection.on('error', () => connection.destroy());
  connection.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
