import type { UserId } from '../../protocol/ids.ts';
import type { Bodies, Kind } from '../../protocol/models.ts';
import type { ImportedEntry } from '../../protocol/transfer-operations.ts';

/** Who somebody of the source is here. */
export type Here = (userId: UserId) => UserId;

/** The same entry, about the people they are here. */
export function entryHere(entry: ImportedEntry, here: Here): ImportedEntry {
  const senderId = entry.senderId === null ? null : here(entry.senderId as UserId);
  if (entry.kind === 'emptied') return { ...entry, senderId } as ImportedEntry;
  const renamed = bodyHere[entry.kind] as (body: unknown, here: Here) => unknown;
  return { ...entry, senderId, body: renamed(entry.body, here) } as ImportedEntry;
}

const same = <T>(body: T): T => body;

/** People stand in the bodies of these kinds, and nowhere else. */
const bodyHere: { readonly [K in Kind]: (body: Bodies[K], here: Here) => Bodies[K] } = {
  message: ({ mentions, forwarded, ...body }, here) => ({
    ...body,
    ...(forwarded === undefined ? {} : { forwarded: { ...forwarded, userId: here(forwarded.userId) } }),
    ...(mentions === undefined ? {} : { mentions: mentions.map(here) }),
  }),
  poll: same,
  edit: same,
  removal: same,
  reaction: ({ changes }, here) => ({ changes: changes.map((each) => ({ ...each, userId: here(each.userId) })) }),
  vote: ({ votes }, here) => ({ votes: votes.map((each) => ({ ...each, userId: here(each.userId) })) }),
  poll_closed: same,
  preview: same,
  pin: same,
  created: (body, here) => ({ ...body, userIds: body.userIds.map(here) }),
  joined: ({ userIds }, here) => ({ userIds: userIds.map(here) }),
  left: ({ userId, heir }, here) => ({ userId: here(userId), heir: heir === null ? null : here(heir) }),
  removed: ({ userId }, here) => ({ userId: here(userId) }),
  role: (body, here) => ({ ...body, userId: here(body.userId) }),
  title: same,
  settings: same,
};
