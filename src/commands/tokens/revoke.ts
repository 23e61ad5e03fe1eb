import { Args } from '@oclif/core';
import { AppError } from '../../protocol/errors.ts';
import { apiTokenId } from '../../protocol/ids.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['tokens revoke'];

export default class TokensRevoke extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> tokens revoke 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f'];
  static override args = { token: Args.string({ description: args.token, required: true }) };

  async run(): Promise<{ apiTokenId: string; revoked: true }> {
    const { args: given, flags } = await this.parse(TokensRevoke);
    const home = this.open(flags);
    const id = apiTokenId.safeParse(given.token);
    if (!id.success) throw new AppError('not_found', 'no_such_token');
    await withInstance(this.machine, home, (connection) => connection.call('token.revoke', { apiTokenId: id.data }));
    this.printer.done(this.words.printing.tokens.revoked);
    return { apiTokenId: id.data, revoked: true };
  }
}
