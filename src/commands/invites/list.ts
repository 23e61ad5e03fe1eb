import { Flags } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { inviteState } from '../terminal/invite-state.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, flags } = wordsOf('en').commands['invites list'];

export default class InvitesList extends BaseCommand {
  static override summary = summary;
  static override flags = { spent: Flags.boolean({ description: flags.spent }) };

  async run(): Promise<Output<'invite.list'>> {
    const { flags: given } = await this.parse(InvitesList);
    const home = this.open(given);
    const found = await withInstance(this.machine, home, (connection) =>
      connection.call('invite.list', { all: true, spent: given.spent }),
    );
    const { printing, language } = this.words;
    const { labels, states, nobody } = printing.invites;
    if (found.invites.length === 0) {
      this.printer.line(nobody);
      this.printer.next(printing.next, [this.typed('invites create')]);
      return found;
    }
    const now = this.machine.now();
    this.printer.table(
      [labels.id, labels.state, labels.role, labels.uses, labels.groups, labels.expires, labels.note],
      found.invites.map((invite) => [
        invite.inviteId,
        states[inviteState(invite, now)],
        invite.role,
        `${invite.uses}/${invite.maxUses ?? '∞'}`,
        String(invite.conversationIds.length),
        invite.expiresAt === null ? printing.forEver : timeIn(language, invite.expiresAt),
        harmless(invite.note),
      ]),
    );
    return found;
  }
}
