/**
 * npm run bench [-- --json] [-- --only NAME,…] [-- --seconds N] [-- --messages N]
 *
 * Each figure is measured twice in a row, on the bare engine and on the product, the server on one core and the load on
 * the other. Absolute figures vary with the machine and with what else it does; the ratio does not.
 */

import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { countGoodRounds } from './durability.ts';
import { measureFirstStart } from './first-start.ts';
import type { Credentials } from './load-person.ts';
import type { LoadName } from './loads.ts';
import { runLoad, type Server, startBareEngine } from './pinned.ts';
import { startProduct } from './product.ts';
import { measureSearches } from './searches.ts';
import { measureSignIns, measureTokens } from './sign-ins.ts';

interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly load: LoadName;
  readonly people: number;
  /** Access tokens for each person. */
  readonly tokens?: number;
  readonly target: { readonly least?: number; readonly most?: number; readonly ratio?: number };
}

interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly baseline: number | null;
  readonly ratio: number | null;
}

const figures: readonly Figure[] = [
  { name: 'direct.throughput', unit: 'messages/s', load: 'throughput', people: 200, target: { ratio: 0.3 } },
  { name: 'direct.p99', unit: 'ms', load: 'directP99', people: 200, target: { most: 5 } },
  { name: 'group.p99', unit: 'ms', load: 'groupP99', people: 200, target: { most: 50 } },
  { name: 'idle.memory', unit: 'KiB/connection', load: 'idleMemory', people: 1_000, target: { most: 20 } },
  { name: 'signon.rate', unit: 'sign-ons/s', load: 'signOnRate', people: 1_000, tokens: 8, target: { least: 2_000 } },
  { name: 'catchup.time', unit: 'ms', load: 'catchUpTime', people: 2, target: { most: 150 } },
  { name: 'open500.time', unit: 'ms', load: 'openTime', people: 501, target: { most: 150 } },
];

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '20' },
    messages: { type: 'string', default: '1000000' },
  },
});
const wanted = options.only?.split(',');
const isWanted = (name: string) => wanted === undefined || wanted.includes(name);

function bareTokens(people: number, tokens: number): Credentials[] {
  return Array.from({ length: people }, () => randomUUID()).flatMap((userId) =>
    Array.from({ length: tokens }, () => ({ userId, accessToken: userId })),
  );
}

async function measureOn(
  server: Server,
  { load }: Pick<Figure, 'load'>,
  people: readonly Credentials[],
): Promise<number> {
  try {
    return await runLoad({ load, port: server.port, pid: server.pid, people, seconds: Number(options.seconds) });
  } finally {
    await server.stop();
  }
}

async function measure(figure: Figure): Promise<Result> {
  const tokens = figure.tokens ?? 1;
  const baseline = await measureOn(await startBareEngine(), figure, bareTokens(figure.people, tokens));
  const { server, people } = await startProduct(figure.people, tokens);
  const value = await measureOn(server, figure, people);
  return { name: figure.name, value, unit: figure.unit, baseline, ratio: value / baseline };
}

function isMet({ value, ratio }: Result, { least, most, ratio: share }: Figure['target']): boolean {
  return (
    value >= (least ?? Number.NEGATIVE_INFINITY) &&
    value <= (most ?? Number.POSITIVE_INFINITY) &&
    (ratio ?? 1) >= (share ?? 0)
  );
}

const shown = (value: number | null) =>
  value === null ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 4, useGrouping: true });

function row(result: Result, target: string, met: boolean): void {
  if (options.json) return;
  const cells = [
    result.name.padEnd(20),
    `${shown(result.value)} ${result.unit}`.padEnd(28),
    shown(result.baseline).padEnd(12),
    shown(result.ratio).padEnd(8),
    target.padEnd(24),
    met ? 'met' : 'MISSED',
  ];
  console.log(cells.join(''));
}

function wordsOf({ least, most, ratio }: Figure['target']): string {
  if (least === undefined && most === undefined && ratio === undefined) return 'to know';
  if (ratio !== undefined) return `≥ ${ratio} of the bare engine`;
  return least === undefined ? `≤ ${most}` : `≥ ${shown(least)}`;
}

const results: Result[] = [];
if (!options.json)
  console.log(
    ['figure'.padEnd(20), 'value'.padEnd(28), 'bare'.padEnd(12), 'ratio'.padEnd(8), 'target'.padEnd(24), ''].join(''),
  );
for (const figure of figures.filter(({ name }) => isWanted(name))) {
  const result = await measure(figure);
  results.push(result);
  row(result, wordsOf(figure.target), isMet(result, figure.target));
}
if (isWanted('durability.rounds')) {
  const rounds = Number(options.rounds);
  const value = await countGoodRounds(rounds);
  const result = { name: 'durability.rounds', value, unit: 'rounds without loss', baseline: null, ratio: null };
  results.push(result);
  row(result, `≥ ${rounds}`, value >= rounds);
}
/** What has no bare engine to be compared with. */
function report(name: string, unit: string, value: number, target: Figure['target']): void {
  const result = { name, value, unit, baseline: null, ratio: null };
  results.push(result);
  row(result, wordsOf(target), isMet(result, target));
}
if (isWanted('signin.latency') || isWanted('signin.rate')) {
  const { rate, refused, signInP99, idleP99, busyP99 } = await measureSignIns(Number(options.seconds));
  report('signin.rate', 'sign-ins/s', rate, {});
  report('signin.refused', 'of those offered', refused, {});
  report('signin.time', 'ms', signInP99, {});
  report('message.idle', 'ms', idleP99, {});
  report('signin.latency', 'times idle', busyP99 / idleP99, { most: 3 });
}
if (isWanted('token.verify')) {
  const { first, again } = await measureTokens();
  report('token.first', 'µs', first, { most: 300 });
  report('token.again', 'µs', again, { most: 10 });
}
if (isWanted('first.start')) {
  const { time, size, unchangedTime, unchangedSize } = await measureFirstStart();
  report('first.start', 'ms', time, { most: 300 });
  report('first.size', 'KiB', size, { most: 200 });
  report('unchanged.start', 'ms', unchangedTime, {});
  report('unchanged.size', 'KiB', unchangedSize, { most: 4 });
}
for (const [name, load, unit, target, heapMb] of [
  ['group.5000', 'largeGroupP99', 'ms', { most: 500 }, undefined],
  // Names of 4,999 who confirmed, were they kept, would be more. With little room the collector comes by often.
  ['group.memory', 'largeGroupMemory', 'KiB/message', { most: 100 }, 256],
] as const)
  if (isWanted(name)) {
    const { server, people } = await startProduct(5_000, 1, heapMb);
    report(name, unit, await measureOn(server, { load }, people), target);
  }
if (isWanted('search.p95')) {
  const { p50, p95, fill } = await measureSearches(Number(options.messages));
  report('search.p50', 'ms', p50, {});
  report('search.p95', 'ms', p95, { most: 50 });
  report('search.fill', 'entries/s', fill, {});
}
if (options.json) console.log(JSON.stringify({ results }));
