import type { Profile } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { bytesIn, preciseTimeIn } from '../../provision/words/format.ts';
import type { Typed, Words } from '../../provision/words/words.ts';
import { harmless, type Printer, style } from './printer.ts';

type Trace = Output<'message.trace'>;
type TracedNode = Trace['nodes'][number];
type TracedMember = Trace['members'][number];

/** One message's life, for people. */
export function printTrace(printer: Printer, words: Words, typed: Typed, trace: Trace): void {
  const report = { printer, words, trace, at: (ms: number) => preciseTimeIn(words.language, ms) };
  printEntry(report);
  printChanges(report);
  printJobs(report);
  printMembers(report, typed);
  for (const node of trace.nodes) if (node.answered) printNode(report, node);
  printGaps(report);
}

interface Report {
  readonly printer: Printer;
  readonly words: Words;
  readonly trace: Trace;
  readonly at: (ms: number) => string;
}

function printEntry({ printer, words, trace, at }: Report): void {
  const { tracing } = words.printing;
  const { labels } = tracing;
  const { conversation, entry, dispatched } = trace;
  const { conversationId, kind, head } = conversation;
  printer.facts([
    [labels.what, entry.emptied ? `${tracing.kinds[entry.kind]}: ${tracing.emptied}` : tracing.kinds[entry.kind]],
    [labels.sender, entry.sender === null ? tracing.nobody : calledIn(words, entry.sender)],
    [labels.time, at(entry.time)],
    [labels.node, harmless(entry.node)],
    [labels.place, tracing.place(kind, conversationId, entry.seq, head)],
    [labels.size, bytesIn(words.language, entry.bytes)],
    ...(entry.target === null ? [] : [[labels.target, tracing.entry(entry.target)] as const]),
    ...(entry.expiresAt === null ? [] : [[labels.expires, at(entry.expiresAt)] as const]),
    [labels.dispatched, dispatched ? tracing.dispatched : tracing.undispatched],
    ...(entry.body === null || entry.emptied ? [] : [[labels.text, wordingOf(entry.body)] as const]),
  ]);
}

/** The text where it has one, else all that it carries. */
function wordingOf(body: NonNullable<Trace['entry']['body']>): string {
  const text = 'text' in body && typeof body.text === 'string' ? body.text : JSON.stringify(body);
  return text.split('\n').map(harmless).join('\n');
}

function printChanges({ printer, words, trace, at }: Report): void {
  const { tracing } = words.printing;
  printer.line();
  if (trace.changes.length === 0) {
    printer.line(tracing.noChanges);
    return;
  }
  printer.line(style('bold', tracing.changes));
  printer.facts(
    trace.changes.map(({ seq, kind, time }) => [at(time), `${tracing.kinds[kind]}, ${tracing.entry(seq)}`]),
  );
  if (trace.moreChanges) printer.line(`  ${tracing.moreChanges}`);
}

function printJobs({ printer, words, trace, at }: Report): void {
  const { tracing } = words.printing;
  printer.line();
  if (trace.jobs.length === 0) {
    printer.line(tracing.noJobs);
    return;
  }
  printer.line(style('bold', tracing.jobs));
  printer.facts(
    trace.jobs.map(({ queue, state, at: when, attempts, error }) => {
      const failed = error === null ? [] : [tracing.attempts(Math.max(1, attempts)), harmless(error)];
      return [queue, [tracing.job[state](at(when)), ...failed].join('; ')];
    }),
  );
}

function printMembers({ printer, words, trace, at }: Report, typed: Typed): void {
  const { tracing } = words.printing;
  const { counts, members, more, conversation, entry } = trace;
  printer.line();
  printer.line(style('bold', tracing.members(counts.members, counts.delivered, counts.read)));
  if (members.length === 0) return;
  const { heads } = tracing;
  const when = (moved: boolean, time: number | null) =>
    moved ? tracing.yes(time === null ? null : at(time)) : tracing.no;
  const rowOf = (one: TracedMember) => [
    one.member ? calledIn(words, one.profile) : `${calledIn(words, one.profile)} ${tracing.leftSince}`,
    when(one.delivered, one.deliveredAt),
    one.read === null ? tracing.withheld : when(one.read, one.readAt),
    one.pushedSeq === 0 ? '–' : tracing.entry(one.pushedSeq),
  ];
  printer.table([heads.who, heads.delivered, heads.read, heads.pushed], members.map(rowOf));
  if (more)
    printer.line(
      style(
        'dim',
        tracing.moreMembers(counts.members - members.length, typed, `${conversation.conversationId}/${entry.seq}`),
      ),
    );
}

