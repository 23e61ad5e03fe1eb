import { loadConfig } from '../config/config.ts';
import { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema.ts';
import { checksFor } from '../provision/checks.ts';
import type { Check, Finding } from '../provision/step.ts';
import { wordsOf } from '../provision/words/words.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { exitCodes } from './terminal/exit-codes.ts';
import { findRunning, withInstance } from './terminal/instance.ts';
import { style } from './terminal/printer.ts';

const { summary, description } = wordsOf('en').commands.doctor;

interface Found extends Finding {
  readonly id: string;
  readonly title: string;
}

export default class Doctor extends BaseCommand {
  static override summary = summary;
  static override description = description;

  async run(): Promise<undefined> {
    const { flags } = await this.parse(Doctor);
    const home = this.open(flags);
    const { words, typed, machine } = this;
    const config = await loadConfig(home.folder).catch((error: unknown) => {
      if (error instanceof Problem) return error;
      throw error;
    });
    const server = await findRunning(machine, home);
    const patient = {
      machine,
      home,
      config,
      pid: server?.pid ?? null,
      words,
      typed,
      tryMail: async (settings: Config) => (await import('../app/mail-trial.ts')).tryMail(home.folder, settings),
    };
    const checks = [...checksFor(patient), ...(server === null ? [] : [this.#serverCheck(home)])];
    const found: Found[] = [];
    for (const check of checks) {
      const finding = { id: check.id, title: check.title, ...(await check.find()) };
      found.push(finding);
      this.#print(finding);
    }
    const wrong = found.filter((finding) => !finding.ok && !finding.advice).length;
    const advised = found.filter((finding) => finding.advice).length;
    this.printer.line();
    if (wrong === 0) this.printer.done(words.printing.doctor.well);
    else this.printer.line(`${style('red', '✖')} ${words.printing.doctor.wrong(wrong)}`);
    if (advised > 0) this.printer.line(`${style('yellow', '!')} ${words.printing.doctor.advised(advised)}`);
    if (this.jsonEnabled()) this.logJson({ ok: wrong === 0, checks: found });
    return wrong === 0 ? undefined : this.exit(exitCodes.failure);
  }

  /** What a running server says of its parts. */
  #serverCheck(home: ReturnType<BaseCommand['open']>): Check {
    const { title, says, part, silent, mend, logs } = this.words.checks.server;
    return {
      id: 'server',
      title,
      find: async () => {
        try {
          const status = await withInstance(this.machine, home, (connection) => connection.call('instance.status', {}));
          const ill = status.parts.filter((one) => !one.ok);
          if (ill.length === 0) return { ok: true, says: says(status.pid, status.version), mend: null };
          return { ok: false, says: ill.map((one) => part(one.name, one.says)).join('\n'), mend: logs(this.typed) };
        } catch {
          return { ok: false, says: silent, mend: mend(this.typed) };
        }
      },
    };
  }

  #print({ title, ok, says, mend, advice }: Found): void {
    const sign = ok ? style('green', '✔') : advice ? style('yellow', '!') : style('red', '✖');
    const [first = '', ...more] = says.split('\n');
    this.printer.line(`${sign} ${style('bold', title)}  ${first}`);
    for (const line of more) this.printer.line(`    ${line}`);
    for (const line of mend?.split('\n') ?? []) this.printer.line(`    ${style('cyan', `→ ${line}`)}`);
  }
}
