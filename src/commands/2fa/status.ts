import { Args } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { whoIs } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['2fa status'];

export default class TwoFactorStatus extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> 2fa status anna'];
  static override args = { user: Args.string({ description: args.user, required: true }) };

  async run(): Promise<Output<'twoFactor.status'>> {
    const { args: given, flags } = await this.parse(TwoFactorStatus);
    const home = this.open(flags);
    const status = await withInstance(this.machine, home, (connection) =>
      connection.call('twoFactor.status', { user: given.user }),
    );
    const { yes, no, twoFactor } = this.words.printing;
    const { labels } = twoFactor;
    this.printer.facts([
      [labels.account, whoIs(status.user)],
      [labels.totp, status.totp ? yes : no],
      [labels.passkeys, String(status.passkeys)],
      [labels.codes, String(status.recoveryCodesLeft)],
      [labels.required, status.required ? yes : no],
    ]);
    if (status.required && !status.totp && status.passkeys === 0) this.printer.line(`\n${twoFactor.missing}`);
    return status;
  }
}
