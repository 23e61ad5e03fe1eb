import { setTimeout as wait } from 'node:timers/promises';
import { Flags } from '@oclif/core';
import { callManagement } from '../app/management-client.ts';
import type { Home } from '../config/home.ts';
import { Problem } from '../config/problem.ts';
import { AppError } from '../protocol/errors.ts';
import { limits } from '../protocol/limits.ts';
import type { AuditEvent } from '../protocol/models.ts';
import type { InputToSend, Output } from '../protocol/operations.ts';
import { wordsOf } from '../provision/words/words.ts';
import { auditLine } from './terminal/audit-line.ts';
import { BaseCommand } from './terminal/base-command.ts';
import { withInstance } from './terminal/instance.ts';
import { momentForms, momentOf } from './terminal/moment.ts';
import { style } from './terminal/printer.ts';

const { summary, description, flags } = wordsOf('en').commands.audit;

/** How often the server is asked what is new. */
const pollMs = 500;

type Question = InputToSend<'audit.list'>;

export default class Audit extends BaseCommand {
  static override summary = summary;
  static override description = description;
  static override examples = [
    '<%= config.bin %> audit --since 2d',
    '<%= config.bin %> audit --user anna --action session.',
    '<%= config.bin %> audit --follow --json',
  ];
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: flags.follow }),
    user: Flags.string({ char: 'u', description: flags.user }),
    action: Flags.string({ char: 'a', description: flags.action }),
    since: Flags.string({ description: flags.since, helpValue: 'TIME' }),
    until: Flags.string({ description: flags.until, helpValue: 'TIME', exclusive: ['follow'] }),
    limit: Flags.integer({ char: 'n', description: flags.limit, default: 100, min: 1, max: limits.pageItems }),
  };

  async run(): Promise<Output<'audit.list'> | undefined> {
    const { flags: asked } = await this.parse(Audit);
    const home = this.open(asked);
    const question = {
      user: asked.user ?? null,
      action: asked.action ?? null,
      since: this.#momentOf('--since', asked.since, 'start'),
      until: this.#momentOf('--until', asked.until, 'end'),
    };
    const found = await withInstance(this.machine, home, (connection) => {
      // On the stores themselves nothing would happen, and no server could start meanwhile.
      if (asked.follow && connection.via === 'direct') throw new Problem('not_running', { home: home.folder });
      return connection.call('audit.list', { ...question, limit: asked.limit });
    });
    if (asked.follow) return this.#follow(home, question, found.events);
    if (found.events.length === 0) this.printer.line(this.words.printing.audit.none);
    if (found.more) this.printer.line(style('dim', this.words.printing.audit.more(found.events.length)));
    for (const event of found.events.toReversed()) this.printer.line(auditLine(event, this.words));
    return found;
  }

  #momentOf(flag: string, word: string | undefined, edge: 'start' | 'end'): number | null {
    if (word === undefined) return null;
    const moment = momentOf(word, this.machine.now(), edge);
    if (moment === null) throw new Problem('bad_answer', { flag, wanted: momentForms });
    return moment;
  }

  /** Until Ctrl-C; a server that restarts meanwhile is waited for. */
  async #follow(home: Home, question: Question, past: readonly AuditEvent[]): Promise<undefined> {
    const ended = new AbortController();
    process.once('SIGINT', () => ended.abort());
    process.once('SIGTERM', () => ended.abort());
    // Who reads along may have seen enough: `audit --follow | head`.
    process.stdout.on('error', () => process.exit(0));
    for (const event of past.toReversed()) this.#write(event);
    let after = past[0]?.number ?? 0;
    let isAway = false;
    while (!ended.signal.aborted) {
      try {
        const { events, more } = await callManagement(home.socket, 'audit.list', { ...question, after });
        for (const event of events) this.#write(event);
        after = events.at(-1)?.number ?? after;
        isAway = false;
        if (more) continue;
      } catch (error) {
        if (error instanceof AppError && error.code !== 'unavailable') throw error;
        if (!isAway) this.logToStderr(style('dim', this.words.printing.audit.away));
        isAway = true;
      }
      await wait(pollMs, undefined, { signal: ended.signal }).catch(() => {});
    }
    return this.exit(0);
  }

  #write(event: AuditEvent): void {
    process.stdout.write(`${this.jsonEnabled() ? JSON.stringify(event) : auditLine(event, this.words)}\n`);
  }
}
