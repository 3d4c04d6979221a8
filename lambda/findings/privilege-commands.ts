import { type OptionSpec, readOptions } from './command-options.ts';
import { type EchoedCommand, echoedCommands } from './echoed-commands.ts';
import { readPythonList, textsOf } from './log-text.ts';
import { tablesWritten } from './metadata-sql.ts';
import { readShellCommands } from './read-shell-commands.ts';
import type { ShellCommand, ShellWord } from './shell-command.ts';

/** A command that changes privileges, as far as its text tells. */
export interface PrivilegeCommand {
  /** Undefined where the subcommand is a shell variable. */
  readonly verb?: string;
  /** A user name, or an e-mail address; undefined where the shell decides it. */
  readonly target?: string;
  readonly role?: string;
  /** The table of a statement on the metadata database. */
  readonly object?: string;
  /** The line itself says that the command came to nothing. */
  readonly failed?: boolean;
  /** Its errors go elsewhere than to the log: no message about a failure can be its own. */
  readonly silenced?: boolean;
}

/**
 * Every command of an echo that changes Airflow's privileges: Airflow's and Flask's command line
 * behind whatever runs it (`sudo`, `xargs`, `bash -c "…"`, a loop), and SQL on the metadata tables.
 *
 * An echo is BashOperator's `Running command: […]`, the `Command '[…]' returned non-zero exit status`
 * of Python's subprocess, a line of `set -x`, or a statement that a database operator announces. Help
 * texts, prose and what `echo` or `grep` are given are none.
 */
export function readPrivilegeCommands(message: string): readonly PrivilegeCommand[] {
  const found = new Map<string, PrivilegeCommand>();
  for (const echo of textsOf(message).flatMap(echoedCommands)) {
    for (const command of new EchoReader(echo).read()) {
      if (found.size < maxCommands) found.set(JSON.stringify(command), command);
    }
  }
  return [...found.values()];
}

/** `copy ab_role x`: nothing shorter is a text that runs or writes something. */
const minTextCharacters = 12;

/** One event's commands; a line that repeats more of them is made to cost time. */
const maxCommands = 100;

/** Texts inside texts: `ssh host "sudo su -c '…'"` is three deep. */
const maxDepth = 6;

/** They only show or store their arguments, unless what they write is piped into a shell. */
const showsText = new Set([
  ...[
    'echo',
    'printf',
    'cat',
    'grep',
    'egrep',
    'fgrep',
    'rg',
    'ls',
    'which',
    'type',
    'man',
    'help',
  ],
  ...[
    ':',
    'true',
    'false',
    'test',
    '[',
    '[[',
    'for',
    'case',
    'select',
    'logger',
    'sed',
    'awk',
    'head',
    'tail',
    'wc',
  ],
  ...['cp', 'mv', 'rm', 'mkdir', 'touch', 'chmod', 'chown', 'cd', 'git', 'pip', 'less', 'tee'],
  ...[
    'curl',
    'wget',
    'mail',
    'vi',
    'vim',
    'nano',
    'diff',
    'sort',
    'basename',
    'dirname',
    'read',
    'trap',
    'complete',
  ],
]);

/** They run the command behind them. */
const runners = new Set([
  ...['sudo', 'env', 'timeout', 'nice', 'ionice', 'nohup', 'command', 'builtin', 'exec', 'time'],
  ...['xargs', 'stdbuf', 'setsid', 'gosu', 'doas', 'unbuffer', 'chronic'],
]);

/** Whether the program that runs in the end only shows or stores what it is given. */
function onlyShows(words: readonly ShellWord[]): boolean {
  let at = 0;
  let isRun = false;
  for (; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (runners.has(baseName(text))) isRun = true;
    else if (!isRun || !/^-|^\d+[a-z]?$|^\w+=/.test(text)) break;
    // An option's value, as in `sudo -u airflow`.
    else if (/^-[ugnIksPL]$/.test(text)) at += 1;
  }
  return showsText.has(baseName(words[at]?.text));
}

const shells = /^(?:ba|z|da|a|k|mk)?sh$/;

/** Without one of these there is nothing to find; most texts have none. */
const mayHoldCommand = /users|roles|role|-perm|permissions-cleanup|fab|ab_/i;

class EchoReader {
  readonly #echo: EchoedCommand;
  readonly #found: PrivilegeCommand[] = [];

  constructor(echo: EchoedCommand) {
    this.#echo = echo;
  }

