import './avatar.css';
import { paths } from '../../protocol/names.ts';
import { Icon } from './icon.tsx';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letters of the first and last word; where there are no letters, the first emoji. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u);
  const spelt = words.filter((word) => /[\p{L}\p{N}]/u.test(word));
  const ends = spelt.length > 1 ? [spelt[0], spelt.at(-1)] : spelt;
  if (ends.length > 0) return ends.map((word) => firstOf(word ?? '', /^[^\p{L}\p{N}]+/u)).join('');
  return firstOf(name, /^\P{Extended_Pictographic}+/u);
}

/** A letter with at most two marks: names may carry towers of them. */
function firstOf(text: string, before: RegExp): string {
  for (const { segment } of segmenter.segment(text.replace(before, ''))) {
    return segment
      .normalize('NFC')
      .toLocaleUpperCase()
      .replace(/(\p{M}{2})\p{M}+/gu, '$1');
  }
  return '';
}

/** One of twelve hues, always the same for the same id. */
export function toneOf(id: string): number {
  let sum = 0;
  for (let index = 0; index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) % 0x7fffffff;
  return (sum % 12) * 30 + 10;
}

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  /** The hash of their picture. */
  readonly picture?: string | null | undefined;
  readonly kind?: 'person' | 'group' | 'self';
  readonly size?: 'tiny' | 'small' | 'medium' | 'huge';
  readonly online?: boolean;
}

export function Avatar({ id, name, picture, kind = 'person', size = 'medium', online = false }: AvatarProps) {
  const initials = kind === 'self' ? '' : initialsOf(name);
  return (
    <span class={`avatar ${size} ${kind}`} style={{ '--tone': String(toneOf(id)) }} aria-hidden="true">
      {initials === '' ? (
        <Icon name={kind === 'self' ? 'bookmark' : kind === 'group' ? 'people' : 'person'} size={20} />
      ) : (
        initials
      )}
      {picture != null && (
        // Where it does not come, the initials beneath it stay.
        <img
          key={picture}
          class="avatar-picture"
          src={paths.avatars + picture}
          alt=""
          decoding="async"
          draggable={false}
          onError={(event) => (event.currentTarget.hidden = true)}
        />
      )}
      {online && <span class="avatar-online" />}
    </span>
  );
}
