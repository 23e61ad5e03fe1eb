import type { ClientId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import { type Bodies, type Kind, plainSettings } from '../../protocol/models.ts';
import type { ImportedEntry, ImportedMember, ImportSource } from '../../protocol/transfer-operations.ts';
import { cutAt } from './account-name.ts';
import { derivedId } from './ids.ts';
import type { ConversationEnd } from './source.ts';

interface Stay {
  from: number;
  /** Null: they are in. */
  to: number | null;
}

/** A conversation of another program, written anew as a log: its numbers, times, members, title and pins. */
export interface ConversationScript {
  /** The number that the next entry has. */
  next(): number;
  /** The time of the last entry. */
  time(): number;
  /** `part` tells entries that come of one thing in the source apart. Times never go back. */
  write<K extends Kind>(
    kind: K,
    body: Bodies[K],
    of: {
      readonly senderId: UserId | null;
      readonly time: number;
      readonly source: string | number;
      readonly part?: string;
      readonly target?: number;
    },
  ): ImportedEntry;
  /** They are in from the beginning: what came before they first showed is not known to be hidden from them. */
  enter(userId: UserId): void;
  /** With the entry that was written last. */
  leave(userId: UserId): void;
  end(how: {
    readonly ownerId: UserId | null;
    readonly onlyAdminsWrite: boolean;
    /** Their accounts are no more. */
    readonly isDeleted: (userId: UserId) => boolean;
  }): ConversationEnd;
}

export function makeConversationScript(source: ImportSource, key: string): ConversationScript {
  const stays = new Map<UserId, Stay>();
  let [seq, time, title, createdAt]: [number, number, string, number | null] = [0, 0, '', null];
  let pins: number[] = [];

  function memberRow(userId: UserId, stay: Stay, isOwner: boolean, isDeleted: boolean): ImportedMember {
    const to = stay.to ?? (isDeleted ? seq : null);
    return {
      userId,
      role: isOwner && to === null ? 'owner' : 'member',
      member: to === null,
      spans: to === 0 ? [] : [{ from: stay.from, to }],
      joinedSeq: stay.from,
      deliveredSeq: seq,
      readSeq: seq,
      keeping: { pinned: false, archived: false, mutedUntil: null, markedUnread: false },
      draft: null,
      hidden: [],
    };
  }

  return {
    next: () => seq + 1,
    time: () => time,
    write(kind, body, { senderId, time: at, source: id, part = '', target }) {
      seq++;
      time = Math.max(time, at);
      createdAt ??= time;
      const clientId = derivedId(source, key, id, part) as ClientId;
      if (kind === 'title' || kind === 'created') title = (body as { title: string }).title;
      if (kind === 'pin' && target !== undefined) pins = [target, ...pins.filter((each) => each !== target)];
      const targeting = target === undefined ? {} : { target };
      return { time, senderId, clientId, kind, body, ...targeting } as ImportedEntry;
    },
    enter(userId) {
      const stay = stays.get(userId);
      if (stay === undefined) stays.set(userId, { from: 1, to: null });
      else stay.to = null;
    },
    leave(userId) {
      const stay = stays.get(userId);
      if (stay === undefined) stays.set(userId, { from: 1, to: seq });
      else stay.to = seq;
    },
    end({ ownerId, onlyAdminsWrite, isDeleted }) {
      const isIn = (userId: UserId) => stays.get(userId)?.to === null && !isDeleted(userId);
      const owner = ownerId !== null && isIn(ownerId) ? ownerId : [...stays.keys()].find(isIn);
      return {
        ...{ title: cutAt(title, limits.titleLength), createdAt: createdAt ?? 0, firstSeq: 1 },
        settings: { ...plainSettings, posting: onlyAdminsWrite ? 'admins' : 'members' },
        pins: pins.slice(0, limits.pins),
        members: [...stays].map(([userId, stay]) => memberRow(userId, stay, userId === owner, isDeleted(userId))),
      };
    },
  };
}
