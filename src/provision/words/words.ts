import type { ConfigMistake, ProblemFacts, ProblemReason } from '../../config/problem.ts';
import { checks as enChecks } from './en/checks.ts';
import { commands as enCommands, globalFlags as enGlobalFlags } from './en/commands.ts';
import { mistakes as enMistakes } from './en/mistakes.ts';
import { printing as enPrinting } from './en/printing.ts';
import { problems as enProblems } from './en/problems.ts';
import { refusals as enRefusals } from './en/refusals.ts';
import { steps as enSteps } from './en/steps.ts';
import { checks as ruChecks } from './ru/checks.ts';
import { commands as ruCommands, globalFlags as ruGlobalFlags } from './ru/commands.ts';
import { mistakes as ruMistakes } from './ru/mistakes.ts';
import { printing as ruPrinting } from './ru/printing.ts';
import { problems as ruProblems } from './ru/problems.ts';
import { refusals as ruRefusals } from './ru/refusals.ts';
import { steps as ruSteps } from './ru/steps.ts';

/** What went wrong, why, and what mends it: the last as commands to copy, or as deeds. */
export interface Explanation {
  readonly what: string;
  readonly why?: string;
  readonly mend: readonly string[];
}

/** Writes a command of this CLI as the person would have to type it: `users add` → `./bin/run.js users add`. */
export type Typed = (command: string) => string;

export type ProblemWords = { readonly [R in ProblemReason]: (facts: ProblemFacts[R], typed: Typed) => Explanation };
/** By the `reason` of an operation's error. */
export type RefusalWords = Readonly<Record<keyof typeof enRefusals, (typed: Typed) => Explanation>>;

export interface MistakeWords {
  /** One mistake in the configuration, in one or two sentences. */
  readonly says: (mistake: ConfigMistake) => string;
}

export interface Words {
  readonly language: Language;
  readonly problems: ProblemWords;
  readonly refusals: RefusalWords;
  readonly mistakes: MistakeWords;
  readonly steps: typeof enSteps;
  readonly checks: typeof enChecks;
  readonly printing: typeof enPrinting;
  readonly commands: CommandCatalogue;
  readonly globalFlags: GlobalFlagWords;
}

/** What help says of a command, beside its usage. */
export interface CommandWords {
  readonly summary: string;
  readonly description?: string;
  readonly flags?: Readonly<Record<string, string>>;
  readonly args?: Readonly<Record<string, string>>;
}
export type CommandCatalogue = typeof enCommands;

export type GlobalFlagWords = Readonly<Record<keyof typeof enGlobalFlags, string>>;

export const languages = ['en', 'ru'] as const;
export type Language = (typeof languages)[number];

const catalogues: Readonly<Record<Language, Words>> = {
  en: {
    language: 'en',
    problems: enProblems,
    refusals: enRefusals,
    mistakes: enMistakes,
    steps: enSteps,
    checks: enChecks,
    printing: enPrinting,
    commands: enCommands,
    globalFlags: enGlobalFlags,
  },
  ru: {
    language: 'ru',
    problems: ruProblems,
    refusals: ruRefusals,
    mistakes: ruMistakes,
    steps: ruSteps,
    checks: ruChecks,
    printing: ruPrinting,
    commands: ruCommands,
    globalFlags: ruGlobalFlags,
  },
};

export function wordsOf(language: Language): Words {
  return catalogues[language];
}

/** The language asked for by flag, else that of the terminal. */
export function chosenLanguage(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Language {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const told = at < 0 ? undefined : argv[at]?.includes('=') ? argv[at].slice('--lang='.length) : argv[at + 1];
  const wanted = told ?? (env.LC_ALL || env.LC_MESSAGES || env.LANG || '');
  return /^ru/i.test(wanted) ? 'ru' : 'en';
}
