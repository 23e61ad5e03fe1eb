import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { makeAudit } from '../auth/audit.ts';
import type { ConversationsOfPeople } from '../auth/conversations-of-people.ts';
import { makeForgetting } from '../background/forgetting.ts';
import { makeSweeper } from '../background/sweeper.ts';
import type { Handlers, Receiver } from '../call.ts';
import { makeImportedPeople } from '../transfer/imported-people.ts';
import { makeImporting } from '../transfer/importing.ts';
import { makeInstanceExport } from '../transfer/instance-export.ts';
import { makeArrivals } from './arrivals.ts';
import { makeAuthoring } from './authoring.ts';
import { makeBlocking } from './blocking.ts';
import { makeDelivery } from './delivery.ts';
import { makeDepartures } from './departures.ts';
import { makeDispatching } from './dispatching.ts';
import { makeForwarding } from './forwarding.ts';
import { makeGatheredEntries } from './gathered-entries.ts';
import { makeGroupLinks } from './group-links.ts';
import { makeGroupPictures } from './group-pictures.ts';
import { makeChooseHeir } from './heirs.ts';
import { makeIndexing } from './indexing.ts';
import { makeKeeping } from './keeping.ts';
import { makeLanes } from './lanes.ts';
import { makeMembership } from './membership.ts';
import { makeResolveMentions } from './mentions.ts';
import { makeMessageLooks } from './message-looks.ts';
import { makeRemoveByAuthority } from './moderating.ts';
import { makeNodeMemory, rememberedBy } from './node-memory.ts';
import { makePersonExport } from './person-export.ts';
import { makePinning } from './pinning.ts';
import { makePolls, votes } from './polls.ts';
import { makePresenceWatch } from './presence.ts';
import { makeOwedPreviews, makePreviews } from './previews.ts';
import { makePushing } from './pushing.ts';
import { makeReactions, reactions } from './reactions.ts';
import { makeReading } from './reading.ts';
import { makeReceipts } from './receipts.ts';
import { makeReports } from './reports.ts';
import { makeRulesCache } from './rules.ts';
import { makeScheduling } from './scheduling.ts';
import { makeReadWords } from './search-words.ts';
import { makeSearching } from './searching.ts';
import { makeSending } from './sending.ts';
import { makeStates } from './states.ts';
import { makeSync } from './sync.ts';
import { makeTracing } from './tracing.ts';
import { makeUnexpiredLog } from './unexpired-log.ts';
import { makeSeeWhom } from './visibility.ts';
import { makeWebhookBots } from './webhook-bots.ts';
import { makeWebhookDeliveries, makeWebhooksOwed } from './webhook-deliveries.ts';
import { makeWebhooks } from './webhooks.ts';

type MessagingOperation = Extract<
  keyof Handlers,
  | `conversation.${string}`
  | `message.${string}`
  | `poll.${string}`
  | `receipts.${string}`
  | `import.${string}`
  | 'export.read'
  | `search.${string}`
  | `report.${string}`
  | `webhook.${string}`
  | `link.${string}`
  | `scheduled.${string}`
  | 'draft.set'
  | 'person.block'
  | 'privacy.set'
  | 'typing.set'
  | 'presence.watch'
  | 'sync'
>;

/** The messaging service: conversations, their logs, who hears of them, and who read what. */
export interface Messaging {
  /**
   * Appends of one socket keep their order as long as its frames reach the handlers in order; a handler need not be waited
   * for before the next is called.
   */
  readonly handlers: Pick<Handlers, MessagingOperation>;
  /** What the auth service asks for when people come and go. */
  readonly people: ConversationsOfPeople;
  /** Its background work, by queue. */
  readonly jobs: Readonly<Record<string, JobHandler>>;
  /** A signed-in device opened a socket. It hears events from its first `sync` on. */
  attach(receiver: Receiver): void;
  detach(receiver: Receiver): void;
  /** Does what this node left undone when it last ended. Rejects while the stores are out of reach. */
  start(): Promise<void>;
  /** Writes what is still in memory. Call it when no more requests come. */
  stop(): Promise<void>;
}

