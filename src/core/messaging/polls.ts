import type { Platform } from '../../ports/platform.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, UserId } from '../../protocol/ids.ts';
import type { Bodies, Entry } from '../../protocol/models.ts';
import { type Handlers, person } from '../call.ts';
import { type Authoring, mustWrite } from './authoring.ts';
import type { Dispatching } from './dispatching.ts';
import type { Gathered, GatheredEntries } from './gathered-entries.ts';
import { type Lanes, NothingToAppend } from './lanes.ts';
import { lookAt } from './message-looks.ts';
import { memberOf, type Rules } from './rules.ts';

type Poll = Bodies['poll'];

interface Standing {
  /** Null: the message is none. */
  readonly poll: Poll | null;
  readonly closed: boolean;
  readonly ballots: Map<UserId, readonly number[]>;
}

/** What each chose, all of it; nothing takes the vote back. */
export const votes: Gathered<readonly number[], Standing> = {
  number: 2,
  stateOf: (message, targeting) => ({
    poll: message.kind === 'poll' ? message.body : null,
    closed: targeting.some(({ kind }) => kind === 'poll_closed'),
    ballots: ballotsOf(targeting),
  }),
  apply({ poll, closed, ballots }, { userId, what: options }) {
    if (poll === null) throw new AppError('not_found', 'no_such_poll');
    const chosen = choiceOf(poll, options);
    if (closed) throw new AppError('conflict', 'poll_closed');
    const before = ballots.get(userId) ?? [];
    if (`${before}` === `${chosen}`) return false;
    ballots.set(userId, chosen);
    return true;
  },
  contentOf: (changes, seq) => ({
    kind: 'vote',
    body: { votes: changes.map(({ userId, what }) => ({ userId, options: inOrder(what) })) },
    target: seq,
  }),
};

/** As `foldMessage` counts them. */
function ballotsOf(targeting: readonly Entry[]): Standing['ballots'] {
  const ballots: Standing['ballots'] = new Map();
  for (const entry of targeting) {
    if (entry.kind === 'poll_closed') break;
    if (entry.kind !== 'vote' || entry.emptied) continue;
    for (const { userId, options } of entry.body.votes) ballots.set(userId, options);
  }
  return ballots;
}

const inOrder = (options: readonly number[]): number[] => [...options].sort((a, b) => a - b);

/** Throws `invalid`. */
function choiceOf(poll: Poll, options: readonly number[]): readonly number[] {
  if (options.some((option) => option >= poll.options.length)) throw new AppError('invalid', 'no_such_option');
  if (new Set(options).size < options.length) throw new AppError('invalid', 'option_repeated');
  if (options.length > 1 && !poll.several) throw new AppError('invalid', 'single_choice');
  return inOrder(options);
}

/** Questions with answers to choose from. Who reads may vote, also where only admins write. */
export function makePolls({
  clock,
  random,
  messages,
  lanes,
  dispatching,
  authoring,
  gathered,
}: Pick<Platform, 'clock' | 'random' | 'messages'> & {
  lanes: Lanes;
  dispatching: Dispatching;
  authoring: Authoring;
  gathered: GatheredEntries<readonly number[]>;
}): Pick<Handlers, 'poll.create' | 'poll.vote' | 'poll.close'> {
  /** Throws where it may not be closed; `NothingToAppend` where it is. */
  async function mustBeOpen(rules: Rules, userId: UserId, place: Pick<Entry, 'conversationId' | 'seq'>): Promise<void> {
    const { spans, role } = memberOf(rules, userId);
    const poll = await lookAt(messages, place, spans);
    if (poll?.kind !== 'poll') throw new AppError('not_found', 'no_such_poll');
    if (poll.emptied) throw new AppError('conflict', 'message_removed');
    const moderates = rules.conversation.kind === 'group' && role !== 'member';
    if (poll.senderId !== userId && !moderates) throw new AppError('forbidden', 'not_your_poll');
    if (poll.closed) throw new NothingToAppend();
  }

  return {
    'poll.create': (input, call) => {
      const { question, options, several } = input;
      const write = (rules: Rules, userId: UserId) => {
        mustWrite(rules, userId);
        return { kind: 'poll', body: { question, options, several } } as const;
      };
      return authoring.atOnce(input, call, write, ({ kind, body }) => kind === 'poll' && isSamePoll(body, input));
    },

    'poll.vote': async ({ conversationId, seq, options }, call) => {
      await gathered.add(conversationId, seq, { userId: person(call).userId, what: options });
      return {};
    },

    'poll.close': async ({ conversationId, seq }, call) => {
      const { userId } = person(call);
      const clientId = random.id() as ClientId;
      try {
        const stored = await lanes.appendSlowly(conversationId, async (rules) => {
          await mustBeOpen(rules, userId, { conversationId, seq });
          const base = { conversationId, senderId: userId, clientId, time: clock.now(), rulesSeq: rules.rulesSeq };
          return { ...base, kind: 'poll_closed', body: {}, target: seq };
        });
        if (stored.outcome === 'appended') await dispatching.dispatch(stored.entry);
      } catch (error) {
        if (!(error instanceof NothingToAppend)) throw error;
      }
      return {};
    },
  };
}

function isSamePoll(a: Poll, b: Poll): boolean {
  return (
    a.question === b.question && a.several === b.several && JSON.stringify(a.options) === JSON.stringify(b.options)
  );
}
