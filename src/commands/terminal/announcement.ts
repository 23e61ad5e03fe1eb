import type { Connection } from '../../app/instance.ts';
import type { Home } from '../../config/home.ts';
import { isPrivateAddress } from '../../protocol/private-addresses.ts';
import type { Machine } from '../../provision/machine.ts';
import { hostOf, lanAddress, origin } from '../../provision/network.ts';
import type { Words } from '../../provision/words/words.ts';
import { type Printer, style } from './printer.ts';
import { qrCode } from './qr.ts';

/** What a server that has just started says. */
export interface Announcement {
  readonly name: string;
  readonly local: string;
  readonly lan: string | null;
  /** The address people use, which invites carry. */
  readonly address: string;
  /** For the first account; null where there is one. */
  readonly invite: string | null;
}

export async function prepareAnnouncement(
  machine: Machine,
  home: Home,
  { port, address, connection }: { readonly port: number; readonly address: string; readonly connection: Connection },
): Promise<Announcement> {
  const { name } = await connection.call('instance.about', {});
  const lan = await lanAddress(machine, port);
  return {
    name,
    local: origin('localhost', port),
    lan: hostOf(lan) === 'localhost' ? null : lan,
    address,
    invite: await firstInvite(machine, home, connection, address),
  };
}

export function printAnnouncement(printer: Printer, words: Words, told: Announcement): void {
  const { up } = words.printing;
  printer.line();
  printer.done(style('bold', up.ready(told.name)));
  printer.line();
  const isPublic = told.address !== told.lan && told.address !== told.local && !isPrivateAddress(hostOf(told.address));
  printer.facts([
    [up.local, style('cyan', told.local)],
    ...(told.lan === null ? [] : [[up.lan, style('cyan', told.lan)] as const]),
    ...(isPublic ? [[up.public, style('cyan', told.address)] as const] : []),
  ]);
  if (told.invite === null) return;
  printer.line();
  printer.line(up.firstInvite);
  printer.line();
  printer.line(`  ${style('cyan', told.invite)}`);
  printer.line();
  printer.line(qrCode(told.invite));
  printer.line();
  printer.line(style('dim', up.inviteHint));
}

const inviteHours = 7 * 24;
const note = 'first account';

interface KeptInvite {
  readonly inviteId: string;
  readonly path: string;
}

/**
 * The link by which the first account is made, with the role of owner: the same one at every start, so that a link that
 * was copied stays good. Once there is an account, what is left of it is revoked.
 */
async function firstInvite(
  machine: Machine,
  home: Home,
  connection: Connection,
  address: string,
): Promise<string | null> {
  const file = `${home.run}/first-invite.json`;
  const kept = readKept(await machine.read(file));
  const { users } = await connection.call('instance.status', {});
  const { invites } = await connection.call('invite.list', { all: true });
  const usable = kept === null ? undefined : invites.find((invite) => invite.inviteId === kept.inviteId);
  if (users > 0) {
    if (usable) await connection.call('invite.revoke', { inviteId: usable.inviteId });
    if (kept) await machine.remove(file);
    return null;
  }
  if (kept !== null && usable) return `${address}${kept.path}`;
  const made = await connection.call('invite.create', { role: 'owner', maxUses: 1, expiresInHours: inviteHours, note });
  const { pathname, search, hash } = new URL(made.link);
  const path = `${pathname}${search}${hash}`;
  await machine.write(
    file,
    `${JSON.stringify({ inviteId: made.invite.inviteId, path } satisfies KeptInvite)}\n`,
    0o600,
  );
  return `${address}${path}`;
}

function readKept(text: string | null): KeptInvite | null {
  try {
    return text === null ? null : (JSON.parse(text) as KeptInvite);
  } catch {
    return null;
  }
}
