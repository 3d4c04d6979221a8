import { followShell } from '../shell/follow/follow-shell.ts';
import {
  canRunPrograms,
  givesCode,
  isCommandEndpoint,
  isLanguage,
  isShell,
  isSqlClient,
  programName,
  runProgram,
  runsFromSql,
  runsShell,
} from '../shell/follow/shell-programs.ts';
import { type CommandWord, type ShellCommand, ShellState } from '../shell/follow/shell-state.ts';
import { withXargsInput } from '../shell/follow/xargs.ts';
import { joinTables, storedStatements, tablesWritten, withoutStored } from '../sql/metadata-sql.ts';
import { readPythonList } from '../text/log-text.ts';
import {
  type AirflowMention,
  airflowMention,
  hasHiddenWays,
  onlyMentions,
  readsItself,
  wholeCommands,
} from '../text/privilege-phrase.ts';
import {
  hasChangedArguments,
  isAirflowItself,
  isOpen,
  isPlainProgram,
  mayComplete,
  readAirflowCommand,
  scriptsFrom,
} from './airflow-command.ts';
import type { EchoedCommand } from './echoed-commands.ts';
import {
  holdsChangedCommand,
  isLeftOver,
  mayBeAirflow,
  mayBecomeCommand,
  mayHideCommand,
} from './hidden-command.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { endpointCommands } from './remote-commands.ts';

/** `copy ab_role x`: no shorter text runs or writes anything. */
const minTextCharacters = 12;

/**
 * Texts inside texts: `ssh host "sudo su -c '…'"` is three deep. Each level costs one more pass
 * over the text: without a bound the work would grow with the square of its length.
 */
const maxDepth = 6;

/** The budget for what variables and files add to commands, per character of the echo. */
const charactersPerCharacter = 16;

/** Stored texts that are removed from the texts around them: each costs a search. */
const maxStored = 20;

