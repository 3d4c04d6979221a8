import type { Verb } from '../model/verbs.ts';
import type { CommandWord } from '../shell/follow/shell-state.ts';

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

/** A command line's options and arguments, read as Python's argparse and click do. */
interface CommandOptions {
  /** The last value of each known option, by its long name without dashes. */
  readonly values: ReadonlyMap<string, CommandWord>;
  readonly positional: readonly CommandWord[];
  readonly asksForHelp: boolean;
}

/** An option that takes a value. */
interface OptionSpec {
  /** Without dashes. */
  readonly long: string;
  /** One letter. */
  readonly short?: string;
  /** Whether several values may follow. */
  readonly many?: boolean;
}

/**
 * Sorts the words after a subcommand into options and positional arguments. Long options may be
 * abbreviated (`--user`) and joined to their value by `=`; short ones may be joined directly
 * (`-ubob`).
 */
function readOptions(words: readonly CommandWord[], specs: readonly OptionSpec[]): CommandOptions {
  const values = new Map<string, CommandWord>();
  const positional: CommandWord[] = [];
  let asksForHelp = false;
  let open: OptionSpec | undefined;
  for (const word of words) {
    const { text, dynamic, isExpanded = false } = word;
    if (text === '--help' || text === '-h') {
      // `${HELP:---help}` may expand to nothing.
      if (!dynamic && !isExpanded) asksForHelp = true;
    } else if (text.startsWith('-') && text.length > 1) {
      const equals = text.indexOf('=');
      const name = equals < 0 ? text : text.slice(0, equals);
      open = specs.find((spec) => matches(spec, name));
      const joined = open === undefined ? undefined : joinedValue(text, equals, open);
      if (open !== undefined && joined !== undefined) {
        values.set(open.long, { ...word, text: joined });
        open = undefined;
      }
    } else if (open === undefined) {
      positional.push(word);
    } else {
      values.set(open.long, word);
      if (open.many !== true) open = undefined;
    }
  }
  return { values, positional, asksForHelp };
}

function matches({ long, short }: OptionSpec, name: string): boolean {
  if (name.startsWith('--')) return name.length > 2 && long.startsWith(name.slice(2));
  return short !== undefined && name[1] === short;
}

function joinedValue(text: string, equals: number, spec: OptionSpec): string | undefined {
  if (text.startsWith('--')) return equals < 0 ? undefined : text.slice(equals + 1);
  if (text.length === 2) return undefined;
  return text.slice(text[2] === '=' ? 3 : 2) || (spec.many ? undefined : '');
}

/** Where a command names its user and role. */
export interface Subjects {
  readonly options: readonly OptionSpec[];
  readonly positionalIsRole: boolean;
  readonly fixedRole?: string;
}

const userOptions: readonly OptionSpec[] = [
  { long: 'username', short: 'u' },
  { long: 'email', short: 'e' },
  { long: 'role', short: 'r' },
  { long: 'roles' },
  { long: 'firstname', short: 'f' },
  { long: 'lastname', short: 'l' },
  { long: 'password', short: 'p' },
];

const permissionOptions: readonly OptionSpec[] = [
  { long: 'resource', short: 'r', many: true },
  { long: 'action', short: 'a', many: true },
];

/** For a command that names neither. */
export const unknownSubjects: Subjects = { options: [], positionalIsRole: false };

/** @param subcommand empty where it is a shell variable */
export function subjectsOf(group: string, subcommand: string): Subjects {
  if (group === 'users') return { options: userOptions, positionalIsRole: false };
  if (group === 'roles') {
    return { options: permissionOptions, positionalIsRole: subcommand !== 'import' };
  }
  if (group === 'fab' && subcommand !== 'import-roles') {
    return {
      options: userOptions,
      positionalIsRole: false,
      ...(subcommand === 'create-admin' ? { fixedRole: 'Admin' } : {}),
    };
  }
  return unknownSubjects;
}

/** Roles of one command that a finding names; a title shows three. */
const rolesMax = 20;

/**
 * The command that a verb and its arguments make.
 *
 * @param words what follows the subcommand
 * @returns undefined if they ask for help
 */
export function commandWith(
  verb: Verb | undefined,
  { options, positionalIsRole, fixedRole }: Subjects,
  words: readonly CommandWord[],
): PrivilegeCommand | undefined {
  const { values, positional, asksForHelp } = readOptions(words, options);
  if (asksForHelp) return undefined;
  const value = (name: string) => literal(values.get(name));
  const target = value('username') ?? value('email');
  const names = positionalIsRole
    ? positional.slice(0, rolesMax).flatMap((word) => literal(word) ?? [])
    : [];
  const named = positional.length === 1 ? names[0] : undefined;
  const role = positionalIsRole ? named : (value('role') ?? fixedRole);
  return {
    ...(verb === undefined ? {} : { verb }),
    ...(target === undefined ? {} : { target }),
    ...(role === undefined ? {} : { role }),
    ...(role === undefined && names.length > 0 ? { roles: names } : {}),
  };
}

/** A word whose value is known: no variable and no placeholder of xargs or of a help text. */
function literal(word: CommandWord | undefined): string | undefined {
  if (word === undefined || word.dynamic || /^(?:|\{\}|<.*>|%s)$/.test(word.text)) return undefined;
  return word.text;
}
