import type { Verb } from './verbs.ts';

/** A command that changes privileges, as far as its text tells. */
export interface PrivilegeCommand {
  /** Undefined where the subcommand is a shell variable. */
  readonly verb?: Verb;
  /** A user name, or an e-mail address; undefined where the shell decides it. */
  readonly target?: string;
  readonly role?: string;
  /** Where it names more than one role: all of them, and `role` is left out. */
  readonly roles?: readonly string[];
  /** The table of a statement on the metadata database. */
  readonly object?: string;
  /** The line itself says that the command came to nothing. */
  readonly failed?: boolean;
  /** Its output or errors go elsewhere than to the log: no message about a failure can be its own. */
  readonly silenced?: boolean;
  /** It stands behind a prompt (`$ airflow …`), as in a manual: a shell's trace seldom looks so. */
  readonly prompted?: true;
  /** A text that may hold a command could not be read to its end: what it runs is not known. */
  readonly unread?: true;
}
