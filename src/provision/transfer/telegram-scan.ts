import { createReadStream } from 'node:fs';
import { Problem } from '../../config/problem.ts';
import { type JsonPart, jsonParts } from './json-stream.ts';
import type { TelegramMessage } from './telegram-format.ts';

/** One chat of an export, as far as it can be known before its messages are converted. */
export interface TelegramChat {
  /** Where it stands in the file. */
  readonly place: string;
  name: string;
  type: string;
  id: number;
  messages: number;
  /** Whoever is known by an id, by what the chat calls them; null: two are called so. */
  readonly ids: Map<string, string | null>;
  /** Whom notices name. */
  readonly names: Set<string>;
  /** Who made the group. */
  creator: string | null;
  /** Who wrote, in order. */
  readonly writers: Set<string>;
  /** Its owner left it before the export. */
  readonly isLeft: boolean;
}

export interface TelegramScan {
  readonly chats: ReadonlyMap<string, TelegramChat>;
  /** What people are called; null: they are only known as deleted. */
  readonly people: ReadonlyMap<string, string | null>;
  /** Whose export it is, where it says so. */
  readonly self: string | null;
}

/** A person by the id that the export gives them, else by their name. */
export function personKey(id: string | number | undefined, name: string | null | undefined): string | null {
  if (typeof id === 'number') return `user${id}`;
  if (typeof id === 'string' && id !== '') return id;
  return name ? `name:${name}` : null;
}

/** Messages one by one, with the place of the chat they are in; other values too, as they come. */
export async function* telegramParts(path: string): AsyncGenerator<JsonPart> {
  const file = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  try {
    yield* jsonParts(file, isMessage);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      'import_unreadable',
      { path, says: error instanceof Error ? error.message : String(error) },
      error,
    );
  } finally {
    file.destroy();
  }
}

export function isMessage(path: readonly (string | number)[]): boolean {
  return path.at(-2) === 'messages' && typeof path.at(-1) === 'number';
}

export const placeOf = (path: readonly (string | number)[]): string => path.slice(0, -2).join('/');

/** Reads an export through once, for who is in it. Throws Problem `import_unknown` where there are no chats. */
export async function scanTelegram(path: string): Promise<TelegramScan> {
  const chats = new Map<string, TelegramChat>();
  const people = new Map<string, string | null>();
  let self: string | null = null;
  let selfName = '';

  const chatAt = (place: string): TelegramChat => {
    const known = chats.get(place);
    if (known !== undefined) return known;
    const isLeft = place.startsWith('left_chats/');
    const fresh = {
      place,
      name: '',
      type: '',
      id: 0,
      messages: 0,
      ids: new Map(),
      names: new Set<string>(),
      creator: null,
      writers: new Set<string>(),
      isLeft,
    };
    chats.set(place, fresh);
    return fresh;
  };
  const meet = (chat: TelegramChat, id: string | number | undefined, name: string | null | undefined) => {
    const key = personKey(id, name);
    if (key === null) return null;
    if (name || !people.has(key)) people.set(key, name || (people.get(key) ?? null));
    if (name && !key.startsWith('name:'))
      chat.ids.set(name, chat.ids.has(name) && chat.ids.get(name) !== key ? null : key);
    return key;
  };

  for await (const { path: at, value } of telegramParts(path)) {
    const last = at.at(-1);
    if (isMessage(at)) {
      const chat = chatAt(placeOf(at));
      const message = value as TelegramMessage;
      chat.messages++;
      const key = meet(chat, message.from_id ?? message.actor_id, message.from ?? message.actor);
      if (key !== null) chat.writers.add(key);
      if (/^create_(group|channel)$/.test(message.action ?? '')) chat.creator ??= key;
      for (const name of message.members ?? []) if (name !== null) chat.names.add(name);
      for (const { recent = [] } of message.reactions ?? []) {
        for (const { from, from_id: id } of recent) meet(chat, id, from);
      }
    } else if (at[0] === 'personal_information' && at.length === 2) {
      if (last === 'user_id') self = `user${value}`;
      if (last === 'first_name' || last === 'last_name') selfName = `${selfName} ${value}`.trim();
    } else if (last === 'name' || last === 'type' || last === 'id') {
      if (at.length !== 1 && !(at.length === 4 && at[1] === 'list' && typeof at[2] === 'number')) continue;
      const chat = chatAt(at.slice(0, -1).join('/'));
      if (last === 'name' && typeof value === 'string') chat.name = value;
      if (last === 'type' && typeof value === 'string') chat.type = value;
      if (last === 'id' && typeof value === 'number') chat.id = value;
    }
  }
  if (self !== null) people.set(self, selfName || (people.get(self) ?? null));
  findNamed([...chats.values()], people);
  const written = new Map([...chats].filter(([, { messages, type }]) => messages > 0 && type !== ''));
  if (written.size === 0) throw new Problem('import_unknown', { path });
  if (self !== null) people.set(self, selfName || (people.get(self) ?? null));
  return { chats: written, people, self };
}

/** Notices give names alone: they mean whoever the chat knows by that name, else the only one who is called so at all. */
function findNamed(chats: readonly TelegramChat[], people: Map<string, string | null>): void {
  const byName = new Map<string, string | null>();
  for (const [key, name] of people) if (name !== null) byName.set(name, byName.has(name) ? null : key);
  for (const { names, ids } of chats) {
    for (const name of names) {
      const key = ids.has(name) ? ids.get(name) : byName.get(name);
      if (key) ids.set(name, key);
      else people.set(`name:${name}`, name);
    }
  }
}
