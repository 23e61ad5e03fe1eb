import { readFileSync } from 'node:fs';
import { operations } from '../../src/protocol/operations.ts';
import { type Access, may, permissionNames, roles } from '../../src/protocol/roles.ts';

const table = (heads: readonly string[], rows: readonly (readonly string[])[]) =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** What the table of roles says in comments, by permission. */
function meanings(): ReadonlyMap<string, string> {
  const source = readFileSync('src/protocol/roles.ts', 'utf8');
  return new Map(
    [...source.matchAll(/^ {2}\/\*\* (.+) \*\/\n {2}(\w+):/gm)].map(([, says = '', name = '']) => [name, says]),
  );
}

function meaningOf(permission: string): string {
  const says = meanings().get(permission);
  if (says === undefined) throw new Error(`src/protocol/roles.ts does not say what ${permission} is`);
  return says;
}

function rolesTable(): string {
  return table(
    ['permission', ...roles, 'what it is'],
    permissionNames.map((permission) => [
      `\`${permission}\``,
      ...roles.map((role) => (may(role, permission) ? 'yes' : '')),
      meaningOf(permission),
    ]),
  );
}

function operationsTable(wanted: Access): string {
  const rows = Object.entries(operations)
    .filter(([, { access }]) => access === wanted)
    .map(([name, row]) => [`\`${name}\``, 'session' in row ? 'no' : 'with the scope', row.summary]);
  const heads = ['operation', 'by an API token', 'what it does'];
  const isScoped = wanted !== 'anyone' && wanted !== 'local';
  return isScoped
    ? table(heads, rows)
    : table(
        [heads[0] ?? '', heads[2] ?? ''],
        rows.map(([name = '', , does = '']) => [name, does]),
      );
}

/** docs/permissions.md: who may what, from the tables of roles and of operations. */
export function permissionsPage(): string {
  return `${[
    '<!-- Generated from the code by `npm run generate`. Changes made here are lost. -->',
    '# Roles and permissions',
    'Who may what on an instance. The tables are those of the code (`src/protocol/roles.ts`, `src/protocol/operations.ts`): the server judges each request by them before anything else, and what a client shows or hides changes nothing.',
    '## Roles',
    rolesTable(),
    'Beyond the table:',
    [
      '- Nobody acts on somebody of a higher role than their own, and nobody gives a role above their own. The last active owner cannot be demoted, disabled or deleted.',
      '- An API token may what its owner may *and* its scopes name, and gives nobody a role above `member` ([tokens.md](tokens.md)).',
      '- What is somebody’s own (sessions, passkeys, invites, tokens) is shown to others by no operation but those below; what is not theirs does not exist for them.',
      '- Within conversations membership decides, not the role: who is not a member reads nothing, whatever they are on the instance. Members read from when they joined to when they left. Titles, members and roles of a group are changed by its own owner and admins.',
      '- The owner of the host, on the command line, may everything but act as a person.',
    ].join('\n'),
    '## Fields',
    'Which fields of an account somebody sees or changes:',
    table(
      ['field', 'read by', 'changed by'],
      [
        ['name, display name, whether they are gone', 'whoever has `chat`', 'display name: the person; name: nobody'],
        [
          'role, state, e-mail address, language, times',
          'the person; whoever has `manage_users`',
          'role and state: whoever has `manage_users`, by rank; address and language: the person',
        ],
        [
          'sessions (device, times, address without its last part)',
          'the person; whoever has `manage_users`',
          'the person closes and renames; whoever has `manage_users` closes all, by rank',
        ],
        [
          'which second factors there are',
          'the person; whoever has `manage_users`, only how many',
          'the person, with their password; forgotten by whoever has `manage_users`, by rank',
        ],
        ['addresses that events of the audit log came from', 'whoever has `audit`', 'nobody'],
        [
          'password, secrets, tokens, codes',
          'nobody: they are stored hashed or sealed, and shown once where they are made',
          'the person; by a link that whoever has `manage_users` makes, by rank; on the host',
        ],
      ],
    ),
    '## Operations',
    '### Before signing in',
    operationsTable('anyone'),
    ...permissionNames.flatMap((permission) => [
      `### \`${permission}\``,
      meaningOf(permission),
      operationsTable(permission),
    ]),
    '### On the host alone',
    'Over the command line, by the owner of the instance folder.',
    operationsTable('local'),
  ].join('\n\n')}\n`;
}