function printNode(report: Report, node: TracedNode): void {
  const { printer, words, at } = report;
  const { tracing } = words.printing;
  printer.line();
  printer.line(style('bold', tracing.node(harmless(node.node), at(node.since ?? 0))));
  if (node.publishedAt !== null) printer.line(`  ${tracing.published(at(node.publishedAt))}`);
  const isEmpty =
    node.publishedAt === null && node.devices.length === 0 && node.pushes.length === 0 && node.jobs.length === 0;
  if (isEmpty) printer.line(`  ${tracing.unheard}`);
  if (node.devices.length > 0) printDevices(report, node);
  if (node.pushes.length > 0) {
    printer.line(`  ${tracing.pushed}`);
    printer.facts(
      node.pushes.map(({ at: when, userId, outcome }) => [
        at(when),
        `${nameOf(report, userId)}: ${tracing.outcomes[outcome]}`,
      ]),
    );
  }
  for (const { at: when, queue, error } of node.jobs)
    printer.line(
      `  ${error === null ? tracing.jobEnded(queue, at(when)) : tracing.jobFailed(queue, at(when), harmless(error))}`,
    );
}

function printDevices(report: Report, { devices, otherDevices }: TracedNode): void {
  const { printer, words, at } = report;
  const { tracing } = words.printing;
  const { deviceHeads: heads } = tracing;
  const when = (time: number | null) => (time === null ? '–' : at(time));
  printer.table(
    [heads.device, heads.sent, heads.confirmed, heads.read],
    devices.map(({ userId, device, sentAt, confirmedAt, readAt }) => [
      `${nameOf(report, userId)}, ${device === null ? tracing.forgottenDevice : harmless(device)}`,
      when(sentAt),
      when(confirmedAt),
      when(readAt),
    ]),
  );
  if (otherDevices > 0) printer.line(style('dim', `  ${tracing.otherDevices(otherDevices)}`));
}

function printGaps({ printer, words, trace, at }: Report): void {
  const { tracing } = words.printing;
  const { gaps } = tracing;
  const { entry, nodes, members } = trace;
  const answered = nodes.filter((node) => node.answered);
  const known = new Set(nodes.map(({ node }) => node));
  const says = [
    ...(answered.length === 0 ? [gaps.noNodes] : []),
    ...(answered.length > 0 && !known.has(entry.node) ? [gaps.gone(harmless(entry.node))] : []),
    ...(answered.length === 0
      ? []
      : nodes.filter((node) => !node.answered).map(({ node }) => gaps.silent(harmless(node)))),
    ...answered
      .filter(({ since }) => since !== null && since > entry.time)
      .map(({ node, since }) => gaps.before(harmless(node), at(since ?? 0))),
    ...(members.some((one) => one.deliveredSeq > entry.seq || (one.readSeq ?? 0) > entry.seq) ? [gaps.moved] : []),
    ...(members.some((one) => (one.delivered && one.deliveredAt === null) || (one.read && one.readAt === null))
      ? [gaps.unnoted]
      : []),
  ];
  if (says.length === 0) return;
  printer.line();
  printer.line(style('bold', tracing.unknown));
  for (const line of says) printer.line(`  ${line}`);
}

/** A member's name; the id of somebody who is none of those told of. */
function nameOf({ words, trace }: Report, userId: string | null): string {
  const { sender } = trace.entry;
  const profile =
    trace.members.find((one) => one.profile.userId === userId)?.profile ?? (sender?.userId === userId ? sender : null);
  return profile ? calledIn(words, profile) : (userId ?? '–');
}

function calledIn({ printing }: Words, { name }: Profile): string {
  return name === '' ? printing.tracing.deleted : harmless(name);
}
