import { relative } from 'node:path';
import { Command, Errors, Flags } from '@oclif/core';
import { chosenFolder, type Home, homeAt } from '../../config/home.ts';
import { type Machine, openMachine } from '../../provision/machine.ts';
import { chosenLanguage, languages, type Typed, type Words, wordsOf } from '../../provision/words/words.ts';
import { explain } from './explain.ts';
import { type Printer, printer } from './printer.ts';

const { globalFlags } = wordsOf('en');

/** Flags of commands that may ask questions. */
export const yesFlag = { yes: Flags.boolean({ char: 'y', description: globalFlags.yes }) };

/** What all commands have: the instance they mean, the language they speak, JSON for programs, errors with a remedy. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;
  static override baseFlags = {
    instance: Flags.string({ char: 'i', description: globalFlags.instance, helpGroup: 'GLOBAL', helpValue: 'FOLDER' }),
    lang: Flags.option({ options: languages, description: globalFlags.lang, helpGroup: 'GLOBAL' })(),
  };

  /** Set by `open`, for the words of errors: the folder as it was typed. */
  #named: string | undefined;

  protected readonly machine: Machine = openMachine();

  protected get words(): Words {
    return wordsOf(chosenLanguage(this.argv));
  }

  protected get printer(): Printer {
    return printer((line) => this.log(line));
  }

  /** Writes a command as the person would have to type it to mean the same instance. */
  protected get typed(): Typed {
    const program = programName(this.config.bin);
    const named = this.#named;
    return (command) => (named === undefined ? `${program} ${command}` : `${program} ${command} -i ${quoted(named)}`);
  }

  /** The instance that is meant; whether there is one shows when it is used. */
  protected open(flags: { readonly instance?: string | undefined }): Home {
    this.#named = flags.instance;
    return homeAt(chosenFolder(flags.instance));
  }

  /** Whether somebody is there to be asked. */
  protected canAsk(flags: { readonly yes?: boolean }): boolean {
    return Boolean(process.stdin.isTTY && process.stderr.isTTY) && !flags.yes && !this.jsonEnabled();
  }

  protected override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json);
  }

  protected override async catch(error: Error): Promise<never> {
    if (error instanceof Errors.ExitError) throw error;
    const explained = explain(
      error,
      this.words,
      this.typed,
      `${programName(this.config.bin)} ${this.id?.replaceAll(':', ' ')}`,
    );
    if (this.jsonEnabled()) this.logJson({ error: explained.json });
    else this.logToStderr(explained.text);
    return this.exit(explained.exitCode);
  }
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./~:@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `messenger` where it is installed, and the path to run.js in a clone. */
export function programName(bin: string): string {
  const started = process.argv[1] ?? '';
  if (!/(run|dev)\.js$/.test(started)) return bin;
  const path = relative(process.cwd(), started);
  return path.startsWith('.') || path.startsWith('/') ? path : `./${path}`;
}
