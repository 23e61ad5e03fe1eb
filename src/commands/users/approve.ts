import { Args } from '@oclif/core';
import { AppError } from '../../protocol/errors.ts';
import type { Account } from '../../protocol/models.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { nameOf } from '../terminal/accounts.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { exitCodes } from '../terminal/exit-codes.ts';
import { explain } from '../terminal/explain.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['users approve'];

interface Refused {
  readonly user: string;
  readonly error: object;
}

export default class UsersApprove extends BaseCommand {
  static override summary = summary;
  static override examples = [
    '<%= config.bin %> users list --state waiting',
    '<%= config.bin %> users approve anna ben',
  ];
  static override args = { users: Args.string({ description: args.users, required: true, multiple: true }) };

  async run(): Promise<{ approved: Account[]; refused: Refused[] } | undefined> {
    const { args: given, flags } = await this.parse(UsersApprove);
    const home = this.open(flags);
    const approved: Account[] = [];
    const refused: Refused[] = [];
    await withInstance(this.machine, home, async (connection) => {
      for (const user of new Set(given.users)) {
        try {
          approved.push((await connection.call('user.approve', { user })).user);
        } catch (error) {
          if (!(error instanceof AppError) || given.users.length === 1) throw error;
          refused.push({ user, error: explain(error, this.words, this.typed, '').json });
          this.logToStderr(`${user}: ${explain(error, this.words, this.typed, '').text}\n`);
        }
      }
    });
    for (const user of approved) this.printer.done(this.words.printing.users.approved(nameOf(user)));
    if (refused.length === 0) return { approved, refused };
    if (this.jsonEnabled()) this.logJson({ approved, refused });
    return this.exit(exitCodes.failure);
  }
}
