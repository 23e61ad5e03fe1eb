import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Entry, EntryOf, Message } from '../../protocol/models.ts';
import type { Input } from '../../protocol/operations.ts';
import type { Handlers } from '../call.ts';
import { type Authoring, mustWrite } from './authoring.ts';
import { lookAt, targeting } from './message-looks.ts';
import { type Rules, type RulesCache, spansOf } from './rules.ts';

type Source = Input<'message.forward'>['from'];

const wholeLog = [{ from: 1, to: null }];

/** Messages go on to another conversation: their text, under the name of who wrote it first. */
export function makeForwarding({
  messages,
  users,
  rules,
  authoring,
}: Pick<Platform, 'messages' | 'users'> & { rules: RulesCache; authoring: Authoring }): Pick<
  Handlers,
  'message.forward'
> {
  async function read(from: Source, userId: UserId): Promise<Message & { kind: 'message' }> {
    const spans = spansOf(await rules.get(from.conversationId), userId);
    const source = await lookAt(messages, from, spans);
    if (source === null) throw new AppError('not_found', 'no_such_message');
    if (source.emptied) throw new AppError('conflict', 'message_removed');
    if (source.kind !== 'message') throw new AppError('conflict', 'not_forwardable');
    return source;
  }

  async function firstAuthor(source: EntryOf<'message'>) {
    if (source.body.forwarded !== undefined) return source.body.forwarded;
    const userId = source.senderId as UserId;
    const [profile] = await users.profiles([userId]);
    return { userId, displayName: profile?.displayName ?? '' };
  }

  /** Whether the entry may have been made of this source, which may have been edited or removed since. */
  async function stemsFrom(source: Source, entry: Entry): Promise<boolean> {
    if (entry.kind !== 'message' || entry.body.forwarded === undefined) return false;
    const first = await messages.entry(source.conversationId, source.seq);
    if (first?.kind !== 'message') return false;
    if (first.emptied) return true;
    const author = first.body.forwarded?.userId ?? first.senderId;
    if (entry.body.forwarded.userId !== author) return false;
    if (first.body.text === entry.body.text) return true;
    for await (const edit of targeting(messages, source, wholeLog))
      if (edit.kind === 'edit' && (edit.emptied || edit.body.text === entry.body.text)) return true;
    return false;
  }

  return {
    'message.forward': (input, call) => {
      const write = async (present: Rules, userId: UserId) => {
        mustWrite(present, userId);
        const source = await read(input.from, userId);
        return {
          kind: 'message',
          body: { text: source.body.text, forwarded: await firstAuthor(source) },
        } as const;
      };
      return authoring.slowly(input, call, write, (entry) => stemsFrom(input.from, entry));
    },
  };
}
