import { Flags } from '@oclif/core';
import { loadConfig } from '../../config/config.ts';
import { paths } from '../../protocol/names.ts';
import type { InputToSend, OperationName, Output } from '../../protocol/operations.ts';
import { type Permission, permissionNames } from '../../protocol/roles.ts';
import { origin } from '../../provision/network.ts';
import { timeIn } from '../../provision/words/format.ts';
import { wordsOf } from '../../provision/words/words.ts';
import { BaseCommand } from '../terminal/base-command.ts';
import { withInstance } from '../terminal/instance.ts';
import { harmless, style } from '../terminal/printer.ts';

const { summary, description, flags } = wordsOf('en').commands['tokens create'];

export default class TokensCreate extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> tokens create --user anna --name "weather bot" --scope chat',
    '<%= config.bin %> tokens create --user anna --name monitoring --scope inspect --scope audit --never',
  ];
  static override flags = {
    user: Flags.string({ char: 'u', description: flags.user, required: true }),
    name: Flags.string({ char: 'n', description: flags.name, required: true }),
    scope: Flags.option({
      char: 's',
      options: permissionNames,
      description: flags.scope,
      multiple: true,
      delimiter: ',',
      required: true,
    })(),
    'expires-in-days': Flags.integer({
      description: flags['expires-in-days'],
      default: 90,
      min: 1,
      max: 3650,
      exclusive: ['never'],
    }),
    never: Flags.boolean({ description: flags.never }),
  };

  async run(): Promise<Output<'token.create'>> {
    const { flags: asked } = await this.parse(TokensCreate);
    const home = this.open(asked);
    const { address, port } = await loadConfig(home.folder);
    const made = await withInstance(this.machine, home, (connection) =>
      connection.call('token.create', {
        user: asked.user,
        name: asked.name,
        scopes: asked.scope,
        expiresInDays: asked.never ? null : asked['expires-in-days'],
      }),
    );
    const { printing, language } = this.words;
    const { expiresAt, scopes } = made.apiToken;
    this.printer.done(printing.tokens.made(harmless(asked.user)));
    this.printer.line();
    this.printer.line(`  ${style('bold', made.token)}`);
    this.printer.line();
    this.printer.line(printing.tokens.holds(expiresAt === null ? null : timeIn(language, expiresAt)));
    this.printer.line();
    this.printer.line(style('dim', printing.tokens.try));
    this.printer.line(`  ${curl(address ?? origin('localhost', port), scopes, made.token)}`);
    return made;
  }
}

type Example = { [N in OperationName]: { readonly op: N; readonly input: InputToSend<N> } }[OperationName];

/** Something that each scope allows, and that changes nothing. */
const examples: Readonly<Partial<Record<Permission, Example>>> = {
  chat: { op: 'user.find', input: { query: '' } },
  account: { op: 'session.list', input: {} },
  tokens: { op: 'token.list', input: {} },
  invite: { op: 'invite.list', input: {} },
  manage_users: { op: 'user.list', input: {} },
  inspect: { op: 'instance.status', input: {} },
  audit: { op: 'audit.list', input: { limit: 10 } },
};
const anybody: Example = { op: 'instance.about', input: {} };

function curl(address: string, scopes: readonly Permission[], token: string): string {
  const { op, input } = scopes.map((scope) => examples[scope]).find((example) => example !== undefined) ?? anybody;
  const headers = [`Authorization: Bearer ${token}`, 'Content-Type: application/json'];
  return `curl -s ${address}${paths.api}${op} ${headers.map((header) => `-H '${header}'`).join(' ')} -d '${JSON.stringify(input)}'`;
}
