import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { Running } from '../app/instance.ts';
import { loadConfig, onPort } from '../config/config.ts';
import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import { configSchema } from '../config/schema.ts';
import { isPrivateAddress } from '../protocol/private-addresses.ts';
import { instanceSteps, isInstance } from '../provision/instance-folder.ts';
import { openLogFile } from '../provision/log-file.ts';
import { hostOf, lanAddress } from '../provision/network.ts';
import { forgetServer, recordServer, startDetached } from '../provision/server-process.ts';
import { wordsOf } from '../provision/words/words.ts';
import { type Announcement, prepareAnnouncement, printAnnouncement } from './terminal/announcement.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { findRunning, refuseOtherOwner, withInstance } from './terminal/instance.ts';
import { logLine } from './terminal/log-line.ts';
import { chosenPort } from './terminal/port.ts';
import { takeSteps } from './terminal/progress.ts';

const { summary, description, flags } = wordsOf('en').commands.up;

/** How long a server may take to answer. Bringing a large database to a new form takes a while. */
const startSeconds = 120;

interface Started extends Announcement {
  readonly pid: number;
}

export default class Up extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> up',
    '<%= config.bin %> up --detach',
    'PORT=9000 <%= config.bin %> up --init',
  ];
  static override flags = {
    detach: Flags.boolean({ char: 'd', description: flags.detach }),
    init: Flags.boolean({ description: flags.init }),
    port: Flags.integer({ char: 'p', description: flags.port, min: 1, max: 65_535 }),
    background: Flags.boolean({ hidden: true, description: 'Print nothing: the command that started this one does.' }),
  };

  async run(): Promise<Started | undefined> {
    const { flags: given } = await this.parse(Up);
    const home = this.open(given);
    await refuseOtherOwner(this.machine, home);
    if (given.init && !(await isInstance(this.machine, home))) await this.#init(home, given.port);
    if (!(await isInstance(this.machine, home))) throw new Problem('not_an_instance', { home: home.folder });
    return given.detach ? this.#detach(home, given.port) : this.#serve(home, given);
  }

  async #init(home: Home, wanted: number | undefined): Promise<void> {
    const port = wanted ?? chosenPort(process.env) ?? 8080;
    const config = configSchema.parse({ address: await lanAddress(this.machine, port), port });
    await takeSteps(instanceSteps(this.machine, home, config, this.words), this.printer);
    this.printer.done(this.words.printing.init.made(home.folder));
  }

  /** In the foreground, until a signal ends it. */
  async #serve(
    home: Home,
    { port, background }: { readonly port?: number | undefined; readonly background: boolean },
  ): Promise<undefined> {
    const { serveInstance } = await import('../app/instance.ts');
    const log = openLogFile(home);
    const asked = untilAsked();
    const running = await serveInstance(home.folder, {
      ...(port === undefined ? {} : { port }),
      writeLog: (line) => {
        log.write(line);
        if (!background && !this.jsonEnabled() && /"level":[456]0/.test(line))
          process.stderr.write(`${logLine(line, this.words)}\n`);
      },
    });
    await recordServer(this.machine, home, running);
    if (!background) await this.#announce(home, running);
    await asked.first;
    if (!background && !this.jsonEnabled()) this.printer.line(`\n${this.words.printing.up.stopping}`);
    await running.stop();
    await forgetServer(this.machine, home);
    log.close();
    if (!background && !this.jsonEnabled()) this.printer.done(this.words.printing.up.stopped);
    return this.exit(0);
  }

  async #announce(home: Home, { port, address, config }: Running): Promise<void> {
    const { printing } = this.words;
    const told = await withInstance(this.machine, home, (connection) =>
      prepareAnnouncement(this.machine, home, { port, address, connection }),
    );
    if (this.jsonEnabled()) {
      process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid, ...told })}\n`);
      return;
    }
    printAnnouncement(this.printer, this.words, told);
    const { port: named, protocol } = new URL(address);
    if (protocol === 'http:' && isPrivateAddress(hostOf(address)) && Number(named || 80) !== config.port) {
      this.printer.line(printing.up.movedPort(address, config.port));
    }
    this.printer.next(printing.next, printing.up.next(this.typed));
    this.printer.line(`\n${printing.up.stop}`);
  }

  async #detach(home: Home, port: number | undefined): Promise<Started> {
    const { printing } = this.words;
    const config = await loadConfig(home.folder);
    const present = await findRunning(this.machine, home);
    if (present !== null && port !== undefined && port !== present.port) {
      throw new Problem('already_running', { home: home.folder });
    }
    const effective = onPort(config, port ?? config.port);
    if (present === null && (await this.machine.tryPort(effective.host, effective.port)) === 'in_use') {
      throw new Problem('port_in_use', { port: effective.port });
    }
    const server =
      present ??
      (await startDetached(this.machine, home, {
        program: process.execPath,
        args: [
          join(this.config.root, 'bin', 'run.js'),
          ...['up', '--background', '--instance', home.folder],
          ...(port === undefined ? [] : ['--port', String(port)]),
        ],
        seconds: startSeconds,
      }));
    const told = await withInstance(this.machine, home, (connection) =>
      prepareAnnouncement(this.machine, home, { ...server, connection }),
    );
    printAnnouncement(this.printer, this.words, told);
    this.printer.line();
    this.printer.line(present ? printing.up.there(server.pid) : printing.up.detached(server.pid));
    this.printer.next(printing.next, [...printing.up.next(this.typed), ...printing.up.nextDetached(this.typed)]);
    return { ...told, pid: server.pid };
  }
}

/** Resolves at the first signal to end; who insists gets out at once. */
function untilAsked(): { readonly first: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      asked += 1;
      if (asked === 1) resolve();
      else if (signal === 'SIGINT') process.exit(130);
    });
  }
  return { first: promise };
}
