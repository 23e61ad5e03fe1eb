import './name.css';
import type { Profile } from '../../protocol/models.ts';
import { words } from '../i18n/language.ts';

/** What a person is called. */
export const nameOf = (profile: Profile | null): string =>
  profile === null ? words().common.somebody : profile.displayName || words().common.deletedPerson;

/** A name inside a sentence: its writing direction stays its own (Unicode isolates). */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** With `cut` it takes a line of its own and ends in dots where there is no room. */
export const Name = ({ of, cut = false }: { of: Profile | null; cut?: boolean }) => (
  <bdi class={cut ? 'cut' : undefined}>{nameOf(of)}</bdi>
);

/** Stands beside the name of a bot: nobody shall take a program for a person. */
export const BotMark = () => <span class="bot-mark">{words().common.bot}</span>;
