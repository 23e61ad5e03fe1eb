import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '../../src/core/call.ts';
import type { Input, InputToSend, OperationName, Output } from '../../src/protocol/operations.ts';
import { operations } from '../../src/protocol/operations.ts';
import { folderShelf, writeArchive } from '../../src/provision/transfer/archive-writer.ts';
import { type ImportReport, runImport } from '../../src/provision/transfer/import-run.ts';
import { openSource } from '../../src/provision/transfer/open-source.ts';
import type { Ask } from '../../src/provision/transfer/source.ts';
import type { Talkers } from './talkers.ts';

const local: Call = { caller: { kind: 'local' }, address: null, origin: null, receiver: null };

/** Asks as the management socket does: input checked, defaults filled in. */
export function askOf({ messaging }: Pick<Talkers, 'messaging'>): Ask {
  return async <N extends OperationName>(op: N, input: InputToSend<N>) => {
    const handlers = messaging.handlers as Readonly<Record<string, (input: unknown, call: Call) => unknown>>;
    const checked = operations[op].input.parse(input) as Input<N>;
    return (await handlers[op]?.(checked, local)) as Output<N>;
  };
}

export type ExportLine = Readonly<Record<string, unknown>> & { readonly type: string };

export async function exportLines(ask: Ask): Promise<readonly string[]> {
  const lines: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Output<'export.read'> = await ask('export.read', { cursor });
    lines.push(...page.lines);
    cursor = page.cursor;
  } while (cursor !== null);
  return lines;
}

/** A folder of its own for a test's files. */
export function makeFolder(): { readonly path: (name: string) => string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'messenger-transfer-'));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function exportTo(ask: Ask, path: string): Promise<void> {
  const lines = await exportLines(ask);
  const each = async function* () {
    yield* lines;
  };
  await writeArchive(await folderShelf(path), each(), () => {});
}

const plain = { as: null, title: null, timeZone: 'UTC', dateOrder: null } as const;

export async function importFrom(
  ask: Ask,
  path: string,
  how: {
    readonly dryRun?: boolean;
    readonly people?: ReadonlyMap<string, string>;
    readonly source?: Partial<Parameters<typeof openSource>[1]>;
  } = {},
): Promise<ImportReport> {
  const source = await openSource(path, { ...plain, ...how.source });
  return runImport(source, ask, { dryRun: how.dryRun ?? false, as: how.people ?? new Map(), progress: () => {} });
}
