import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { makeWebhookSender } from '../../src/adapters/system/webhook-sender.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answering = (request: IncomingMessage, body: string, response: ServerResponse) => void;

async function listening(answering: Answering): Promise<string> {
  const server = createServer(async (request, response) => answering(request, await text(request), response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const sender = (more: Partial<Parameters<typeof makeWebhookSender>[0]> = {}) =>
  makeWebhookSender({ clock: { now: () => 1_772_366_400_500 }, privateNetworks: true, version: '1.2.3', ...more });
const delivery = (url: string) => ({ url, secret: 'whsec_x', deliveryId: 'delivery-1', body: '{"text":"жук"}' });

describe('a delivery of a webhook', () => {
  it('is one POST of JSON, signed with its time, under an id of its own', async () => {
    const heard: { request: IncomingMessage; body: string }[] = [];
    const url = await listening((request, body, response) => {
      heard.push({ request, body });
      response.end('{"text":"ok"}');
    });
    expect(await sender().post(delivery(`${url}/in?by=x`))).toEqual({ status: 200, text: '{"text":"ok"}' });
    const [{ request, body } = { request: null, body: '' }] = heard;
    expect(request).toMatchObject({ method: 'POST', url: '/in?by=x' });
    expect(body).toBe('{"text":"жук"}');
    const signed = createHmac('sha256', 'whsec_x').update(`1772366400.${body}`).digest('hex');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'messenger-delivery': 'delivery-1',
      'messenger-signature': `t=1772366400,v1=${signed}`,
      'user-agent': 'Messenger/1.2.3 (webhook)',
    });
    expect(heard).toHaveLength(1);
  });

  it('says which status it got, and follows nobody', async () => {
    let followed = false;
    const url = await listening((request, _body, response) => {
      if (request.url === '/there') followed = true;
      if (request.url === '/away') response.writeHead(302, { location: '/there' }).end();
      else response.writeHead(503).end('no');
    });
    expect(await sender().post(delivery(url))).toEqual({ status: 503, text: 'no' });
    expect(await sender().post(delivery(`${url}/away`))).toEqual({ failure: 'redirected' });
    expect(followed).toBe(false);
  });

  it('leads into no private network unless that is allowed, by whatever name', async () => {
    let asked = false;
    const url = await listening((_request, _body, response) => {
      asked = true;
      response.end();
    });
    const { port } = new URL(url);
    const closed = { privateNetworks: false } as const;
    const inside = { failure: 'private_address' };
    for (const host of [
      '127.0.0.1',
      '[::1]',
      '10.0.0.1',
      '169.254.169.254',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
      '2130706433',
    ])
      expect(await sender(closed).post(delivery(`http://${host}:${port}/`)), host).toEqual(inside);
    const mixed = { ...closed, resolve: async () => ['93.184.216.34', '127.0.0.1'] };
    expect(await sender(mixed).post(delivery(`http://name.example:${port}/`))).toEqual(inside);
    expect(asked).toBe(false);
  });

  it('connects to the address that was looked at, and to no other', async () => {
    let host = '';
    const url = await listening((request, _body, response) => {
      host = request.headers.host ?? '';
      response.end();
    });
    const { port } = new URL(url);
    const lookUps: string[] = [];
    const resolve = async (name: string) => {
      lookUps.push(name);
      return ['127.0.0.1'];
    };
    const answer = await sender({ resolve }).post(delivery(`http://hooks.example.org:${port}/`));
    expect(answer).toMatchObject({ status: 200 });
    expect({ host, lookUps }).toEqual({ host: `hooks.example.org:${port}`, lookUps: ['hooks.example.org'] });
  });

  it('is given up where nothing answers in time, and where nobody is there', async () => {
    const url = await listening(() => {});
    const hasty = { timeoutMs: 100 };
    expect(await sender(hasty).post(delivery(url))).toEqual({ failure: 'timeout' });
    const dripping = await listening((_request, _body, response) => void response.write('{'));
    expect(await sender(hasty).post(delivery(dripping))).toEqual({ failure: 'timeout' });
    const never = () => new Promise<never>(() => {});
    expect(await sender({ ...hasty, resolve: never }).post(delivery('http://x.example/'))).toEqual({
      failure: 'timeout',
    });
    const nowhere = async () => Promise.reject(new Error('ENOTFOUND'));
    expect(await sender({ resolve: nowhere }).post(delivery('http://x.example/'))).toEqual({ failure: 'unreachable' });
    expect(await sender().post(delivery('http://127.0.0.1:1/'))).toEqual({ failure: 'unreachable' });
  });

  it('reads no more of an answer than it may', async () => {
    const url = await listening((_request, _body, response) => response.end('x'.repeat(64 * 1024 + 1)));
    expect(await sender().post(delivery(url))).toEqual({ failure: 'answer_too_large' });
    const fits = await listening((_request, _body, response) => response.end('x'.repeat(64 * 1024)));
    expect(await sender().post(delivery(fits))).toMatchObject({ status: 200 });
  });
});
