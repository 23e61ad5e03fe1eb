import { readFile } from 'node:fs/promises';
import { type Document, isCollection, LineCounter, parseDocument } from 'yaml';
import { aliasMistakes, mistakesIn, nearestPath, syntaxMistakes } from './config-mistakes.ts';
import { writeConfigText } from './config-text.ts';
import { homeAt } from './home.ts';
import { Problem } from './problem.ts';
import { type Config, configSchema } from './schema.ts';
import { findSetting, sections } from './settings.ts';
import { asProblem, writeWhole } from './whole-file.ts';

/**
 * The settings of an instance, defaults filled in, with PORT from the environment in force. Throws Problem:
 * `not_an_instance`, or `config_invalid` with every mistake there is.
 */
export async function loadConfig(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const { config: file } = homeAt(folder);
  return withEnvironment(parseConfig(await readConfigText(folder), file), file, env);
}

/** The file as it stands. */
export async function readConfigText(folder: string): Promise<string> {
  const { config: file, folder: home } = homeAt(folder);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new Problem('not_an_instance', { home });
    throw asProblem(error, file);
  }
}

export function parseConfig(text: string, file: string): Config {
  return checked(parsed(text), file);
}

interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

function parsed(text: string): Parsed {
  const lines = new LineCounter();
  return { document: parseDocument(text, { lineCounter: lines }), lines };
}

function checked({ document, lines }: Parsed, file: string): Config {
  const broken = document.errors.some((error) => error.code !== 'DUPLICATE_KEY');
  const read = broken ? {} : readValue(document);
  const alias = read === unreadable ? aliasMistakes(document, lines) : [];
  const result = configSchema.safeParse(read === unreadable ? {} : (read ?? {}));
  if (result.success && document.errors.length === 0 && alias.length === 0) return result.data;
  const mistakes = [
    ...syntaxMistakes(document, lines),
    ...alias,
    ...(result.success ? [] : mistakesIn(document, lines, result.error.issues)),
  ];
  mistakes.sort((a, b) => a.line - b.line || a.column - b.column);
  throw new Problem('config_invalid', { file, mistakes });
}

const unreadable = Symbol('aliases that lead nowhere, or to too much');

function readValue(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return unreadable;
  }
}

function withEnvironment(config: Config, file: string, env: NodeJS.ProcessEnv): Config {
  const told = env.PORT;
  if (told === undefined || told === '') return config;
  const port = configSchema.shape.port.safeParse(/^\d+$/.test(told) ? Number(told) : told);
  if (!port.success) {
    const mistake = {
      line: 0,
      column: 0,
      path: 'PORT',
      kind: 'type',
      found: told,
      wanted: '1–65535',
      nearest: null,
    } as const;
    throw new Problem('config_invalid', { file, mistakes: [mistake] });
  }
  return onPort(config, port.data);
}

/** The same settings on another port. An address that names the port listened on moves along. */
export function onPort(config: Config, port: number): Config {
  const own = config.address?.startsWith('http://') && config.address.endsWith(`:${config.port}`);
  const address = own && config.address ? config.address.replace(/:\d+$/, `:${port}`) : config.address;
  return { ...config, port, address };
}

/** A new file with every setting in it, explained. */
export async function saveConfig(folder: string, config: Config): Promise<void> {
  await writeWhole(homeAt(folder).config, writeConfigText(config), 0o644);
}

/**
 * Changes one setting (dotted path) in the file, which keeps its comments and its order. Throws Problem
 * `unknown_setting`, or `setting_invalid` where the value is not right; the file then stays as it is.
 */
export async function setSetting(folder: string, path: string, value: unknown): Promise<Config> {
  const setting = findSetting(path);
  if (setting === null) throw settingProblem(path);
  const { config: file } = homeAt(folder);
  const { document, lines } = parsed(await readConfigText(folder));
  checked({ document, lines }, file);
  const keys = path.split('.');
  // An empty file has no map yet, and `database: null` is no place for `database.store`.
  for (let depth = 0; depth < keys.length; depth += 1) {
    const outer = depth === 0 ? document.contents : document.getIn(keys.slice(0, depth), true);
    if (isCollection(outer)) continue;
    if (depth === 0) document.contents = document.createNode({});
    else document.setIn(keys.slice(0, depth), document.createNode({}));
  }
  document.setIn(keys, document.createNode(value));
  const text = document.toString({ lineWidth: 0 });
  const config = configAfter(path, text, file);
  await writeWhole(file, text);
  return config;
}

/** The file was right before, so that what is wrong in it now is the value that was put in. */
function configAfter(path: string, text: string, file: string): Config {
  try {
    return parseConfig(text, file);
  } catch (error) {
    const [mistake] = error instanceof Problem && 'mistakes' in error.facts ? error.facts.mistakes : [];
    throw mistake === undefined ? error : new Problem('setting_invalid', { mistake: { ...mistake, path } });
  }
}

/** Why a path is no setting that can be read or changed. */
export function settingProblem(path: string): Problem {
  return sections.some((section) => section.path === path)
    ? new Problem('not_a_single_setting', { path })
    : new Problem('unknown_setting', { path, nearest: nearestPath(path) });
}
