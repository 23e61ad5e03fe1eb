import type { Platform } from '../../ports/platform.ts';
import type { WebhookRecord } from '../../ports/webhooks.ts';
import { AppError } from '../../protocol/errors.ts';
import type { ClientId, ConversationId, SessionId, UserId } from '../../protocol/ids.ts';
import { name as nameSchema } from '../../protocol/models.ts';
import { deriveName, numberedName } from '../../protocol/names.ts';
import { makeTellProfile } from '../auth/profile-news.ts';
import { byItself, type Call } from '../call.ts';
import type { Authoring, Sent } from './authoring.ts';
import { mustReach } from './discretion.ts';
import type { ChooseHeir } from './heirs.ts';
import type { Membership } from './membership.ts';
import { mentionedIn, type ResolveMentions } from './mentions.ts';
import { mustBeSaid } from './message-looks.ts';
import { memberOf, type Rules } from './rules.ts';

type Speaker = Pick<WebhookRecord, 'botId' | 'webhookId' | 'conversationId'>;

/** The accounts under which webhooks write. Nobody signs in to them. */
export interface WebhookBots {
  make(displayName: string): Promise<UserId>;
  /** It leaves, and its account is closed. Twice does no harm. */
  dismiss(speaker: Speaker): Promise<void>;
  /** Writes as its bot, in channels too. The same `clientId` again answers the first message. Throws AppError. */
  say(
    speaker: Speaker,
    message: { readonly clientId: ClientId; readonly text: string; readonly replyTo?: number },
  ): Promise<Sent>;
}

const tail = '.bot';
/** Of a name before its tail: twice as many UTF-16 units fit a name. */
const mostCharacters = 14;
const numbered = 50;

export function makeWebhookBots(
  platform: Platform,
  parts: {
    readonly authoring: Authoring;
    readonly membership: Pick<Membership, 'change' | 'settle'>;
    readonly chooseHeir: ChooseHeir;
    readonly resolveMentions: ResolveMentions;
  },
): WebhookBots {
  const { users, privacy, messages, random } = platform;
  const { authoring, membership, chooseHeir, resolveMentions } = parts;
  const tellProfile = makeTellProfile(platform);

  async function add(userId: UserId, name: string, displayName: string): Promise<boolean> {
    const account = { userId, name, displayName, passwordHash: '', email: null, language: null } as const;
    const outcome = await users.add({ ...account, role: 'guest', state: 'active', bot: 'webhook' });
    return outcome === 'added';
  }

  async function leave({ conversationId, botId }: Speaker): Promise<void> {
    await membership.change(conversationId, botId, async (present) => {
      const mine = present.members.get(botId);
      if (present.conversation.kind === 'direct' || !mine?.member) return null;
      return {
        type: 'leave',
        userId: botId,
        heir: mine.role === 'owner' ? await chooseHeir(present, botId) : null,
      };
    });
    // An earlier run may have ended between the change and its entry.
    await membership.settle(conversationId);
  }

  /** Those who manage users may have disabled it. */
  async function mustBeActive(userId: UserId): Promise<void> {
    const [profile] = await users.profiles([userId]);
    if (profile === undefined || profile.gone) throw new AppError('forbidden', 'account_disabled');
  }

  async function answerable(rules: Rules, userId: UserId, conversationId: ConversationId, seq: number) {
    const target = await mustBeSaid(messages, { conversationId, seq }, memberOf(rules, userId).spans);
    if (target.emptied) throw new AppError('not_found', 'no_such_message');
  }

  return {
    async make(displayName) {
      const userId = random.id() as UserId;
      const base = botName(displayName);
      for (let number = 1; ; number++) {
        const suffix = number <= numbered ? number : Math.floor(random.fraction() * 1e9);
        if (await add(userId, number === 1 ? base : numberedName(base, suffix), displayName)) break;
      }
      // It is nobody who comes and goes.
      await privacy.set(userId, { lastSeen: 'nobody' });
      return userId;
    },

    async dismiss(speaker) {
      await leave(speaker);
      const outcome = await users.setState(speaker.botId, { from: ['active'], state: 'disabled' });
      if (outcome === 'set') await tellProfile(speaker.botId);
    },

    say({ botId, webhookId, conversationId }, { clientId, text, replyTo }) {
      const write = async (rules: Rules, userId: UserId) => {
        memberOf(rules, userId);
        mustReach(rules, userId);
        await mustBeActive(userId);
        const mentioned = mentionedIn(text);
        const mentions = mentioned === null ? {} : await resolveMentions(mentioned, rules, userId);
        if (replyTo !== undefined) await answerable(rules, userId, conversationId, replyTo);
        const body = { text, ...mentions, ...(replyTo === undefined ? {} : { replyTo }) };
        return { kind: 'message', body } as const;
      };
      return authoring.slowly(
        { conversationId, clientId },
        asBot(botId, webhookId as string as SessionId),
        write,
        (entry) => entry.kind === 'message' && entry.body.text === text && entry.body.replyTo === replyTo,
      );
    },
  };
}

function asBot(userId: UserId, sessionId: SessionId): Call {
  return { ...byItself, caller: { kind: 'person', userId, sessionId, role: 'guest', scopes: ['chat'] } };
}

/** "Deploys (prod)" gives "deploys.prod.bot". */
function botName(displayName: string): string {
  const derived = [...deriveName(displayName)].slice(0, mostCharacters).join('');
  const parsed = nameSchema.safeParse(derived.replace(/[._-]+$/u, '') + tail);
  return parsed.success ? parsed.data : `webhook${tail}`;
}
