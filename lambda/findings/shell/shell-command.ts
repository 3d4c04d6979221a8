/** A word of a shell command as far as it can be told: its quotes and known variables undone. */
export interface CommandWord {
  readonly text: string;
  /** Holds what only the shell knows. */
  readonly dynamic: boolean;
  /** Holds an unquoted `*`, `?` or `[`: the shell looks for a file of such a name. */
  readonly isPattern?: boolean;
  /** A variable or a substitution has a part in it, so that it may be another one than it seems. */
  readonly isExpanded?: boolean;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** Without assignments in front, redirections and keywords like `then`. */
  readonly words: readonly CommandWord[];
  /** Texts that it reads: here-documents, here-strings, what is piped into it, files written before. */
  readonly input: readonly string[];
  /** Programs that nobody can foretell have changed what is piped into it. */
  readonly isInputChanged?: boolean;
  /** Its errors go elsewhere than to the log. */
  readonly silenced: boolean;
  /** Its standard output goes elsewhere than to the log. */
  readonly outputIsAway: boolean;
  /** The text gives the program's name a meaning of its own: a function, an alias, a copy of another program. */
  readonly isRedefined?: boolean;
}
