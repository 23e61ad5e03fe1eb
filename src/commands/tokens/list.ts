import { Flags } from '@oclif/core';
import type { ApiToken } from '../../protocol/models.ts';
import type { Output } from '../../protocol/operations.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless } from '../terminal/printer.ts';

const { summary, flags } = wordsOf('en').commands['tokens list'];

export default class TokensList extends BaseCommand {
  static override summary = summary;
  static override examples = ['<%= config.bin %> tokens list', '<%= config.bin %> tokens list --user anna'];
  static override flags = { user: Flags.string({ char: 'u', description: flags.user }) };

  async run(): Promise<Output<'token.list'>> {
    const { flags: asked } = await this.parse(TokensList);
    const home = this.open(asked);
    const { user = null } = asked;
    const { apiTokens, names } = await withInstance(this.machine, home, async (connection) => {
      const found = await connection.call('token.list', { user, all: user === null });
      const owners = new Set(found.apiTokens.map(({ userId }) => userId));
      const shown = await Promise.all([...owners].map((owner) => connection.call('user.show', { user: owner })));
      return { ...found, names: new Map(shown.map(({ user: { userId, name } }) => [userId, name])) };
    });
    const { printing, language } = this.words;
    const { labels, states, none } = printing.tokens;
    if (apiTokens.length === 0) this.printer.line(none);
    else {
      const now = this.machine.now();
      this.printer.table(
        [labels.id, labels.user, labels.name, labels.scopes, labels.state, labels.expires, labels.lastUsed],
        apiTokens.map((token) => [
          token.apiTokenId,
          harmless(names.get(token.userId) || token.userId),
          harmless(token.name),
          token.scopes.join(' '),
          states[stateOf(token, now)],
          token.expiresAt === null ? printing.forEver : timeIn(language, token.expiresAt),
          token.lastUsedAt === null ? printing.never : timeIn(language, token.lastUsedAt),
        ]),
      );
    }
    return { apiTokens };
  }
}

function stateOf({ revokedAt, expiresAt }: ApiToken, now: number): 'open' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'open';
}
