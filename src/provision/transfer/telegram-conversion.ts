import type { UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Bodies, emoji as emojiSchema } from '../../protocol/models.ts';
import type { ImportedEntry } from '../../protocol/transfer-operations.ts';
import { cutAt, displayedName } from './account-name.ts';
import { makeConversationScript } from './conversation-script.ts';
import type { WallTime } from './local-time.ts';
import type { ConversationEnd, LeftOut } from './source.ts';
import { hasMedia, mediaMark, plainText, type TelegramMessage } from './telegram-format.ts';
import { personKey, type TelegramChat } from './telegram-scan.ts';
import { textParts } from './text-parts.ts';

/** Turns the messages of one chat into entries, in order. */
export interface TelegramConversion {
  convert(message: TelegramMessage): Generator<ImportedEntry>;
  end(isDeleted: (userId: UserId) => boolean): ConversationEnd;
}

export function makeTelegramConversion(of: {
  readonly chat: TelegramChat;
  readonly key: string;
  readonly pair: readonly [UserId, UserId] | null;
  readonly owner: UserId | null;
  readonly self: UserId | null;
  readonly leftOut: LeftOut;
  readonly localTime: (wall: WallTime) => number;
  readonly idOf: (key: string) => UserId;
}): TelegramConversion {
  const { chat, leftOut, pair } = of;
  const script = makeConversationScript('telegram', of.key);
  /** Where messages came to stand, by their ids in the source. */
  const places = new Map<number, number>();
  const topics = new Set<number>();
  const isChannel = chat.type.endsWith('_channel');

  for (const userId of pair ?? []) script.enter(userId);
  if (of.self !== null && pair === null) script.enter(of.self);

  function timeOf({ date_unixtime: seconds, date = '' }: TelegramMessage): number {
    if (seconds !== undefined && Number.isFinite(Number(seconds))) return Number(seconds) * 1000;
    const parts = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(date)?.slice(1).map(Number);
    if (parts === undefined) return script.time();
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
    return of.localTime({ year, month, day, hour, minute, second });
  }

  function personOf(id: string | number | undefined, name: string | null | undefined): UserId | null {
    const key = personKey(id, name);
    // Deleted accounts of old exports have neither; in a conversation of two it is the other one.
    return key === null ? (pair?.[1] ?? null) : of.idOf(key);
  }

  /** Notices name people, and do not say who of two that are called so. */
  function named(name: string | null): UserId | null {
    if (name === null) return null;
    return of.idOf(chat.ids.get(name) ?? `name:${name}`);
  }

  function* begin(message: TelegramMessage): Generator<ImportedEntry> {
    if (script.next() > 1 || pair !== null) return;
    const isMaking = /^create_(group|channel)$/.test(message.action ?? '');
    const title = cutAt((isMaking ? message.title : undefined) || chat.name || '…', limits.titleLength);
    const senderId = isMaking ? personOf(message.actor_id, message.actor) : of.owner;
    const userIds = isMaking ? (message.members ?? []).map(named).filter((userId) => userId !== null) : [];
    if (senderId !== null) script.enter(senderId);
    for (const userId of userIds) script.enter(userId);
    yield script.write(
      'created',
      { title, userIds },
      { senderId, time: timeOf(message), source: message.id, part: 'created' },
    );
  }

  function* said(message: TelegramMessage): Generator<ImportedEntry> {
    const { id } = message;
    const senderId = personOf(message.from_id, message.from);
    if (senderId !== null) script.enter(senderId);
    const place = { senderId, time: timeOf(message), source: id };
    if (hasMedia(message)) leftOut.add('media');
    const poll = pollOf(message);
    if (poll !== null) {
      places.set(id, script.next());
      yield script.write('poll', poll, place);
      leftOut.add('poll_votes', message.poll?.total_voters ?? 0);
      if (message.poll?.closed)
        yield script.write('poll_closed', {}, { ...place, part: 'closed', target: places.get(id) ?? 0 });
    } else {
      yield* words(message, place);
    }
    if (places.has(id)) yield* reactions(message, place);
  }

  type Place = { readonly senderId: UserId | null; readonly time: number; readonly source: number };

  function* words(message: TelegramMessage, place: Place): Generator<ImportedEntry> {
    const { text, mentions, formatted } = plainText(message.text);
    if (formatted) leftOut.add('formatting');
    const parts = textParts([mediaMark(message), pollText(message), text].filter((part) => part !== '').join('\n'));
    if (parts.length === 0) leftOut.add('empty');
    for (const [at, part] of parts.entries()) {
      const body = at === 0 ? { text: part, ...referencesOf(message, mentions) } : { text: part };
      if (at === 0) places.set(message.id, script.next());
      yield script.write('message', body, { ...place, part: at === 0 ? '' : String(at) });
    }
    const isEdited = message.edited_unixtime !== undefined || message.edited !== undefined;
    const [only] = parts;
    if (!isEdited || only === undefined || message.forwarded_from !== undefined) return;
    leftOut.add('edit_time');
    // Of a message of several parts the first is marked.
    yield script.write('edit', { text: only }, { ...place, part: 'edit', target: places.get(message.id) ?? 0 });
  }

  function referencesOf(message: TelegramMessage, mentions: readonly string[]): Partial<Bodies['message']> {
    const { reply_to_message_id: answered, reply_to_peer_id: elsewhere, forwarded_from: name } = message;
    const replyTo = answered === undefined || elsewhere !== undefined ? undefined : places.get(answered);
    if (answered !== undefined && replyTo === undefined && !topics.has(answered)) leftOut.add('reply_elsewhere');
    const displayName = displayedName(name ?? '', '…');
    const by = personKey(message.forwarded_from_id, name) ?? 'name:';
    return {
      ...(replyTo === undefined ? {} : { replyTo }),
      ...(name === undefined ? {} : { forwarded: { userId: of.idOf(by), displayName } }),
      ...(mentions.length === 0 ? {} : { mentions: mentions.slice(0, limits.mentionsPerMessage).map(of.idOf) }),
    };
  }

  function* reactions({ reactions = [] }: TelegramMessage, place: Place): Generator<ImportedEntry> {
    const changes: Bodies['reaction']['changes'] = [];
    for (const { emoji: given = '', count = 0, recent = [] } of reactions) {
      const emoji = [given, `${given}\ufe0f`].find((each) => emojiSchema.safeParse(each).success);
      if (emoji === undefined) {
        leftOut.add('custom_emoji', count);
        continue;
      }
      const known = recent.map(({ from_id: id, from }) => personKey(id, from)).filter((key) => key !== null);
      leftOut.add('reaction_names', Math.max(0, count - known.length));
      for (const key of new Set(known)) changes.push({ userId: of.idOf(key), emoji, on: true });
    }
    if (changes.length === 0) return;
    const kinds = new Set(changes.map(({ emoji }) => emoji));
    const kept = new Set([...kinds].slice(0, limits.reactionsPerMessage));
    const body = { changes: changes.filter(({ emoji }) => kept.has(emoji)) };
    yield script.write('reaction', body, {
      ...place,
      senderId: null,
      part: 'reactions',
      target: places.get(place.source) ?? 0,
    });
  }

  function* noticed(message: TelegramMessage): Generator<ImportedEntry> {
    const { id, action = '' } = message;
    const senderId = personOf(message.actor_id, message.actor);
    const place = { senderId, time: timeOf(message), source: id };
    const others = (message.members ?? []).map(named).filter((userId) => userId !== null);
    switch (action) {
      case 'create_group':
      case 'create_channel':
        if (pair !== null || places.size > 0) leftOut.add('service');
        return;
      case 'edit_group_title':
        if (message.title) yield script.write('title', { title: cutAt(message.title, limits.titleLength) }, place);
        return;
      case 'invite_members':
      case 'join_group_by_link':
      case 'join_group_by_request': {
        const userIds = action === 'invite_members' ? others : senderId === null ? [] : [senderId];
        if (userIds.length === 0) return leftOut.add('service');
        for (const userId of userIds) script.enter(userId);
        return yield script.write('joined', { userIds }, place);
      }
      case 'remove_members':
        for (const userId of others) {
          const isOwn = userId === senderId;
          yield isOwn
            ? script.write('left', { userId, heir: null }, { ...place, part: userId })
            : script.write('removed', { userId }, { ...place, part: userId });
          script.leave(userId);
        }
        return;
      case 'pin_message': {
        const target = places.get(message.message_id ?? -1);
        if (target === undefined) return leftOut.add('reply_elsewhere');
        return yield script.write('pin', { on: true }, { ...place, target });
      }
      case 'topic_created':
        topics.add(id);
        return leftOut.add('topic');
      case 'phone_call':
      case 'group_call':
      case 'invite_to_group_call':
        return leftOut.add('call');
      case 'edit_group_photo':
      case 'delete_group_photo':
        return leftOut.add('group_picture');
      default:
        return leftOut.add('service');
    }
  }

  return {
    *convert(message) {
      if (typeof message?.id !== 'number') return leftOut.add('empty');
      yield* begin(message);
      yield* message.type === 'service' ? noticed(message) : said(message);
    },
    end(isDeleted) {
      if (chat.isLeft && of.self !== null) script.leave(of.self);
      const end = script.end({ ownerId: of.owner, onlyAdminsWrite: isChannel, isDeleted });
      // It may have been called otherwise since the last notice about it.
      return { ...end, title: pair === null ? cutAt(chat.name || end.title, limits.titleLength) : '' };
    },
  };
}

/** Null: there is none, or the product could not show it as one. */
function pollOf({ poll }: TelegramMessage): Bodies['poll'] | null {
  if (poll === undefined) return null;
  const question = cutAt(plainText(poll.question).text.trim(), limits.pollQuestionLength);
  const options = (poll.answers ?? []).map(({ text }) => cutAt(plainText(text).text.trim(), limits.pollOptionLength));
  const { min, max } = limits.pollOptions;
  const isWhole = question !== '' && options.length >= min && options.length <= max && !options.includes('');
  return isWhole && new Set(options).size === options.length ? { question, options, several: false } : null;
}

/** A poll that is none here, in words. */
function pollText(message: TelegramMessage): string {
  if (message.poll === undefined) return '';
  const { question, answers = [] } = message.poll;
  return ['📊', plainText(question).text, ...answers.map(({ text }) => `• ${plainText(text).text}`)].join('\n');
}
