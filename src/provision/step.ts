/** One thing to do to a machine. A second run does no harm: it is asked before it acts. */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** Why there is nothing to do; null: there is. */
  settled(): Promise<string | null>;
  run(): Promise<void>;
}

/** One thing that should be so. */
export interface Check {
  readonly id: string;
  readonly title: string;
  find(): Promise<Finding>;
}

export interface Finding {
  readonly ok: boolean;
  /** What was found, for people. */
  readonly says: string;
  /** The command or the deed that mends it; null where all is well. */
  readonly mend: string | null;
  /** Not well, but the instance works as it is. */
  readonly advice?: true;
}