  read(): readonly PrivilegeCommand[] {
    const { argv, shellText, statement, failed } = this.#echo;
    if (argv !== undefined) {
      this.#command(commandOf(argv), 0);
    }
    if (shellText !== undefined) this.#shell(shellText, 0);
    if (statement !== undefined) this.#sql(statement);
    // A shell's exit status is its last command's: `grant; false` fails and has granted.
    const isCertain = argv === undefined || !shells.test(baseName(argv[0]));
    return failed && isCertain
      ? this.#found.map((command) => ({ ...command, failed: true }))
      : this.#found;
  }

  /** @returns the commands of the text; none of one that cannot hold what is looked for */
  #shell(text: string, depth: number): readonly ShellCommand[] {
    if (depth > maxDepth || !mayHoldCommand.test(text)) return [];
    const commands = readShellCommands(text);
    for (const command of commands) this.#command(command, depth);
    return commands;
  }

  #command(command: ShellCommand, depth: number): void {
    const { words, input, feeds, silenced } = command;
    const [program] = words;
    if (program === undefined) return;
    // Hostile texts are made of thousands of such.
    if (words.length === 1 && input.length === 0 && program.text.length < minTextCharacters) return;
    if (onlyShows(words)) {
      if (feeds === undefined || onlyShows(feeds.words)) return;
      const text = [...words.slice(1).map((word) => word.text), ...input].join('\n');
      if (isShell(feeds)) this.#shell(text, depth + 1);
      else this.#sql(text);
      return;
    }
    const own = readAirflowCommand(words);
    if (own !== undefined) {
      this.#found.push(...own.map((found) => (silenced ? { ...found, silenced } : found)));
      return;
    }
    // What Airflow's other commands are given, a DAG's configuration say, is run by nobody.
    if (isAirflow(program) && !program.dynamic) return;
    const runsShell = isShell(command);
    for (const { text } of words) {
      if (text.length < minTextCharacters) continue;
      const commands = /\s/.test(text) ? this.#shell(text, depth + 1) : [];
      if (!(runsShell && onlyShow(commands))) this.#otherText(text, depth);
    }
    for (const text of input) {
      if (runsShell) this.#shell(text, depth + 1);
      else this.#otherText(text, depth);
    }
  }

  /** SQL for a database's client, or `subprocess.run(['airflow', …])` for Python. */
  #otherText(text: string, depth: number): void {
    this.#sql(text);
    const list = /\[\s*['"](?:\S*\/)?(?:airflow|flask|\*\*\*)['"]/.exec(text);
    const argv = list === null || depth >= maxDepth ? undefined : readPythonList(text, list.index);
    if (argv !== undefined) this.#command(commandOf(argv.items), depth + 1);
  }

  #sql(text: string): void {
    for (const object of tablesWritten(text)) {
      if (!this.#found.some((command) => command.object === object)) {
        this.#found.push({ verb: 'write-metadata-tables', object });
      }
    }
  }
}

/** Linux runs no program with a longer argument (MAX_ARG_STRLEN, in bytes). */
const maxArgument = 131_072;

function commandOf(argv: readonly string[]): ShellCommand {
  const words = argv.map((text) => ({ text: text.slice(0, maxArgument), dynamic: false }));
  return { words, input: [], silenced: false };
}

/** Whether a shell's text runs nothing but `echo`, `git commit` and the like. */
function onlyShow(commands: readonly ShellCommand[]): boolean {
  return (
    commands.length > 0 &&
    commands.every(({ words, feeds }) => onlyShows(words) && (!feeds || onlyShows(feeds.words)))
  );
}

function isShell({ words }: ShellCommand): boolean {
  return words.some((word) => shells.test(baseName(word.text)));
}

function baseName(path: string | undefined): string {
  return path?.slice(path.lastIndexOf('/') + 1) ?? '';
}

/** Subcommands that no other program has. */
const ownSubcommands = new Set([
  ...['add-role', 'remove-role', 'add-perms', 'del-perms', 'sync-perm', 'permissions-cleanup'],
]);

