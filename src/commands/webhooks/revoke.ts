import { Args } from '@oclif/core';
import { AppError } from '../../protocol/errors.ts';
import { webhookId } from '../../protocol/ids.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['webhooks revoke'];

export default class WebhooksRevoke extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> webhooks revoke 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f'];
  static override args = { webhook: Args.string({ description: args.webhook, required: true }) };

  async run(): Promise<{ webhookId: string; revoked: true }> {
    const { args: given, flags } = await this.parse(WebhooksRevoke);
    const home = this.open(flags);
    const id = webhookId.safeParse(given.webhook);
    if (!id.success) throw new AppError('not_found', 'no_such_webhook');
    await withInstance(this.machine, home, (connection) => connection.call('webhook.revoke', { webhookId: id.data }));
    this.printer.done(this.words.printing.webhooks.revoked);
    return { webhookId: id.data, revoked: true };
  }
}
