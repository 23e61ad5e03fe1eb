import type { JobHandler } from '../../ports/job-store.ts';
import type { Platform } from '../../ports/platform.ts';
import type { ClientId, ConversationId, UserId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { Entry, Message } from '../../protocol/models.ts';
import { bounds, takes } from '../auth/throttling.ts';
import type { Dispatching } from './dispatching.ts';
import { keyOf } from './gathered-entries.ts';
import { type Lanes, NothingToAppend } from './lanes.ts';
import { lookAt } from './message-looks.ts';
import type { OwesJobs } from './owed-jobs.ts';
import type { Rules, RulesCache } from './rules.ts';

interface Payload {
  readonly conversationId: ConversationId;
  readonly seq: number;
}

/** Nobody would see it for long. */
const shortestStayMs = 60_000;
/** What came from elsewhere, or lay while the instance was down, is history. */
const oldestMs = 3_600_000;
/** Beside those of gathered entries: no entry under such a key is anything else. */
const keyNumber = 3;
const wholeLog = [{ from: 1, to: null }];

/** Messages with a link owe a look at what it leads to. */
export function makeOwedPreviews({ clock, settings }: Pick<Platform, 'clock' | 'settings'>): OwesJobs {
  return {
    jobOf(entry) {
      if (!settings.linkPreviews || entry.time < clock.now() - oldestMs) return null;
      if (linkOf(entry, clock.now(), settings.address) === null) return null;
      const { conversationId, seq } = entry;
      return {
        queue: 'previews',
        key: `${conversationId} ${seq}`,
        payload: { conversationId, seq },
        runAt: entry.time,
      };
    },
  };
}

/** Looks at what links lead to, and appends what was found. */
export function makePreviews({
  clock,
  settings,
  links,
  limiter,
  messages,
  rules,
  lanes,
  dispatching,
}: Pick<Platform, 'clock' | 'settings' | 'links' | 'limiter' | 'messages'> & {
  rules: RulesCache;
  lanes: Lanes;
  dispatching: Dispatching;
}): { readonly jobs: { readonly previews: JobHandler } } {
  const linkIn = (message: Message | null) =>
    message === null || message.preview !== undefined ? null : linkOf(message, clock.now(), settings.address);

  /** As of the newest change of settings: what was switched off a moment ago is not looked up. */
  async function presentRules(conversationId: ConversationId): Promise<Rules> {
    const [head] = await messages.heads([conversationId]);
    if (rules.peek(conversationId)?.rulesSeq !== head?.rulesSeq) rules.forget(conversationId);
    return rules.get(conversationId);
  }

  /** So that nobody makes the instance ask a site again and again. */
  async function mayLook(url: string, senderId: UserId | null): Promise<boolean> {
    const { host } = new URL(url);
    const charged = [bounds.previewsOf(host), ...(senderId === null ? [] : [bounds.previewsBy(senderId)])];
    for (const bound of charged) if (!(await takes(limiter, bound))) return false;
    return true;
  }

  async function append(place: Payload, url: string, senderId: UserId | null): Promise<void> {
    const { conversationId, seq } = place;
    if (!(await mayLook(url, senderId))) return;
    const page = await links.read(url);
    if (page === null) return;
    const stored = await lanes.appendSlowly(conversationId, async ({ conversation, rulesSeq }) => {
      const message = await lookAt(messages, place, wholeLog);
      if (!conversation.settings.previews || linkIn(message) !== url) throw new NothingToAppend();
      return {
        conversationId,
        senderId: null,
        clientId: previewKey(seq),
        kind: 'preview',
        body: { url, ...page },
        target: seq,
        time: clock.now(),
        rulesSeq,
        ...(message?.expiresAt === undefined ? {} : { expiresAt: message.expiresAt }),
      };
    });
    if (stored.outcome === 'appended') await dispatching.dispatch(stored.entry);
  }

  return {
    jobs: {
      async previews(job) {
        const place = job.payload as Payload;
        const { conversationId, seq } = place;
        const message = await lookAt(messages, place, wholeLog);
        const url = linkIn(message);
        if (url !== null && (await presentRules(conversationId)).conversation.settings.previews) {
          await append(place, url, message?.senderId ?? null).catch((error: unknown) => {
            if (!(error instanceof NothingToAppend)) throw error;
          });
        }
        // Whoever emptied it in that very moment, or before an earlier run ended, did not see the preview.
        if ((await messages.entry(conversationId, seq))?.emptied) await messages.erase(conversationId, seq);
      },
    },
  };
}

const previewKey = (seq: number): ClientId => keyOf(keyNumber, seq, 0);

/** The link of a message that is to be looked at; null: none. */
function linkOf(message: Entry, now: number, ownAddress: string): string | null {
  if (message.kind !== 'message' || message.emptied || message.body.preview === false) return null;
  if (message.expiresAt !== undefined && message.expiresAt < now + shortestStayMs) return null;
  return firstLink(message.body.text, ownAddress);
}

const code = /```\n?[^`]+?\n?```|`[^`\n]+`/gu;
const link = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"'`{}|\\^\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/giu;

/**
 * The first http(s) address in a text outside of code that leads elsewhere than to this instance, whose links grant things;
 * as it is written there. Null where there is none, or it is too long, or signs somebody in.
 */
export function firstLink(text: string, ownAddress: string): string | null {
  const own = URL.parse(ownAddress)?.host;
  for (const [whole] of text.replace(code, ' ').matchAll(link)) {
    const written = withoutTail(whole);
    const url = URL.parse(written);
    if (url === null || url.username !== '' || url.password !== '' || url.host === own) continue;
    return written.length <= limits.linkLength ? written : null;
  }
  return null;
}

/** Punctuation behind an address belongs to the sentence; a closing bracket only where none was opened inside. */
function withoutTail(address: string): string {
  let end = address.length;
  const surplus = new Map(
    [...brackets].map(([closing, opening]) => [closing, count(address, closing) - count(address, opening)]),
  );
  for (; end > 0; end--) {
    const last = address[end - 1] ?? '';
    const unopened = surplus.get(last) ?? 0;
    if (unopened > 0) surplus.set(last, unopened - 1);
    else if (brackets.has(last) || !/[.,;:!?…*_~]/u.test(last)) break;
  }
  return address.slice(0, end);
}

const brackets = new Map([
  [')', '('],
  [']', '['],
  ['»', '«'],
]);

function count(text: string, wanted: string): number {
  return text.split(wanted).length - 1;
}