const verbs: Readonly<Record<string, string>> = {
  'users add-role': 'grant-role',
  'users remove-role': 'revoke-role',
  'users create': 'create-user',
  'users delete': 'delete-user',
  'users import': 'import-users',
  'users reset-password': 'reset-password',
  'users update': 'change-user',
  'roles create': 'create-role',
  'roles delete': 'delete-role',
  'roles import': 'import-roles',
  'roles update': 'change-role',
  'roles add-perms': 'add-permissions',
  'roles del-perms': 'remove-permissions',
  'fab create-admin': 'create-user',
  'fab create-user': 'create-user',
  'fab reset-password': 'reset-password',
  'fab import-roles': 'import-roles',
  'fab-db migrate': 'change-metadata-schema',
  'fab-db downgrade': 'change-metadata-schema',
  'fab-db reset': 'change-metadata-schema',
};

const loneVerbs = new Map([
  ['sync-perm', 'sync-permissions'],
  ['permissions-cleanup', 'clean-up-permissions'],
]);

/** `airflow`, what the secrets masker makes of it, Flask's and the REST client's; or a variable. */
function isAirflow({ text, dynamic }: ShellWord): boolean {
  return dynamic || /^(?:airflow|airflowctl|flask|\*\*\*)$/.test(baseName(text));
}

function isFlaskProgram({ text }: ShellWord): boolean {
  return baseName(text) === 'flask';
}

/**
 * Reads `airflow users add-role …` wherever it begins among the words: what stands before it only
 * runs it.
 *
 * @returns undefined when no privilege command is there, none of them for a help text
 */
function readAirflowCommand(words: readonly ShellWord[]): readonly PrivilegeCommand[] | undefined {
  const flaskAt = words.findIndex(isFlaskProgram);
  for (const [at, { text: group, dynamic }] of words.entries()) {
    const program = words[at - 1];
    const sub = words[at + 1];
    // Flask has options of its own in front: `flask --app airflow.www.app fab …`.
    const isFlask = group === 'fab' && flaskAt >= 0 && flaskAt < at;
    const isKnown = isFlask || (program !== undefined && isAirflow(program));
    const loneVerb = isKnown ? loneVerbs.get(group) : undefined;
    if (loneVerb !== undefined) {
      return command(loneVerb, unknownSubjects, words.slice(at + 1));
    }
    if (sub === undefined) continue;
    const rest = () => words.slice(at + 2);
    if (/^(?:users|roles|fab|fab-db)$/.test(group)) {
      const verb = verbs[`${group} ${sub.text}`];
      if (verb !== undefined && (isKnown || ownSubcommands.has(sub.text))) {
        return command(verb, subjectsOf(group, sub.text), rest());
      }
      if (sub.dynamic && isKnown) return command(undefined, subjectsOf(group, ''), rest());
    } else if (dynamic && isKnown && ownSubcommands.has(sub.text)) {
      const name = /perms$/.test(sub.text) ? 'roles' : 'users';
      return command(verbs[`${name} ${sub.text}`], subjectsOf(name, sub.text), rest());
    }
  }
  return undefined;
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

/** Where a command names its user and role. */
interface Subjects {
  readonly options: readonly OptionSpec[];
  readonly positionalIsRole: boolean;
  readonly fixedRole?: string;
}

const unknownSubjects: Subjects = { options: [], positionalIsRole: false };

function subjectsOf(group: string, sub: string): Subjects {
  if (group === 'users') return { options: userOptions, positionalIsRole: false };
  if (group === 'roles') {
    return { options: permissionOptions, positionalIsRole: sub !== 'import' };
  }
  if (group === 'fab' && sub !== 'import-roles') {
    return {
      options: userOptions,
      positionalIsRole: false,
      ...(sub === 'create-admin' ? { fixedRole: 'Admin' } : {}),
    };
  }
  return unknownSubjects;
}

function command(
  verb: string | undefined,
  { options, positionalIsRole, fixedRole }: Subjects,
  words: readonly ShellWord[],
): readonly PrivilegeCommand[] {
  const { values, positional, asksForHelp } = readOptions(words, options);
  if (asksForHelp) return [];
  const value = (name: string) => literal(values.get(name));
  const target = value('username') ?? value('email');
  const named = positional.length === 1 ? literal(positional[0]) : undefined;
  const role = positionalIsRole ? named : (value('role') ?? fixedRole);
  return [
    {
      ...(verb === undefined ? {} : { verb }),
      ...(target === undefined ? {} : { target }),
      ...(role === undefined ? {} : { role }),
    },
  ];
}

/** What a word says for certain: not a variable, a placeholder of xargs or of a help text. */
function literal(word: ShellWord | undefined): string | undefined {
  if (word === undefined || word.dynamic || /^(?:|\{\}|<.*>|%s)$/.test(word.text)) return undefined;
  return word.text;
}
