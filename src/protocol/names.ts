import { limits } from './limits.ts';

/**
 * The sign-in name that a typed name suggests: "Anna  Müller-Groß!" gives "anna.müller-groß". What comes out is accepted
 * by the `name` schema, or is not `isLongEnough` where too little that is usable was typed. Free of zod, so that the
 * client may import it.
 */
export function deriveName(typed: string): string {
  const joined = normalize(normalize(typed))
    .replace(/[\s.]+/gu, '.')
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, '')
    .replace(/[._-]{2,}/gu, (run) => run[0] ?? '');
  // Marks that were apart may stand together now.
  return trimmed(cut(trimmed(normalize(joined)), limits.nameLength.max));
}

/** Counted in characters, as the schema does. */
export const isLongEnough = (name: string): boolean => [...name].length >= limits.nameLength.min;

/** The same name with a number behind it, for when the first is taken. */
export function numberedName(name: string, number: number): string {
  const tail = `.${number}`;
  return trimmed(cut(name, limits.nameLength.max - tail.length)) + tail;
}

const normalize = (value: string): string => value.normalize('NFKC').toLowerCase().normalize('NFKC');

const trimmed = (value: string): string => value.replace(/^[._-]+|[._-]+$/gu, '');

/** Cuts to a number of UTF-16 units without tearing a character apart. */
function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  let kept = '';
  for (const character of value) {
    if (kept.length + character.length > max) break;
    kept += character;
  }
  return kept;
}

/** Where an instance answers, below its address. */
export const paths = {
  /** The WebSocket. The first frame is `connection.open`. */
  socket: '/socket',
  /** `POST /api/<operation>`. */
  api: '/api/',
  /** `GET /avatars/<hash>`: pictures of people and groups. */
  avatars: '/avatars/',
  /** `POST /hooks/<secret>`. */
  hooks: '/hooks/',
} as const;

/** The HTTP header in which a client names the epoch it knows. */
export const epochHeader = 'messenger-epoch';
