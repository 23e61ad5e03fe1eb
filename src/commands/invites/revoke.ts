import { Args } from '@oclif/core';
import { AppError } from '../../protocol/errors.ts';
import { inviteId } from '../../protocol/ids.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';

const { summary, args } = wordsOf('en').commands['invites revoke'];

export default class InvitesRevoke extends BaseCommand {
  static override summary = summary;
  static override args = { invite: Args.string({ description: args.invite, required: true }) };

  async run(): Promise<{ inviteId: string; revoked: true }> {
    const { args: given, flags } = await this.parse(InvitesRevoke);
    const home = this.open(flags);
    const id = inviteId.safeParse(given.invite);
    if (!id.success) throw new AppError('not_found', 'no_such_invite');
    await withInstance(this.machine, home, (connection) => connection.call('invite.revoke', { inviteId: id.data }));
    this.printer.done(this.words.printing.invites.revoked);
    return { inviteId: id.data, revoked: true };
  }
}
