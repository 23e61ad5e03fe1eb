import { type Document, isCollection, isMap, isNode, isPair, type LineCounter, visit } from 'yaml';
import type * as z from 'zod';
import type { ConfigMistake } from './problem.ts';
import { nearest, settings } from './settings.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Says where in the file each mistake stands, what was found, and what would be right. */
export function mistakesIn(document: Document, lines: LineCounter, issues: readonly Issue[]): ConfigMistake[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => unknownKey(document, lines, [...issue.path, key]))
      : [wrongValue(document, lines, issue)],
  );
}

export function syntaxMistakes(document: Document, lines: LineCounter): ConfigMistake[] {
  return document.errors.map((error) => ({
    ...place(lines, error.pos[0]),
    path: '',
    kind: 'syntax',
    found: '',
    wanted: error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '',
    nearest: null,
  }));
}

/** Aliases that name no anchor; where all do, they lead to too much, and the first one stands for them. */
export function aliasMistakes(document: Document, lines: LineCounter): ConfigMistake[] {
  const found: { offset: number; name: string; lost: boolean }[] = [];
  visit(document, {
    Alias(_key, node) {
      found.push({ offset: node.range?.[0] ?? 0, name: node.source, lost: node.resolve(document) === undefined });
    },
  });
  const lost = found.filter((alias) => alias.lost);
  return (lost.length > 0 ? lost : found.slice(0, 1)).map(({ offset, name }) => ({
    ...place(lines, offset),
    path: '',
    kind: 'syntax',
    found: name,
    wanted: `*${name}`,
    nearest: null,
  }));
}

function unknownKey(document: Document, lines: LineCounter, path: Path): ConfigMistake {
  const key = String(path.at(-1));
  return {
    ...place(lines, keyOffset(document, path)),
    path: dotted(path),
    kind: 'unknown',
    found: key,
    wanted: '',
    nearest: nearestPath(dotted(path)),
  };
}

/** A misspelt key beside where it stands, else the same key where it belongs. */
export function nearestPath(path: string): string | null {
  const parts = path.split('.');
  const key = parts.at(-1) ?? '';
  const prefix = parts
    .slice(0, -1)
    .map((part) => `${part}.`)
    .join('');
  const paths = settings.map((setting) => setting.path);
  const beside = paths
    .filter((other) => other.startsWith(prefix))
    .map((other) => other.slice(prefix.length).split('.')[0] ?? '');
  const near = nearest(key, [...new Set(beside)]);
  if (near !== null) return `${prefix}${near}`;
  return paths.find((other) => other.endsWith(`.${key}`)) ?? nearest(path, paths);
}

function wrongValue(document: Document, lines: LineCounter, issue: Issue): ConfigMistake {
  const node = document.getIn(issue.path, true);
  const found = isNode(node) ? node.toString().trim() : '';
  const offset = isNode(node) && node.range ? node.range[0] : keyOffset(document, issue.path);
  const base = { ...place(lines, offset), path: dotted(issue.path), found: isCollection(node) ? '' : found };
  switch (issue.code) {
    case 'invalid_type':
      return { ...base, kind: 'type', wanted: issue.expected, nearest: null };
    case 'invalid_value': {
      const values = issue.values.map(String);
      return { ...base, kind: 'choice', wanted: values.join(', '), nearest: nearest(found, values) };
    }
    case 'too_small':
      return { ...base, kind: 'range', wanted: `≥ ${issue.minimum}`, nearest: null };
    case 'too_big':
      return { ...base, kind: 'range', wanted: `≤ ${issue.maximum}`, nearest: null };
    default:
      return { ...base, kind: 'form', wanted: example(dotted(issue.path)) ?? issue.message, nearest: null };
  }
}

const examples: Readonly<Record<string, string>> = {
  address: 'https://chat.example.org',
  accent: '"#3366cc"',
  node: 'main',
  'database.url': 'postgres://messenger@localhost/messenger',
  'messages.url': 'postgres://messenger@localhost/messenger',
  'bus.url': 'redis://localhost:6379',
  'mail.url': 'smtp://mail.example.org:587',
  'mail.from': '"Chat <chat@example.org>"',
};

/** What a right value of a setting looks like, where its type does not say it. */
export function example(path: string): string | null {
  return examples[path] ?? null;
}

function keyOffset(document: Document, path: Path): number {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!isMap(parent)) return 0;
  const pair = parent.items.find((item) => isPair(item) && String(item.key) === String(path.at(-1)));
  return pair && isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : (parent.range?.[0] ?? 0);
}

function place(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function dotted(path: Path): string {
  return path.map(String).join('.');
}
