import { Args } from '@oclif/core';
import type { Connection } from '../../app/instance.ts';
import { AppError } from '../../protocol/errors.ts';
import type { UserId } from '../../protocol/ids.ts';
import type { Invite } from '../../protocol/models.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { inviteState } from '../terminal/invite-state.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, args } = wordsOf('en').commands['invites show'];

export default class InvitesShow extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> invites show 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f'];
  static override args = { invite: Args.string({ description: args.invite, required: true }) };

  async run(): Promise<{ invite: Invite; createdByName: string | null }> {
    const { args: given, flags } = await this.parse(InvitesShow);
    const home = this.open(flags);
    const found = await withInstance(this.machine, home, async (connection) => {
      const { invites } = await connection.call('invite.list', { all: true, spent: true });
      const invite = invites.find(({ inviteId }) => inviteId === given.invite.toLowerCase());
      if (invite === undefined) throw new AppError('not_found', 'no_such_invite');
      return { invite, createdByName: await nameOf(connection, invite.createdBy) };
    });
    this.#print(found);
    return found;
  }

  #print({ invite, createdByName }: { readonly invite: Invite; readonly createdByName: string | null }): void {
    const { printing, language } = this.words;
    const { labels, states } = printing.invites;
    const { createdBy, maxUses, expiresAt, conversationIds } = invite;
    this.printer.facts([
      [labels.id, invite.inviteId],
      [labels.state, states[inviteState(invite, this.machine.now())]],
      [labels.role, invite.role],
      [labels.uses, `${invite.uses}/${maxUses ?? '∞'}`],
      [labels.expires, expiresAt === null ? printing.forEver : timeIn(language, expiresAt)],
      [labels.groups, conversationIds.length === 0 ? printing.none : conversationIds.join('\n')],
      [labels.created, timeIn(language, invite.createdAt)],
      [labels.by, createdBy === null ? printing.audit.host : harmless(createdByName || createdBy)],
      ...(invite.note === '' ? [] : [[labels.note, harmless(invite.note)] as const]),
    ]);
  }
}

/** Null for the host itself. */
async function nameOf(connection: Connection, userId: UserId | null): Promise<string | null> {
  return userId === null ? null : (await connection.call('user.show', { user: userId })).user.name;
}
