import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary } = wordsOf('en').commands['webhooks list'];

type Webhooks = Output<'webhook.list'>['webhooks'];

export default class WebhooksList extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> webhooks list'];

  async run(): Promise<{ webhooks: Webhooks }> {
    const { flags: asked } = await this.parse(WebhooksList);
    const webhooks = await withInstance(this.machine, this.open(asked), async (connection) => {
      const found: Webhooks = [];
      for (let more = true; more; ) {
        const page = await connection.call('webhook.list', { after: found.at(-1)?.webhookId ?? null });
        found.push(...page.webhooks);
        more = page.more;
      }
      return found;
    });
    this.#print(webhooks);
    return { webhooks };
  }

  #print(webhooks: Webhooks): void {
    const { printing, language } = this.words;
    const { labels, directions, states, none } = printing.webhooks;
    if (webhooks.length === 0) {
      this.printer.line(none);
      return;
    }
    this.printer.table(
      [labels.id, labels.conversation, labels.name, labels.direction, labels.url, labels.state, labels.lastUsed],
      webhooks.map((webhook) => [
        webhook.webhookId,
        harmless(webhook.title || webhook.conversationId),
        harmless(webhook.name),
        directions[webhook.direction],
        harmless(webhook.outgoing?.url ?? ''),
        states[stateOf(webhook.outgoing)],
        webhook.lastUsedAt === null ? printing.never : timeIn(language, webhook.lastUsedAt),
      ]),
    );
  }
}

function stateOf(outgoing: Webhooks[number]['outgoing']): 'well' | 'failing' | 'disabled' {
  if (outgoing === null || outgoing.failures === 0) return 'well';
  return outgoing.disabledAt === null ? 'failing' : 'disabled';
}
