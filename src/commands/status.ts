import { loadConfig } from '../config/config.ts';
import type { Output } from '../protocol/operations.ts';
import { bytesIn, numberIn } from '../provision/words/format.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { findRunning, withInstance } from './terminal/instance.ts';
import { harmless, style } from './terminal/printer.ts';

const { summary } = wordsOf('en').commands.status;

type Status = Output<'instance.status'>;

export default class StatusCommand extends BaseCommand {
  static override summary = summary;

  async run(): Promise<({ running: boolean; home: string; name: string } & Partial<Status>) | undefined> {
    const { flags } = await this.parse(StatusCommand);
    const home = this.open(flags);
    const { name } = await loadConfig(home.folder);
    const running = (await findRunning(this.machine, home)) !== null;
    const status = await withInstance(this.machine, home, (connection) => connection.call('instance.status', {}));
    if (running) {
      this.#print(home.folder, name, status);
      return { running, home: home.folder, name, ...status };
    }
    this.#printStopped(home.folder, name, status);
    const { users, conversations, entries, dataBytes, version, profile } = status;
    const known = { running, home: home.folder, name, version, profile, users, conversations, entries, dataBytes };
    if (this.jsonEnabled()) this.logJson(known);
    return this.exit(exitCodes.notRunning);
  }

  #print(folder: string, name: string, status: Status): void {
    const { printing, language } = this.words;
    const { labels, running } = printing.status;
    const well = status.parts.every((part) => part.ok);
    const number = (value: number) => numberIn(language, value);
    this.printer.facts([
      [labels.state, well ? style('green', `● ${running}`) : style('yellow', `● ${running}`)],
      [labels.instance, `${harmless(name)}, ${folder}`],
      [labels.addresses, status.addresses.join('\n')],
      [labels.version, status.version],
      [labels.process, `${status.pid} (${status.node})`],
      [labels.since, printing.ago((this.machine.now() - status.startedAt) / 1000)],
      [labels.profile, status.profile],
      [labels.users, number(status.users)],
      [labels.conversations, number(status.conversations)],
      [labels.entries, number(status.entries)],
      [labels.connections, number(status.connections)],
      [labels.memory, bytesIn(language, status.memoryBytes)],
      [labels.data, bytesIn(language, status.dataBytes)],
      ...status.parts.map(
        (part) => [part.name, `${part.ok ? style('green', '✔') : style('red', '✖')} ${part.says}`] as const,
      ),
    ]);
  }

  #printStopped(folder: string, name: string, status: Status): void {
    const { printing, language } = this.words;
    const { labels, stopped } = printing.status;
    this.printer.facts([
      [labels.state, style('dim', `○ ${stopped}`)],
      [labels.instance, `${harmless(name)}, ${folder}`],
      [labels.version, status.version],
      [labels.users, numberIn(language, status.users)],
      [labels.conversations, numberIn(language, status.conversations)],
      [labels.data, bytesIn(language, status.dataBytes)],
    ]);
    this.printer.next(printing.next, [this.typed('up')]);
  }
}
