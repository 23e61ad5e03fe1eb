import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { UserId } from '../../protocol/ids.ts';
import type { Marks, Member, Profile } from '../../protocol/models.ts';
import type { ConversationItem } from '../engine/engine.ts';
import { useEngine } from '../engine-context.ts';

export interface Receivers {
  readonly read: readonly Profile[];
  readonly delivered: readonly Profile[];
  readonly waiting: readonly Profile[];
}

type Reach = Pick<Marks, 'deliveredSeq' | 'readSeq'>;

/**
 * How far a message got with each of these people: by what was asked for, or by what was heard since, whichever is further.
 * Who blocks or is blocked tells nothing, and is in no list.
 */
export function receiversOf(
  seq: number,
  members: readonly { readonly profile: Profile; readonly reach: Reach }[],
  heard: readonly Marks[],
): Receivers {
  const live = new Map(heard.map((mark) => [mark.userId, mark]));
  const lists = { read: [] as Profile[], delivered: [] as Profile[], waiting: [] as Profile[] };
  for (const { profile, reach } of members) {
    const mark = live.get(profile.userId);
    const readSeq = Math.max(reach.readSeq, mark?.readSeq ?? 0);
    const deliveredSeq = Math.max(reach.deliveredSeq, mark?.deliveredSeq ?? 0);
    lists[seq <= readSeq ? 'read' : seq <= deliveredSeq ? 'delivered' : 'waiting'].push(profile);
  }
  return lists;
}

const pageSize = 400;

interface Loading {
  readonly receivers: Receivers;
  /** More people are still being asked for. */
  readonly loading: boolean;
  readonly failure: unknown;
  again(): void;
}

const nothing: Reach = { deliveredSeq: 0, readSeq: 0 };

/** Of all members, a page after the other, and live where marks are heard; in a direct conversation of the other person. */
export function useReceivers(item: ConversationItem, seq: number): Loading {
  const engine = useEngine();
  const { conversationId, kind, marks, memberCount } = item.conversation;
  const members = useSignal<readonly Member[]>([]);
  const loading = useSignal(kind === 'group');
  const failure = useSignal<unknown>(null);
  const round = useSignal(0);
  useEffect(() => {
    if (kind !== 'group') return undefined;
    let wanted = true;
    const load = async () => {
      let found: readonly Member[] = [];
      for (let more = true; more && wanted; ) {
        const page = await engine.groups.members(conversationId, found.at(-1)?.profile.name, pageSize);
        found = [...found, ...page.members];
        more = page.more && page.members.length > 0;
        if (wanted) members.value = found;
      }
      if (wanted) loading.value = false;
    };
    loading.value = true;
    failure.value = null;
    load().catch((cause: unknown) => {
      if (!wanted) return;
      loading.value = false;
      failure.value = cause;
    });
    return () => {
      wanted = false;
    };
  }, [conversationId, kind, memberCount, round.value]);

  const me = engine.me.value?.userId;
  const blocks = engine.blocks.value;
  const people =
    kind === 'group'
      ? members.value.map(({ profile, deliveredSeq, readSeq }) => ({ profile, reach: { deliveredSeq, readSeq } }))
      : item.peer === null
        ? []
        : [{ profile: item.peer, reach: nothing }];
  const others = people.filter(({ profile }) => profile.userId !== me && !blocks.has(profile.userId as UserId));
  return {
    receivers: receiversOf(seq, others, marks),
    loading: loading.value,
    failure: failure.value,
    again: () => {
      round.value += 1;
    },
  };
}
