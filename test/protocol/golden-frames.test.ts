import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Handlers, Person } from '../../src/core/call.ts';
import { type EventName, events, type ServerEvent } from '../../src/protocol/events.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { type Way, waysOf } from '../../src/server/documents.ts';
import { connectOpen, connectRaw, type RawClient } from './raw-client.ts';
import { startTinyGateway, type TinyGateway } from './tiny-gateway.ts';

/**
 * Frames as clients have seen them since they were recorded. Installed clients go by them: what is here may gain optional
 * fields, but not change.
 */
interface Exchange {
  readonly request: { readonly id: number; readonly op: OperationName; readonly input: object };
  /** What the handler gets: defaults filled in, texts normalised. */
  readonly checked: object;
  readonly reply: { readonly id: number; readonly ok: true; readonly output: Readonly<Record<string, unknown>> };
}
const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, 'golden', file), 'utf8'));
const exchanges: readonly Exchange[] = read('exchanges.json');
const frames: readonly { readonly event: EventName; readonly body: object }[] = read('events.json');

const recorded = new Map(exchanges.map((exchange) => [exchange.request.op, exchange]));
const got = new Map<string, unknown>();
const opened = recorded.get('connection.open')?.reply.output as unknown as Person;
let tiny: TinyGateway;
let client: RawClient;

beforeAll(async () => {
  const handlers = Object.fromEntries(
    exchanges.map(({ request, reply }) => [
      request.op,
      (input: unknown) => {
        got.set(request.op, input);
        return reply.output;
      },
    ]),
  ) as Partial<Handlers>;
  tiny = await startTinyGateway({
    handlers,
    authenticate: () => ({
      kind: 'person',
      userId: opened.userId,
      sessionId: opened.sessionId,
      role: 'owner',
      scopes: null,
    }),
  });
  client = await connectOpen(tiny.url, 'any');
});
afterAll(() => tiny.gateway.stop());

test('every operation and every event is recorded', () => {
  expect([...recorded.keys()].sort()).toEqual(Object.keys(operations).sort());
  expect([...new Set(frames.map(({ event }) => event))].sort()).toEqual(Object.keys(events).sort());
});

describe('requests', () => {
  const by = (way: Way) =>
    exchanges
      .filter(({ request }) => request.op !== 'connection.open' && waysOf(request.op)[0] === way)
      .map((exchange) => [exchange.request.op, exchange] as const);

  test.each(by('WebSocket'))('%s is read and answered as recorded', async (op, { request, checked, reply }) => {
    client.send(request);
    await client.until((frame) => frame.id === request.id);
    expect(got.get(op)).toEqual(checked);
    expect(client.texts).toContain(JSON.stringify(reply));
  });

  test.each(by('HTTP'))('%s is read and answered over HTTP as recorded', async (op, { request, checked, reply }) => {
    const response = await fetch(`${tiny.url}/api/${op}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
      body: JSON.stringify(request.input),
    });
    expect(await response.text()).toBe(withoutId(reply));
    expect(got.get(op)).toEqual(checked);
  });

  test.each(by('the CLI'))(
    '%s is read and answered on the host as recorded',
    async (op, { request, checked, reply }) => {
      expect(await (await tiny.manage(op, request.input)).text()).toBe(withoutId(reply));
      expect(got.get(op)).toEqual(checked);
    },
  );

  test('connection.open is answered as recorded, but for the time', async () => {
    const exchange = recorded.get('connection.open') as Exchange;
    const first = await connectRaw(tiny.url);
    first.send(exchange.request);
    const reply = await first.until((frame) => frame.id === exchange.request.id);
    const { time } = reply.output as { time: number };
    expect(first.texts[0]).toBe(JSON.stringify({ ...exchange.reply, output: { ...exchange.reply.output, time } }));
  });

  test.each(exchanges.map((exchange) => [exchange.request.op, exchange] as const))(
    'the recorded answer of %s is what the table promises',
    (op, { reply }) => {
      expect(operations[op].output.parse(reply.output)).toEqual(reply.output);
    },
  );
});

describe('events', () => {
  test.each(frames.map((frame) => [JSON.stringify(frame).slice(0, 120), frame] as const))('%s', async (_, frame) => {
    const { event, body } = frame;
    for (const receiver of tiny.receivers) receiver.hear(frame as unknown as ServerEvent);
    await client.until((each) => each.event === event && JSON.stringify(each.body) === JSON.stringify(body));
    expect(client.texts).toContain(JSON.stringify(frame));
    expect(events[event].body.parse(body)).toEqual(body);
  });
});

function withoutId({ id: _, ...reply }: Exchange['reply']): string {
  return JSON.stringify(reply);
}
