import type { Profile } from '../../protocol/models.ts';

/** A mention being typed: where its @ stands, and what follows it up to the caret. */
export interface TypedMention {
  readonly from: number;
  readonly query: string;
}

const typed = /(?<![\p{L}\p{M}\p{N}_%+/@])@([\p{L}\p{M}\p{N}._-]{0,32})$/u;

export function mentionAt(text: string, caret: number): TypedMention | null {
  const found = typed.exec(text.slice(0, caret));
  return found === null ? null : { from: found.index, query: found[1] ?? '' };
}

/** The text with the mention written out, and where the caret belongs then. */
export function withMention(
  text: string,
  { from, query }: TypedMention,
  name: string,
): { readonly text: string; readonly caret: number } {
  const written = `${text.slice(0, from)}@${name} `;
  const rest = text.slice(from + 1 + query.length);
  return { text: written + (rest.startsWith(' ') ? rest.slice(1) : rest), caret: written.length };
}

const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLocaleLowerCase();

const shownAtMost = 6;

/** People of whom the sign-in name or a word of the name begins with what was typed. */
export function peopleFor(query: string, people: readonly Profile[]): readonly Profile[] {
  const wanted = folded(query);
  const found = people.filter(
    ({ gone, name, displayName }) =>
      !gone && (folded(name).startsWith(wanted) || ` ${folded(displayName)}`.includes(` ${wanted}`)),
  );
  return found.slice(0, shownAtMost);
}
