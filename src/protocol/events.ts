import * as z from 'zod';
import { conversationId, userId } from './ids.ts';
import { entry, presence, profile, seq, time } from './models.ts';

/** What the server says by itself. `topic` names who hears it. Clients ignore events they do not know. */
interface EventRow<Body extends z.ZodType> {
  readonly summary: string;
  readonly topic: 'conversation' | 'user' | 'session' | 'watched';
  readonly body: Body;
}
const event = <Body extends z.ZodType>(row: EventRow<Body>) => row;

export const events = {
  'entry.appended': event({
    summary: 'A conversation has a new entry. Entries of one conversation arrive in the order of their seqs.',
    topic: 'conversation',
    body: entry,
  }),
  'profiles.changed': event({
    summary:
      'People of a conversation who joined it, or whose profile changed. Comes before the entry of their joining.',
    topic: 'conversation',
    body: z.object({ profiles: z.array(profile) }),
  }),
  'receipts.moved': event({
    summary: 'How far people received and read a conversation. Marks never go back.',
    topic: 'conversation',
    body: z.object({
      conversationId,
      marks: z.array(z.object({ userId, deliveredSeq: seq, readSeq: seq, time })),
    }),
  }),
  'typing.changed': event({
    summary: 'Who types in a conversation that is on screen. It holds for eight seconds.',
    topic: 'watched',
    body: z.object({ conversationId, userIds: z.array(userId) }),
  }),
  'presence.changed': event({
    summary: 'People whose presence is watched came or went.',
    topic: 'watched',
    body: z.object({ people: z.array(presence) }),
  }),
  changed: event({
    summary: 'Something of yours changed that no other event carries, or was missed: call `sync`.',
    topic: 'user',
    body: z.object({}),
  }),
} as const;

export type EventName = keyof typeof events;
export type EventBody<N extends EventName> = N extends 'entry.appended'
  ? import('./models.ts').Entry
  : z.output<(typeof events)[N]['body']>;
export type ServerEvent = { [N in EventName]: { readonly event: N; readonly body: EventBody<N> } }[EventName];
