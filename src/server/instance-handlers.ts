import type { Handlers } from '../core/call.ts';
import type { Platform } from '../ports/platform.ts';
import { checkParts, type Part } from './health.ts';

/** What the instance says of itself. */
export function makeInstanceHandlers(
  platform: Pick<Platform, 'node' | 'settings' | 'mailer' | 'users' | 'conversations' | 'messages'>,
  facts: {
    readonly profile: 'embedded' | 'stack';
    /** The configured address, or null. */
    readonly address: string | null;
    readonly startedAt: number;
    readonly parts: readonly Part[];
    readonly addresses: () => readonly string[];
    readonly connections: () => number;
    readonly dataBytes: () => Promise<number>;
  },
): Pick<Handlers, 'instance.about' | 'instance.status'> {
  const { settings } = platform;
  const about = {
    name: settings.instanceName,
    version: settings.version,
    registration: settings.registration,
    mail: platform.mailer.on,
    accent: settings.accent,
    address: facts.address,
    ...(settings.linkPreviews ? {} : { linkPreviews: false as const }),
  };
  return {
    'instance.about': () => about,
    'instance.status': async () => {
      const [users, conversations, entries, dataBytes, parts] = await Promise.all([
        platform.users.count(),
        platform.conversations.count(),
        platform.messages.count(),
        facts.dataBytes(),
        checkParts(facts.parts),
      ]);
      return {
        version: settings.version,
        node: platform.node,
        pid: process.pid,
        startedAt: facts.startedAt,
        addresses: [...facts.addresses()],
        profile: facts.profile,
        users,
        conversations,
        entries,
        connections: facts.connections(),
        memoryBytes: process.memoryUsage.rss(),
        dataBytes,
        parts: [...parts],
      };
    },
  };
}
