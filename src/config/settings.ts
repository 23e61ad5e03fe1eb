import leven from 'leven';
import * as z from 'zod';
import { configSchema } from './schema.ts';

/** One setting, as the schema declares it. */
export interface Setting {
  /** Dotted: `log.level`. */
  readonly path: string;
  readonly description: string;
  readonly type: 'text' | 'number' | 'yes or no' | 'list' | 'choice';
  readonly choices: readonly string[];
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** May be `null`: not set. */
  readonly optional: boolean;
  readonly default: unknown;
}

/** A heading over settings that belong together: `log`. */
export interface Section {
  readonly path: string;
  readonly description: string;
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
}

const shape = z.toJSONSchema(configSchema, { io: 'input' }) as Shape;

export const sections: readonly Section[] = Object.entries(shape.properties ?? {})
  .filter(([, inner]) => inner.properties !== undefined)
  .map(([path, inner]) => ({ path, description: inner.description ?? '' }));

/** All of them, in the order the schema declares them. */
export const settings: readonly Setting[] = settingsOf(shape, '');

function settingsOf(outer: Shape, prefix: string): Setting[] {
  return Object.entries(outer.properties ?? {}).flatMap(([key, inner]) =>
    inner.properties ? settingsOf(inner, `${prefix}${key}.`) : [settingOf(inner, `${prefix}${key}`)],
  );
}

function settingOf(inner: Shape, path: string): Setting {
  const types = [inner, ...(inner.anyOf ?? [])].flatMap(({ type }) => type ?? []);
  return {
    path,
    description: inner.description ?? '',
    type: inner.enum ? 'choice' : typeName(types),
    choices: inner.enum ?? [],
    minimum: inner.minimum ?? null,
    maximum: inner.maximum ?? null,
    optional: types.includes('null'),
    default: inner.default,
  };
}

function typeName(types: readonly string[]): Setting['type'] {
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('boolean')) return 'yes or no';
  return types.includes('array') ? 'list' : 'text';
}

export function findSetting(path: string): Setting | null {
  return settings.find((setting) => setting.path === path) ?? null;
}

/** The one of the words that looks like this one; null when none comes near. */
export function nearest(word: string, words: readonly string[]): string | null {
  const [best] = words
    .map((candidate) => ({ candidate, distance: leven(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.candidate : null;
}