export function makeMessaging(world: Platform): Messaging {
  const platform: Platform = { ...world, messages: makeUnexpiredLog(world) };
  const rules = makeRulesCache(platform);
  const lanes = makeLanes({ messages: platform.messages, rules });
  const readWords = makeReadWords(platform.stemmer);
  const indexing = makeIndexing({ ...platform, readWords });
  const memory = makeNodeMemory(platform);
  const pushing = makePushing({ ...platform, rules, memory });
  const dispatching = makeDispatching({
    ...platform,
    indexing,
    memory,
    owes: [pushing.owes, makeOwedPreviews(platform), makeWebhooksOwed(platform)],
  });
  const receipts = makeReceipts({ ...platform, rules, memory });
  const states = makeStates(platform);
  const delivery = makeDelivery({ ...platform, rules, memory });
  const presence = makePresenceWatch({ ...platform, rules, delivery, seeWhom: makeSeeWhom(platform) });
  const blocking = makeBlocking({ ...platform, rules });
  const chooseHeir = makeChooseHeir(platform);
  const membership = makeMembership({ ...platform, rules, lanes, dispatching, states, chooseHeir });
  const authoring = makeAuthoring({ ...platform, lanes, dispatching, receipts });
  const resolveMentions = makeResolveMentions(platform);
  const bots = makeWebhookBots(platform, { authoring, membership, chooseHeir, resolveMentions });
  const deliveries = makeWebhookDeliveries(platform, { bots });
  const gathered = {
    reactions: makeGatheredEntries({ ...platform, lanes, dispatching }, reactions),
    votes: makeGatheredEntries({ ...platform, lanes, dispatching }, votes),
  };
  const forgetting = makeForgetting(platform);
  const sending = makeSending({ ...platform, authoring, resolveMentions });
  const scheduling = makeScheduling({ ...platform, rules, send: sending['message.send'] });
  const sweeper = makeSweeper({ ...platform, dispatching, membership, forgetting, scheduling });

  return {
    handlers: {
      ...sending,
      ...scheduling.handlers,
      ...makeForwarding({ ...platform, rules, authoring }),
      ...makeReactions({ ...platform, rules, gathered: gathered.reactions }),
      ...makePolls({ ...platform, lanes, dispatching, authoring, gathered: gathered.votes }),
      ...makeMessageLooks({ ...platform, rules }),
      ...membership.handlers,
      ...makePinning({ ...platform, membership }),
      ...makeGroupPictures({ ...platform, membership }),
      ...blocking.handlers,
      ...makeReports({
        ...platform,
        rules,
        audit: makeAudit(platform),
        remove: makeRemoveByAuthority({ ...platform, lanes, dispatching }),
      }),
      ...makeGroupLinks({ ...platform, rules, membership }),
      ...makeWebhooks(platform, { rules, membership, bots, deliveries, audit: makeAudit(platform) }),
      ...makeKeeping(platform),
      ...receipts.handlers,
      ...presence.handlers,
      ...makeReading({ ...platform, rules }),
      ...makeSearching({ ...platform, rules, readWords }),
      ...indexing.handlers,
      ...makeInstanceExport({ ...platform, audit: makeAudit(platform) }),
      ...makeImportedPeople({ ...platform, audit: makeAudit(platform) }),
      ...makeImporting({ ...platform, rules, indexing, audit: makeAudit(platform) }),
      ...makeTracing({ ...platform, memory, audit: makeAudit(platform) }),
      ...makeSync({ ...platform, delivery, states, settle: membership.settle }),
    },
    people: {
      ...makeArrivals({ ...platform, membership }),
      ...makeDepartures({ ...platform, lanes, dispatching, membership, blocking, chooseHeir }),
      ...makePersonExport(platform),
    },
    jobs: rememberedBy(memory, {
      ...pushing.jobs,
      ...deliveries.jobs,
      ...scheduling.jobs,
      ...makePreviews({ ...platform, rules, lanes, dispatching }).jobs,
    }),
    attach: (receiver) => {
      delivery.attach(receiver);
      presence.attach(receiver);
    },
    detach: (receiver) => {
      delivery.detach(receiver);
      presence.detach(receiver);
    },
    start: async () => {
      memory.start();
      await sweeper.start();
      presence.start();
      indexing.start();
    },
    stop: async () => {
      await sweeper.stop();
      await presence.stop();
      await Promise.all([gathered.reactions.stop(), gathered.votes.stop()]);
      await receipts.stop();
      await dispatching.stop();
      await indexing.stop();
      delivery.stop();
      memory.stop();
      rules.stop();
    },
  };
}
