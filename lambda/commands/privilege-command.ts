import type { Verb } from '../model/verbs.ts';

/** A command that changes privileges, as far as its text says. */
export interface PrivilegeCommand {
  /** Undefined if the subcommand is not known: a variable, a masked word. */
  readonly verb?: Verb;
  /** A user name or an e-mail address; undefined if only the shell knows it. */
  readonly target?: string;
  readonly role?: string;
  /** All roles, if it names several; `role` is then left out. */
  readonly roles?: readonly string[];
  /** The tables that a statement on the metadata database writes. */
  readonly object?: string;
  /** The line itself says that the command failed. */
  readonly failed?: boolean;
  /** Its output or errors do not go to the log, so that no failure in the log can be its own. */
  readonly silenced?: boolean;
  /**
   * It follows a prompt (`$ airflow …`), as in a manual; a shell's trace seldom looks like that.
   */
  readonly prompted?: true;
  /**
   * A text that may hold a command could not be read to its end, so that its commands are not
   * known.
   */
  readonly unread?: true;
}
