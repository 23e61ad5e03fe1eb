import type { ConversationId, UserId } from '../../protocol/ids.ts';
import type { ImportedEntry } from '../../protocol/transfer-operations.ts';
import { accountName, displayedName } from './account-name.ts';
import { derivedId } from './ids.ts';
import { makeLocalTime } from './local-time.ts';
import type { SourceHow } from './source.ts';
import { makeLeftOut, type Source, type SourceConversation, type SourcePerson } from './source.ts';
import { makeTelegramConversion } from './telegram-conversion.ts';
import type { TelegramMessage } from './telegram-format.ts';
import { isMessage, placeOf, scanTelegram, type TelegramChat, telegramParts } from './telegram-scan.ts';

/** Of an export that does not say whose it is. */
const unknownSelf = 'me';

/** What Telegram Desktop exports as JSON: one chat, or a whole account. */
export async function makeTelegramSource(path: string, how: SourceHow): Promise<Source> {
  const scan = await scanTelegram(path);
  const leftOut = makeLeftOut();
  const localTime = makeLocalTime(how.timeZone);
  const people = new Map(scan.people);
  const selves = new Set<string>();
  const idOf = (key: string) => derivedId('telegram', key) as UserId;
  const isDeleted = (userId: UserId) => deleted.has(userId);

  for (const chat of scan.chats.values()) {
    const pair = pairOf(chat);
    if (pair === null) continue;
    const [self, peer] = pair;
    selves.add(self);
    if (!people.has(self)) people.set(self, self === unknownSelf ? 'Me' : null);
    if (peer !== self && (people.get(peer) ?? null) === null) people.set(peer, chat.name || null);
  }
  const only = selves.size === 1 ? [...selves][0] : undefined;
  const self = scan.self ?? only ?? null;
  const deleted = new Set([...people].filter(([, name]) => name === null).map(([key]) => idOf(key)));

  /** Whoever exported it, and the other one. */
  function pairOf({ type, id, writers }: TelegramChat): readonly [string, string] | null {
    if (type === 'saved_messages') {
      const me = scan.self ?? [...writers][0] ?? unknownSelf;
      return [me, me];
    }
    if (type !== 'personal_chat' && type !== 'bot_chat') return null;
    const peer = `user${id}`;
    return [scan.self ?? [...writers].find((key) => key !== peer) ?? unknownSelf, peer];
  }

  async function* everybody(): AsyncGenerator<SourcePerson> {
    for (const [key, name] of people) {
      const userId = idOf(key);
      const stand = `tg-${key.replace(/\D/g, '') || userId.slice(-8)}`;
      yield {
        ...{ userId, key, name: accountName(name ?? '', stand), displayName: displayedName(name ?? '', stand) },
        ...(name === null ? { match: 'never', deleted: true } : { match: 'displayName' }),
        ...(how.as !== null && key === self ? { as: how.as } : {}),
      } as SourcePerson;
    }
  }

  async function* conversations(): AsyncGenerator<SourceConversation> {
    const messages = messagesOf(path);
    let next = await messages.next();
    while (!next.done) {
      const { place } = next.value;
      const chat = scan.chats.get(place);
      if (chat !== undefined) {
        yield conversationOf(chat, async function* () {
          for (; !next.done && next.value.place === place; next = await messages.next()) yield next.value.message;
        });
      }
      while (!next.done && next.value.place === place) next = await messages.next();
    }
  }

  function conversationOf(chat: TelegramChat, messages: () => AsyncGenerator<TelegramMessage>): SourceConversation {
    const pair = pairOf(chat);
    const key = pair === null ? String(chat.id) : `${chat.type}:${chat.id}:${pair[0]}`;
    const owner = chat.creator ?? self ?? [...chat.writers][0] ?? null;
    const conversion = makeTelegramConversion({
      ...{ chat, key, leftOut, localTime, idOf },
      pair: pair === null ? null : [idOf(pair[0]), idOf(pair[1])],
      owner: owner === null ? null : idOf(owner),
      self: self === null ? null : idOf(self),
    });
    return {
      key,
      conversationId: derivedId('telegram', 'conversation', key) as ConversationId,
      title: chat.name,
      pair: pair === null ? null : [idOf(pair[0]), idOf(pair[1])],
      async *entries(): AsyncGenerator<ImportedEntry> {
        for await (const message of messages()) yield* conversion.convert(message);
      },
      end: () => conversion.end(isDeleted),
    };
  }

  return { kind: 'telegram', people: everybody, conversations, leftOut };
}

async function* messagesOf(
  path: string,
): AsyncGenerator<{ readonly place: string; readonly message: TelegramMessage }> {
  for await (const { path: at, value } of telegramParts(path)) {
    if (isMessage(at)) yield { place: placeOf(at), message: value as TelegramMessage };
  }
}
