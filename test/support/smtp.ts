import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import PostalMime, { type Email } from 'postal-mime';
import { freePort } from './free-port.ts';
import { hasService, mailServerPath } from './services.ts';
import { until } from './wait.ts';

/**
 * A private OpenSMTPD on a free loopback port that keeps what is sent to `example.org` and refuses all else. Debian's speaks
 * no TLS that works (its keys lie in a process of their own, in a way OpenSSL 3 does not support): see tls-mail-server.ts.
 */
export interface TestMailServer {
  /** For `mail.url`. */
  readonly url: string;
  /** What lies in the mailbox of `<name>@example.org`, oldest first. */
  mailsTo(name: string): Promise<readonly Received[]>;
  /** Waits until at least so many lie there. */
  awaitMailsTo(name: string, count: number): Promise<readonly Received[]>;
  /** Stops listening; what was delivered stays. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export type Received = Email & { readonly raw: string };

/** Whoever writes to it is told to come back later. */
export const busyAddress = 'busy@example.org';

/** Null (and said aloud) where OpenSMTPD cannot run; throws then under TEST_STACK=required. */
export async function startMailServer(): Promise<TestMailServer | null> {
  if (!hasService('smtp')) return null;
  const folder = mkdtempSync(join(tmpdir(), 'messenger-smtp-'));
  const port = await freePort();
  prepare(folder, port);
  let server = await launch(folder, port);
  const endWithProcess = () => server.kill('SIGTERM');
  process.on('exit', endWithProcess);

  const mailsTo = async (name: string): Promise<Received[]> => {
    const box = join(folder, 'mail', name, 'new');
    const files = existsSync(box) ? readdirSync(box).map((file) => join(box, file)) : [];
    const inOrder = files.toSorted((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
    return Promise.all(inOrder.map((file) => parseMail(readFileSync(file, 'utf8'))));
  };
  return {
    url: `smtp://127.0.0.1:${port}`,
    mailsTo,
    async awaitMailsTo(name, count) {
      await until(async () => (await mailsTo(name)).length >= count);
      return mailsTo(name);
    },
    kill: () => end(server),
    async restart() {
      server = await launch(folder, port);
    },
    async stop() {
      process.off('exit', endWithProcess);
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function parseMail(raw: string): Promise<Received> {
  return { ...(await PostalMime.parse(raw)), raw };
}

function prepare(folder: string, port: number): void {
  // Its processes run as users of their own, and the mailboxes are written by one that may do nothing else.
  chmodSync(folder, 0o755);
  for (const part of ['spool', 'mail']) mkdirSync(join(folder, part));
  chmodSync(join(folder, 'mail'), 0o777);
  writeFileSync(
    join(folder, 'smtpd.conf'),
    `table busy { "${busyAddress}" }
filter "busy" phase rcpt-to match rcpt-to <busy> reject "451 try again later"
listen on 127.0.0.1 port ${port} hostname "mail.example.org" filter "busy"
action "keep" maildir "${folder}/mail/%{dest.user}" user nobody virtual { "@example.org" = "nobody" }
match from any for domain "example.org" action "keep"
`,
  );
}

/** It knows one spool and one control socket per machine: each server gets them to itself, in a mount namespace of its own. */
const inOwnNamespace = `set -e
mount --make-rprivate /
mount --bind "$1/spool" /var/spool
mount -t tmpfs tmpfs /run
exec "$2" -d -f "$1/smtpd.conf"
`;

async function launch(folder: string, port: number): Promise<ChildProcess> {
  const args = ['--mount', 'sh', '-c', inOwnNamespace, 'sh', folder, mailServerPath() ?? 'smtpd'];
  const server = spawn('unshare', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-10_000);
    });
  const deadline = Date.now() + 20_000;
  while (!(await answers(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill('SIGTERM');
      throw new Error(`OpenSMTPD did not start:\n${said}`);
    }
    await wait(20);
  }
  return server;
}

/** Its children end with it; nothing of it listens any more then. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGTERM');
  await gone;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
