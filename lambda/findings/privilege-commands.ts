import { isAirflow, readAirflowCommand } from './airflow-command.ts';
import { type EchoedCommand, echoedCommands } from './echoed-commands.ts';
import { readPythonList } from './log-text.ts';
import { mask } from './masked-text.ts';
import { joinTables, tablesWritten } from './metadata-sql.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { readShellCommands } from './read-shell-commands.ts';
import { actionLogCommands, endpointCommands, restCommands } from './remote-commands.ts';
import type { ShellCommand } from './shell-command.ts';
import { allOnlyShow, isShell, onlyShows, runsShell } from './shell-programs.ts';

/**
 * Every command of an echo that changes Airflow's privileges: Airflow's and Flask's command line
 * behind whatever runs it (`sudo`, `xargs`, `bash -c "…"`, a loop), and SQL on the metadata tables.
 *
 * An echo is BashOperator's `Running command: […]`, the `Command '[…]' returned non-zero exit status`
 * of Python's subprocess, a line of `set -x`, or a statement that a database operator announces. Help
 * texts, prose and what `echo` or `grep` are given are none.
 *
 * Every command of an event of any length is read, in time linear in the length. A text that is
 * nested too deep to be read becomes one `unread` command.
 *
 * @param texts those of the event ({@link textsOf})
 */
export function readPrivilegeCommands(texts: readonly string[]): readonly PrivilegeCommand[] {
  const found = new Map<string, PrivilegeCommand>();
  const add = (command: PrivilegeCommand, prompted?: true) => {
    const key = JSON.stringify(command);
    if (prompted !== true) found.set(key, command);
    else if (!found.has(key)) found.set(key, { ...command, prompted });
  };
  for (const text of texts) {
    for (const echo of [
      ...echoedCommands(text),
      ...endpointCommands(text),
      ...actionLogCommands(text),
    ]) {
      for (const command of new EchoReader(echo).read()) add(command, echo.prompted);
    }
    for (const command of restCommands(text)) add(command);
  }
  return [...found.values()];
}

/** `copy ab_role x`: nothing shorter is a text that runs or writes something. */
const minTextCharacters = 12;

/**
 * Texts inside texts: `ssh host "sudo su -c '…'"` is three deep. Each level costs one more pass over
 * the text, so that without a bound the work could grow with the square of its length.
 */
const maxDepth = 6;

/** Without one of these there is nothing to find; most texts have none. */
const mayHoldCommand = /users|roles|role|-perm|permissions-cleanup|fab|ab_|\*{3}/i;

/** A Python list of words that begins with Airflow's program. */
const airflowList = /\[\s{0,20}['"](?:[^\s'"]*\/)?(?:airflow|flask|\*\*\*)['"]/g;

class EchoReader {
  readonly #echo: EchoedCommand;
  readonly #found: PrivilegeCommand[] = [];
  readonly #tables = new Set<string>();
  /** A text that may hold a command is nested too deep to be read. */
  #isCutShort = false;

  constructor(echo: EchoedCommand) {
    this.#echo = echo;
  }

  read(): readonly PrivilegeCommand[] {
    const { argv, shellText, statement, printed, failed } = this.#echo;
    if (argv !== undefined) this.#command(commandOf(argv), 0);
    if (shellText !== undefined) this.#shell(shellText, 0);
    if (statement !== undefined) this.#sql(statement, { isSql: true });
    if (printed !== undefined) this.#sql(printed);
    if (this.#tables.size > 0) {
      this.#found.push({ verb: 'write-metadata-tables', object: joinTables([...this.#tables]) });
    }
    // A shell's exit status is its last command's: `grant; false` fails and has granted.
    const isCertain = argv === undefined || !isShell(argv[0]);
    const found =
      failed && isCertain
        ? this.#found.map((command) => ({ ...command, failed: true }))
        : this.#found;
    return this.#isCutShort ? [...found, { unread: true }] : found;
  }

  /** @returns the commands of the text; none of one that cannot hold what is looked for */
  #shell(text: string, depth: number): readonly ShellCommand[] {
    if (!mayHoldCommand.test(text)) return [];
    if (depth > maxDepth) {
      this.#isCutShort = true;
      return [];
    }
    const commands = readShellCommands(text);
    for (const command of commands) this.#command(command, depth);
    return commands;
  }

  #command(command: ShellCommand, depth: number): void {
    const { words, input } = command;
    const silenced = isSilenced(command);
    const [program] = words;
    if (program === undefined) return;
    // Hostile texts are made of thousands of such.
    if (words.length === 1 && input.length === 0 && program.text.length < minTextCharacters) return;
    if (onlyShows(command)) {
      this.#shownText(command, depth);
      return;
    }
    const own = readAirflowCommand(words);
    if (own !== undefined) {
      this.#found.push(...own.map((found) => (silenced ? { ...found, silenced } : found)));
      return;
    }
    // What Airflow's other commands are given, a DAG's configuration say, is run by nobody.
    // What is masked may be a shell as well.
    if (isAirflow(program) && !program.dynamic && !program.text.includes(mask)) return;
    this.#arguments(command, depth);
  }

  /** What `echo` and the like write counts where another program reads it. */
  #shownText({ words, input, feeds }: ShellCommand, depth: number): void {
    if (feeds === undefined || onlyShows(feeds)) return;
    const text = [...words.slice(1).map((word) => word.text), ...input].join('\n');
    if (runsShell(feeds.words)) this.#shell(text, depth + 1);
    else this.#sql(text);
  }

  /** What another program is given may hold commands: a shell's text, SQL, a Python list. */
  #arguments({ words, input }: ShellCommand, depth: number): void {
    const isForShell = runsShell(words);
    for (const { text } of words) {
      if (text.length < minTextCharacters) continue;
      const commands = /\s/.test(text) ? this.#shell(text, depth + 1) : [];
      if (!(isForShell && allOnlyShow(commands))) this.#otherText(text, depth);
    }
    for (const text of input) {
      if (isForShell) this.#shell(text, depth + 1);
      else this.#otherText(text, depth);
    }
  }

  /** SQL for a database's client, or `subprocess.run(['airflow', …])` for Python. */
  #otherText(text: string, depth: number): void {
    this.#sql(text);
    let end = 0;
    for (const { index } of text.matchAll(airflowList)) {
      if (index < end) continue;
      if (depth >= maxDepth) {
        this.#isCutShort = true;
        return;
      }
      const argv = readPythonList(text, index);
      if (argv === undefined) continue;
      end = argv.end;
      this.#command(commandOf(argv.items), depth + 1);
    }
  }

  #sql(text: string, options?: { readonly isSql: boolean }): void {
    for (const table of tablesWritten(text, options)) this.#tables.add(table);
  }
}

function commandOf(argv: readonly string[]): ShellCommand {
  const words = argv.map((text) => ({ text, dynamic: false }));
  return { words, input: [], silenced: false, outputIsAway: false };
}

/** Airflow prints some failures and raises others: a command shows its failure only where both are logged. */
function isSilenced({ silenced, outputIsAway, feeds }: ShellCommand): boolean {
  const isShown = feeds === undefined || /(?:^|\/)tee$/.test(feeds.words[0]?.text ?? '');
  return silenced || outputIsAway || !isShown;
}
