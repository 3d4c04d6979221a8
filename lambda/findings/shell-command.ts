/** A word of a shell command, its quotes removed. */
export interface ShellWord {
  readonly text: string;
  /** Holds a variable or a substitution, so that only the shell knows what it becomes. */
  readonly dynamic: boolean;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** Without assignments in front, redirections and keywords like `then`. */
  readonly words: readonly ShellWord[];
  /** Texts that it reads: here-documents and here-strings. */
  readonly input: readonly string[];
  /** The next command of its pipeline. */
  readonly feeds?: ShellCommand;
  /** Its errors go elsewhere than to the log. */
  readonly silenced: boolean;
  /** Its standard output goes elsewhere than to the log. */
  readonly outputIsAway: boolean;
}