/** A text without any of these holds no command; most texts have none. */
const mayHoldCommand =
  /users|roles|role|perm|fab|ab_|\$|`|\*|\w['"\\]{1,2}\w|\w[?\]]|\w\{[\w-]{0,12}(?:,|\.\.)|[?[]\w|\w\\\n\w|\\[xuUN0-7]|[%&][2-7#]/i;

/** The beginning of a Python list whose first word is Airflow's program. */
const airflowList = /\[\s{0,20}['"](?:[^\s'"]*\/)?(?:airflow|flask|\*\*\*)['"]/g;

/**
 * Reads the privilege commands of one echo.
 *
 * A text that has the words of such a command but cannot be read as one is not skipped: if the echo
 * mentions Airflow, and a program that does more than show gets these words, they count as a
 * command without a verb.
 */
export class EchoReader {
  readonly #echo: EchoedCommand;
  readonly #found: PrivilegeCommand[] = [];
  readonly #tables = new Set<string>();
  /** SQL that only stores its strings: these are no statements in the script around it either. */
  readonly #stored = new Set<string>();
  readonly #state: ShellState;
  readonly #mention: AirflowMention;
  readonly #readsItself: boolean;
  /** A text that may hold a command is nested too deep to be read. */
  #isCutShort = false;
  /** The words of a command were given to something that may run them. */
  #hasUnnamed = false;
  /** How many commands and tables were found, repeated ones included. */
  #hits = 0;
  /** A program may have changed the text that is being read. */
  #isChanged = false;
  /** Only the shell knows which program runs, or which of Airflow's commands. */
  #hasOpenCommand = false;
  /** Only the shell knows the arguments of Airflow's program. */
  #hasOpenArguments = false;
  /** A program runs that may read variables and files. */
  #runsPrograms = false;
  /** A shell runs a file whose name is not known. */
  #runsAnyFile = false;

  constructor(echo: EchoedCommand) {
    this.#echo = echo;
    const text = textOf(echo);
    this.#mention = airflowMention(text);
    this.#state = this.#newState(text);
    this.#readsItself = readsItself(text);
    this.#state.hasHiddenWays = this.#readsItself || hasHiddenWays(text);
  }

  read(): readonly PrivilegeCommand[] {
    const { argv, shellText, statement, printed, failed, isTrace } = this.#echo;
    if (argv !== undefined) this.#command(commandOf(argv), 0, this.#state);
    if (shellText !== undefined) this.#shell(shellText, 0, this.#state);
    if (statement !== undefined) this.#sql(statement, { isSql: true });
    if (printed !== undefined) this.#sql(printed);
    if (this.#tables.size > 0) {
      this.#found.push({ verb: 'write-metadata-tables', object: joinTables([...this.#tables]) });
    }
    const readers = {
      mention: this.#mention,
      hasHiddenWays: this.#state.hasHiddenWays,
      runsPrograms: this.#runsPrograms,
      runsAnyFile: this.#runsAnyFile,
    };
    if (this.#state.carriers.some((each) => isLeftOver(each, readers))) this.#hasUnnamed = true;
    const text = textOf(this.#echo);
    // `shopt -s extglob; airflow @(users) create`: patterns with parentheses are not read.
    const isOpen = this.#readsItself || this.#hasOpenCommand || text.includes('extglob');
    if (isOpen && this.#hits === 0) {
      this.#hasUnnamed ||= mayBecomeCommand(text, this.#mention, this.#hasOpenArguments);
    }
    // A shell exits with the status of its last command: `grant; false` fails, but has granted.
    const isCertain = argv === undefined || !isShell(argv[0]);
    const found =
      failed && isCertain
        ? this.#found.map((command) => ({ ...command, failed: true }))
        : this.#found;
    const isCutShort = this.#isCutShort || (this.#state.isCutShort && this.#mention !== undefined);
    return [
      ...found,
      // A trace repeats each command that ran in a line of its own.
      ...(this.#hasUnnamed && isTrace !== true ? [{}] : []),
      ...(isCutShort ? [{ unread: true } as const] : []),
    ];
  }

  #newState(text: string): ShellState {
    return new ShellState(charactersPerCharacter * (text.length + 1_000));
  }

  /** @returns whether something was found in the text */
  #shell(text: string, depth: number, state: ShellState): boolean {
    if (!mayHoldCommand.test(text)) return false;
    if (depth > maxDepth) {
      this.#isCutShort = true;
      return false;
    }
    const hits = this.#hits;
    followShell(text, state, (command) => this.#command(command, depth, state));
    return this.#hits > hits;
  }

  /** @returns whether something was found in the command, its arguments or its input */
  #command(command: ShellCommand, depth: number, state: ShellState): boolean {
    const { words, input } = command;
    const [program] = words;
    if (program === undefined) return false;
    // A hostile text may hold thousands of these.
    if (words.length === 1 && input.length === 0 && program.text.length < minTextCharacters) {
      this.#runsPrograms = true;
      if (program.dynamic) this.#hasOpenCommand = true;
      return false;
    }
    const hits = this.#hits;
    for (const given of withXargsInput(command, state)) {
      // The input of xargs is now among the words; the program it runs reads none of it.
      const left = given === words ? input : [];
      this.#one({ ...command, words: given, input: left }, depth, state);
    }
    return this.#hits > hits;
  }

  #one(command: ShellCommand, depth: number, state: ShellState): void {
    const { words, silenced, outputIsAway } = command;
    const own = readAirflowCommand(words, mayBeAirflow(command, state, this.#mention));
    if (own !== undefined) {
      const isSilenced = silenced || outputIsAway;
      this.#found.push(...own.map((each) => (isSilenced ? { ...each, silenced: true } : each)));
      this.#hits += own.length;
      return;
    }
    if (isOpen(words)) {
      this.#hasOpenCommand = true;
      this.#hasOpenArguments ||= isAirflowItself(words);
    }
    // Airflow's other commands do not run their arguments, such as a DAG's configuration.
    if (isAirflowItself(words)) {
      if (hasChangedArguments(words)) this.#addUnnamed();
      return;
    }
    const hits = this.#hits;
    const unread = this.#arguments(command, depth, state);
    const isHidden =
      this.#hits === hits &&
      mayHideCommand(command, unread, state, {
        mention: this.#mention,
        isChanged: this.#isChanged,
      });
    if (isHidden) this.#addUnnamed();
  }

  #addUnnamed(): void {
    this.#hasUnnamed = true;
    this.#hits += 1;
  }

  /**
   * Reads what another program gets: its arguments and input may hold a shell's text, SQL or a
   * Python list.
   *
   * @returns those of them that were not read as a shell would read them
   */
  #arguments(command: ShellCommand, depth: number, state: ShellState): readonly string[] {
    const { words, input } = command;
    const { at } = runProgram(words);
    const name = programName(words[at]?.text);
    const isForShell = runsShell(words);
    const unread: string[] = [];
    if (isForShell && words.slice(at + 1).some((word) => word.dynamic || word.isPattern)) {
      this.#runsAnyFile = true;
    }
    if (isLanguage(name)) {
      const rest = words.slice(at + 1);
      const given = rest.map(({ text }) => text);
      if (!canRunPrograms([...given, ...input].join('\n'))) {
        if (!givesCode(name, rest)) this.#runsPrograms = true;
        // A program in a file may run its arguments unchanged.
        for (const text of wholeCommands(given)) this.#shell(text, depth + 1, this.#scratch(state));
        return [];
      }
    }
    const isSql =
      isSqlClient(name) &&
      command.isRedefined !== true &&
      isPlainProgram(words, state) &&
      !runsFromSql([...words.map(({ text }) => text), ...input]);
    if (name === 'eval') {
      const text = words
        .slice(at + 1)
        .map((word) => word.text)
        .join(' ');
      const isChanged = words.some((word) => word.dynamic);
      this.#nested(text, words, { at, isChanged }, depth, state);
      return input;
    }
    const isCompleted = mayComplete(command);
    const scriptFrom = scriptsFrom(words, at);
    const isSent = words.some(({ text }) => isCommandEndpoint(text));
    for (const [index, { text, dynamic: isChanged }] of words.entries()) {
      // A script without spaces uses `$IFS` or braces, or another program inserts the spaces.
      const mayBeScript = isForShell
        ? /[\s${]/.test(text) || (isChanged && scriptFrom >= 0 && index > scriptFrom)
        : /\s/.test(text);
      const isText = text.length >= minTextCharacters && mayBeScript;
      if (isText && isForShell) {
        const script = name === 'alias' ? text.slice(text.indexOf('=') + 1) : text;
        if (this.#nested(script, words, { at: index, isChanged }, depth, state)) continue;
      } else {
        const isSaid =
          isText && (isSql || (!isCompleted && !this.#isChanged && onlyMentions(text)));
        if (!isSaid) unread.push(text);
        if (!isForShell || (index > at && !text.startsWith('-'))) this.#runsPrograms = true;
        const [hits, hadUnnamed] = [this.#hits, this.#hasUnnamed];
        this.#otherTextOf(text, depth, state);
        const found = this.#hits > hits;
        // A command for MWAA's endpoint lacks the program's name; it is read below.
        if (isText && !isSent && !isSaid) this.#shell(text, depth + 1, this.#scratch(state));
        // A Python list that was read as a command is not also an unnamed one.
        if (found) this.#hasUnnamed = hadUnnamed;
        continue;
      }
      this.#otherTextOf(text, depth, state);
    }
    for (const { text } of isSent ? words : []) {
      const sent = isCommandEndpoint(text)
        ? endpointCommands(text).map(({ shellText = '' }) => shellText)
        : [`airflow ${text}`];
      for (const script of sent) this.#shell(script, depth + 1, this.#scratch(state));
    }
    for (const text of input) {
      if (isForShell) {
        const isChanged = command.isInputChanged === true;
        this.#nested(text, words, { at: words.length, isChanged }, depth, state);
      } else {
        if (!isSql) unread.push(text);
        this.#otherText(text, depth, state);
      }
    }
    return unread;
  }

  /**
   * Reads a text as the shell that gets it.
   *
   * @returns whether all of its commands only show
   */
  #nested(
    text: string,
    words: readonly CommandWord[],
    { at, isChanged }: { readonly at: number; readonly isChanged: boolean },
    depth: number,
    state: ShellState,
  ): boolean {
    const { positional } = state;
    const wasChanged = this.#isChanged;
    let onlyDisplays = true;
    if (!mayHoldCommand.test(text)) return false;
    // `bash -c '…' name first second`
    state.positional = words.slice(at + 2);
    this.#isChanged ||= isChanged;
    if (depth >= maxDepth) {
      this.#isCutShort = true;
    } else {
      const hits = this.#hits;
      onlyDisplays = !followShell(text, state, (command) =>
        this.#command(command, depth + 1, state),
      );
      // A program that changed the text may have turned a comment into a command.
      const isHidden = this.#isChanged && this.#hits === hits;
      if (isHidden && holdsChangedCommand(text, this.#mention)) this.#addUnnamed();
    }
    state.positional = positional;
    this.#isChanged = wasChanged;
    return onlyDisplays;
  }

  /** A state of its own for a text that may not be a shell's at all. */
  #scratch(state: ShellState): ShellState {
    const scratch = this.#newState('');
    scratch.hasHiddenWays = state.hasHiddenWays;
    return scratch;
  }

  /** Reads a text of another language: SQL, or Python with `subprocess.run(['airflow', …])`. */
  #otherText(text: string, depth: number, state: ShellState): void {
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
      this.#command(commandOf(argv.items), depth + 1, state);
    }
  }

  /** {@link #otherText}, unless the text is too short to hold anything. */
  #otherTextOf(text: string, depth: number, state: ShellState): void {
    if (text.length >= minTextCharacters) this.#otherText(text, depth, state);
  }

  #sql(text: string, options?: { readonly isSql: boolean }): void {
    const tables = tablesWritten(withoutStored(text, this.#stored), options);
    const isStored = tables.length === 0 && this.#stored.size < maxStored;
    if (isStored && storedStatements(text) !== undefined) this.#stored.add(text);
    for (const table of tables) {
      this.#hits += 1;
      this.#tables.add(table);
    }
  }
}

function textOf({ argv, shellText }: EchoedCommand): string {
  return shellText ?? argv?.join(' ') ?? '';
}

function commandOf(argv: readonly string[]): ShellCommand {
  const words = argv.map((text) => ({ text, dynamic: false }));
  return { words, input: [], silenced: false, outputIsAway: false };
}
