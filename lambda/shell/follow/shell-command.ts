/** A word of a shell command, its quotes removed and its known variables expanded. */
export interface CommandWord {
  readonly text: string;
  /** Some part of it is known only to the shell. */
  readonly dynamic: boolean;
  /** Holds an unquoted `*`, `?` or `[`: the shell replaces it by the names of matching files. */
  readonly isPattern?: boolean;
  /** Holds the result of a variable or a substitution, so that its real text may differ. */
  readonly isExpanded?: boolean;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** Without leading assignments, redirections and keywords like `then`. */
  readonly words: readonly CommandWord[];
  /** Texts that it reads: here-documents, here-strings, pipes, files written before. */
  readonly input: readonly string[];
  /** A program whose output is not known may have changed what is piped into it. */
  readonly isInputChanged?: boolean;
  /** Its errors do not go to the log. */
  readonly silenced: boolean;
  /** Its standard output does not go to the log. */
  readonly outputIsAway: boolean;
  /**
   * The text redefines the program's name: as a function, an alias or a copy of another program.
   */
  readonly isRedefined?: boolean;
}
