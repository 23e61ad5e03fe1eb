import './avatar.css';
import { Icon } from './icon.tsx';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The first letters of the first and last word; an emoji counts as a letter. */
export function initialsOf(name: string): string {
  const parts = name
    .trim()
    .split(/\s+/u)
    .filter((part) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(part));
  const ends = parts.length > 1 ? [parts[0], parts.at(-1)] : parts;
  return ends.map((part) => firstGrapheme(part ?? '')).join('');
}

function firstGrapheme(text: string): string {
  for (const { segment } of segmenter.segment(text.replace(/^[^\p{L}\p{N}\p{Extended_Pictographic}]+/u, ''))) {
    return segment.toLocaleUpperCase();
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
  readonly kind?: 'person' | 'group' | 'self';
  readonly size?: 'tiny' | 'small' | 'medium' | 'huge';
  readonly online?: boolean;
}

export function Avatar({ id, name, kind = 'person', size = 'medium', online = false }: AvatarProps) {
  const initials = kind === 'self' ? '' : initialsOf(name);
  return (
    <span class={`avatar ${size} ${kind}`} style={{ '--tone': String(toneOf(id)) }} aria-hidden="true">
      {initials === '' ? (
        <Icon name={kind === 'self' ? 'bookmark' : kind === 'group' ? 'people' : 'person'} size={20} />
      ) : (
        initials
      )}
      {online && <span class="avatar-online" />}
    </span>
  );
}
