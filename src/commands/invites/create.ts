import { Flags } from '@oclif/core';
import type { Output } from '../../protocol/operations.ts';
import { roles } from '../../protocol/roles.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { style } from '../terminal/printer.ts';
import { qrCode } from '../terminal/qr.ts';

const { summary, flags } = wordsOf('en').commands['invites create'];

export default class InvitesCreate extends BaseCommand {
  static override summary = summary;
  static override examples = [
    '<%= config.bin %> invites create',
    '<%= config.bin %> invites create --uses 20 --days 30 --note "choir"',
  ];
  static override flags = {
    role: Flags.option({ options: roles, description: flags.role, default: 'member' as const })(),
    uses: Flags.integer({ description: flags.uses, default: 1, min: 0, max: 10_000 }),
    days: Flags.integer({ description: flags.days, default: 7, min: 0, max: 365 }),
    note: Flags.string({ description: flags.note, default: '' }),
    'no-qr': Flags.boolean({ description: flags['no-qr'] }),
  };

  async run(): Promise<Output<'invite.create'>> {
    const { flags: given } = await this.parse(InvitesCreate);
    const home = this.open(given);
    const made = await withInstance(this.machine, home, (connection) =>
      connection.call('invite.create', {
        role: given.role,
        maxUses: given.uses === 0 ? null : given.uses,
        expiresInHours: given.days === 0 ? null : given.days * 24,
        note: given.note,
      }),
    );
    const { printing, language } = this.words;
    const { expiresAt, maxUses } = made.invite;
    this.printer.done(printing.invites.made);
    this.printer.line();
    this.printer.line(`  ${style('cyan', made.link)}`);
    this.printer.line();
    if (!given['no-qr']) this.printer.line(`${qrCode(made.link)}\n`);
    this.printer.line(printing.invites.holds(maxUses, expiresAt === null ? null : timeIn(language, expiresAt)));
    return made;
  }
}
