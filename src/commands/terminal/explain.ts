import { Errors } from '@oclif/core';
import { Problem, type ProblemReason } from '../../config/problem.ts';
import { AppError } from '../../protocol/errors.ts';
import type { Explanation, Typed, Words } from '../../provision/words/words.ts';
import { exitCodes } from './exit-codes.ts';
import { style } from './printer.ts';

export interface Explained {
  readonly text: string;
  readonly json: {
    readonly reason: string;
    readonly message: string;
    readonly why: string | null;
    readonly mend: readonly string[];
  };
  readonly exitCode: number;
}

/** An error as it is told: what is wrong, why, and what mends it. */
export function explain(error: Error, words: Words, typed: Typed, command: string): Explained {
  if (error instanceof Problem)
    return told(explainProblem(error, words, typed), error.reason, codeOf(error.reason), words);
  if (error instanceof AppError)
    return told(explainRefusal(error, words, typed), error.reason, exitCodes.failure, words);
  if (error.name === 'ExitPromptError') {
    const { interrupted } = words.printing;
    const json = { reason: 'interrupted', message: interrupted, why: null, mend: [] };
    return { text: interrupted, json, exitCode: exitCodes.interrupted };
  }
  if (error instanceof Errors.CLIError) {
    const usage: Explanation = {
      what: error.message.split('\nSee more help')[0] ?? '',
      mend: [words.printing.usage(command)],
    };
    return told(usage, 'usage', exitCodes.usage, words);
  }
  const defect: Explanation = {
    what: error.message,
    why: error.stack ?? '',
    mend: words.refusals.internal(typed).mend,
  };
  return told(defect, 'internal', exitCodes.failure, words);
}

function explainProblem(problem: Problem, words: Words, typed: Typed): Explanation {
  const explanation = problemWords(problem, words, typed);
  if (!isReason(problem, 'config_invalid')) return explanation;
  const { file, mistakes } = problem.facts;
  const lines = mistakes.map((mistake) => {
    const place = mistake.line === 0 ? '' : `${file}:${mistake.line}:${mistake.column} `;
    return `${place}${words.mistakes.says(mistake)}`;
  });
  return { ...explanation, why: lines.join('\n') };
}

function problemWords<R extends ProblemReason>(problem: Problem<R>, words: Words, typed: Typed): Explanation {
  return words.problems[problem.reason](problem.facts, typed);
}

function isReason<R extends ProblemReason>(problem: Problem, reason: R): problem is Problem<R> {
  const found: ProblemReason = problem.reason;
  return found === reason;
}

function explainRefusal(error: AppError, words: Words, typed: Typed): Explanation {
  const fields = error.fields?.map(({ path, message }) => `${path}: ${message}`).join('\n');
  const table: Readonly<Record<string, ((typed: Typed) => Explanation) | undefined>> = words.refusals;
  const known = table[error.reason] ?? (error.code === 'invalid' ? words.refusals.invalid_input : undefined);
  const explanation = known?.(typed) ?? {
    what: `${error.code}: ${error.reason}`,
    mend: words.refusals.internal(typed).mend,
  };
  return fields === undefined || fields === '' ? explanation : { ...explanation, why: fields };
}

function codeOf(reason: ProblemReason): number {
  switch (reason) {
    case 'config_invalid':
    case 'secrets_missing':
    case 'secrets_invalid':
      return exitCodes.badConfiguration;
    case 'not_running':
      return exitCodes.notRunning;
    case 'unknown_setting':
    case 'not_a_single_setting':
    case 'setting_invalid':
    case 'needs_answer':
    case 'needs_yes':
    case 'bad_answer':
    case 'no_password':
    case 'password_shown':
      return exitCodes.usage;
    default:
      return exitCodes.failure;
  }
}

function told({ what, why, mend }: Explanation, reason: string, exitCode: number, words: Words): Explained {
  const lines = [
    `${style('red', '✖')} ${style('bold', what)}`,
    ...(why ? why.split('\n').map((line) => `  ${line}`) : []),
    '',
    style('dim', words.printing.mend),
    ...mend.map((line) => `  ${line}`),
  ];
  return { text: lines.join('\n'), json: { reason, message: what, why: why ?? null, mend }, exitCode };
}
