import type { Profile } from '../../protocol/models.ts';
import { words } from '../i18n/language.ts';

/** What a person is called. */
export const nameOf = (profile: Profile | null): string =>
  profile === null ? words().common.somebody : profile.displayName || words().common.deletedPerson;

/** A name inside a sentence: its writing direction stays its own (Unicode isolates). */
export const isolated = (name: string): string => `\u2068${name}\u2069`;

export const Name = ({ of }: { of: Profile | null }) => <bdi>{nameOf(of)}</bdi>;
