import { Flags } from '@oclif/core';
import { AppError } from '../../protocol/errors.ts';
import { type ConversationId, conversationId } from '../../protocol/ids.ts';
import type { Output } from '../../protocol/operations.ts';
import { roles } from '../../protocol/roles.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { printLink } from '../terminal/one-time-link.ts';

const { summary, flags } = wordsOf('en').commands['invites create'];

export default class InvitesCreate extends BaseCommand {
  static override summary = summary;
  static override examples = [
    '<%= config.bin %> invites create',
    '<%= config.bin %> invites create --uses 20 --days 30 --note "choir"',
    '<%= config.bin %> invites create --conversation 019aa2f4-1f6e-7cc3-98c4-dc0c0c07398f',
  ];
  static override flags = {
    role: Flags.option({ options: roles, description: flags.role, default: 'member' as const })(),
    uses: Flags.integer({ description: flags.uses, default: 1, min: 0, max: 10_000 }),
    days: Flags.integer({ description: flags.days, default: 7, min: 0, max: 365 }),
    note: Flags.string({ description: flags.note, default: '' }),
    conversation: Flags.string({ description: flags.conversation, multiple: true, delimiter: ',', helpValue: 'ID' }),
    'no-qr': Flags.boolean({ description: flags['no-qr'] }),
  };

  async run(): Promise<Output<'invite.create'>> {
    const { flags: given } = await this.parse(InvitesCreate);
    const home = this.open(given);
    const conversationIds = (given.conversation ?? []).map(conversationIdOf);
    const made = await withInstance(this.machine, home, (connection) =>
      connection.call('invite.create', {
        role: given.role,
        maxUses: given.uses === 0 ? null : given.uses,
        expiresInHours: given.days === 0 ? null : given.days * 24,
        note: given.note,
        conversationIds,
      }),
    );
    const { printing, language } = this.words;
    const { expiresAt, maxUses } = made.invite;
    printLink(this.printer, printing.invites.made, made.link, { qr: !given['no-qr'] });
    this.printer.line(printing.invites.holds(maxUses, expiresAt === null ? null : timeIn(language, expiresAt)));
    if (conversationIds.length > 0) this.printer.line(printing.invites.leadsTo(conversationIds.length));
    return made;
  }
}

function conversationIdOf(word: string): ConversationId {
  const id = conversationId.safeParse(word);
  if (!id.success) throw new AppError('not_found', 'no_such_conversation');
  return id.data;
}
