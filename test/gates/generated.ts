import { readFileSync, writeFileSync } from 'node:fs';
import { layers } from './layer-table.ts';
import { permissionsPage } from './permissions-page.ts';

/** A file, or a part of one between two marker lines, that derives from the code. */
interface Generated {
  readonly file: string;
  /** The whole file as it should be, given the file as it is. */
  make(present: string): string | Promise<string>;
}

function between(marker: string, text: string, present: string): string {
  const [start, end] = [`<!-- ${marker} -->`, `<!-- end of ${marker} -->`];
  const [before, rest] = present.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`the lines ${start} and ${end} are missing`);
  return `${before}${start}\n${text}\n${end}${after}`;
}

function picture(): string {
  const names = Object.keys(layers);
  const reaches = (from: string, to: string): boolean =>
    layers[from]?.uses.some((next) => next === to || reaches(next, to)) ?? false;
  const boxes = names.map((name) => `  ${name}["<b>${name}</b><br>${layers[name]?.is}"]`);
  const arrows = names.flatMap((name) => {
    const uses = layers[name]?.uses ?? [];
    return uses
      .filter((target) => !uses.some((other) => other !== target && reaches(other, target)))
      .map((target) => `  ${name} --> ${target}`);
  });
  return ['```mermaid', 'flowchart TD', ...boxes, ...arrows, '```'].join('\n');
}

const generated: readonly Generated[] = [
  { file: 'docs/architecture.md', make: (present) => between('layers', picture(), present) },
  { file: 'docs/permissions.md', make: permissionsPage },
];

const write = process.argv.includes('--write');
let stale = 0;
for (const { file, make } of generated) {
  const present = readFileSync(file, 'utf8');
  const wanted = await make(present);
  if (wanted === present) continue;
  if (write) writeFileSync(file, wanted);
  else {
    stale += 1;
    console.error(`${file} is not what the code says: npm run generate`);
  }
}
console.log(`generated: ${generated.length} files, ${write ? 'written' : `${stale} stale`}`);
process.exitCode = stale === 0 ? 0 : 1;
