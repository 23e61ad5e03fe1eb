import type { Platform } from '../../ports/platform.ts';
import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Bodies, name as nameSchema } from '../../protocol/models.ts';
import { memberOf, type Rules } from './rules.ts';

/** What a text mentions, as far as it says so itself. */
export interface Mentioned {
  /** Canonical, in the order of the text, each once; at most `limits.mentionsPerMessage`: further ones stay plain text. */
  readonly names: readonly string[];
  /** It says `@all`, which is nobody's name. */
  readonly all: boolean;
}

/** Null where it mentions nobody. Addresses of mail and of pages mention nobody, nor does code. */
export function mentionedIn(text: string): Mentioned | null {
  if (!text.includes('@')) return null;
  const names = new Set<string>();
  let all = false;
  for (const [, written = ''] of text.replace(code, ' ').matchAll(mention)) {
    const parsed = nameSchema.safeParse(written);
    if (!parsed.success) continue;
    if (parsed.data === 'all') all = true;
    else if (names.size < limits.mentionsPerMessage) names.add(parsed.data);
  }
  return all || names.size > 0 ? { names: [...names], all } : null;
}

/** As the client shows it. */
const code = /```\n?[^`]+?\n?```|`[^`\n]+`/gu;
const letter = '\\p{L}\\p{M}\\p{N}';
/** The whole of a name as `name` in the protocol has it: what goes on behind it, or is an address, is none. */
const mention = new RegExp(
  `(?<![${letter}_%+/@])@([${letter}]+(?:[._-][${letter}]+)*)(?![${letter}@]|[._-][${letter}])`,
  'gu',
);

/** Whom a text of this sender's mentions, by the members as they are now, for the body of its entry. */
export type ResolveMentions = (
  mentioned: Mentioned,
  rules: Rules,
  senderId: UserId,
) => Promise<Pick<Bodies['message'], 'mentions' | 'mentionsAll'>>;

export function makeResolveMentions({ users }: Pick<Platform, 'users'>): ResolveMentions {
  async function membersNamed(names: readonly string[], rules: Rules): Promise<UserId[]> {
    if (names.length === 0) return [];
    const profiles = new Map((await users.findByNames(names)).map((profile) => [profile.name, profile.userId]));
    return names.flatMap((name) => {
      const userId = profiles.get(name);
      return userId !== undefined && rules.members.get(userId)?.member ? [userId] : [];
    });
  }

  return async ({ names, all }, rules, senderId) => {
    const mentions = await membersNamed(names, rules);
    const mayAll = rules.conversation.kind === 'group' && memberOf(rules, senderId).role !== 'member';
    return {
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(all && mayAll ? { mentionsAll: true as const } : {}),
    };
  };
}
