/** A mistake in the configuration, where it stands. Lines and columns count from 1. */
export interface ConfigMistake {
  readonly line: number;
  readonly column: number;
  /** Dotted: `log.level`. Empty where the mistake is about the file as a whole. */
  readonly path: string;
  readonly kind: 'syntax' | 'unknown' | 'type' | 'choice' | 'range' | 'form';
  /** What was found there, as it stands in the file; empty where it says nothing. */
  readonly found: string;
  /** What would be right: a type, the choices, a bound, an example; for `syntax` what the parser says. */
  readonly wanted: string;
  /** The valid key or choice that looks most like it. */
  readonly nearest: string | null;
}

/** What can stand in the way of a command, with what its explanation needs to name. */
export interface ProblemFacts {
  not_an_instance: { readonly home: string };
  folder_not_empty: { readonly home: string };
  config_invalid: { readonly file: string; readonly mistakes: readonly ConfigMistake[] };
  secrets_missing: { readonly file: string };
  secrets_invalid: { readonly file: string };
  wrong_owner: { readonly path: string; readonly owner: string; readonly me: string };
  not_permitted: { readonly path: string };
  read_only: { readonly path: string };
  disk_full: { readonly path: string };
  port_in_use: { readonly port: number };
  port_not_permitted: { readonly port: number };
  host_not_here: { readonly host: string };
  already_running: { readonly home: string };
  not_running: { readonly home: string };
  not_answering: { readonly home: string; readonly pid: number };
  start_failed: { readonly log: string; readonly said: string };
  start_timeout: { readonly log: string; readonly seconds: number };
  stop_timeout: { readonly pid: number; readonly seconds: number };
  database_newer: { readonly file: string };
  database_damaged: { readonly file: string };
  store_unreachable: { readonly what: string };
  unknown_setting: { readonly path: string; readonly nearest: string | null };
  not_a_single_setting: { readonly path: string };
  setting_invalid: { readonly mistake: ConfigMistake };
  needs_answer: { readonly flag: string };
  /** What cannot be undone easily is asked first. */
  needs_yes: Record<string, never>;
  bad_answer: { readonly flag: string; readonly wanted: string };
  no_password: Record<string, never>;
  /** A password was written on the command line. */
  password_shown: Record<string, never>;
  file_missing: { readonly path: string };
  /** Something is there that would be overwritten. */
  file_exists: { readonly path: string };
  folder_missing: { readonly path: string };
  not_a_file: { readonly path: string };
  list_not_utf8: { readonly path: string };
  /** `line` counts from 1. */
  list_broken: { readonly path: string; readonly line: number; readonly says: string };
  list_empty: { readonly path: string };
  list_column_unknown: { readonly path: string; readonly column: string; readonly known: readonly string[] };
  list_column_twice: { readonly path: string; readonly column: string };
  import_unknown: { readonly path: string };
  import_unreadable: { readonly path: string; readonly says: string };
  /** `file` is not there or not as it was written. */
  import_damaged: { readonly path: string; readonly file: string };
  import_newer: { readonly path: string };
  /** An export of one person. */
  import_person: { readonly path: string };
  list_column_missing: { readonly path: string; readonly column: string; readonly found: readonly string[] };
}
export type ProblemReason = keyof ProblemFacts;

/** Something a person can mend. The CLI's catalogue says it in words, with the command that mends it. */
export class Problem<R extends ProblemReason = ProblemReason> extends Error {
  override readonly name = 'Problem';
  readonly reason: R;
  readonly facts: ProblemFacts[R];

  constructor(reason: R, facts: ProblemFacts[R], cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.facts = facts;
  }
}
