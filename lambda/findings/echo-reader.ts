import { readAirflowCommand } from './airflow-command.ts';
import type { EchoedCommand } from './echoed-commands.ts';
import { readPythonList } from './log-text.ts';
import { joinTables, tablesWritten } from './metadata-sql.ts';
import {
  hasChangedArguments,
  isAirflowItself,
  isOpaque,
  isOpen,
  isPlainProgram,
  mayComplete,
  scriptsFrom,
} from './open-command.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import {
  type AirflowMention,
  airflowMention,
  changesTexts,
  hasHiddenWays,
  holdsCommandApart,
  holdsGluedArguments,
  holdsGluedCommand,
  holdsPrivilegePhrase,
  isDocument,
  isOtherProgram,
  isScript,
  onlyMentions,
  readsItself,
  wholeCommands,
} from './privilege-phrase.ts';
import { endpointCommands } from './remote-commands.ts';
import { followShell } from './shell/follow-shell.ts';
import type { ShellCommand, ShellWord } from './shell/shell-command.ts';
import {
  canRunPrograms,
  givesCode,
  isCommandEndpoint,
  isLanguage,
  isShell,
  isSqlClient,
  onlyShows,
  programName,
  runProgram,
  runsFromSql,
  runsShell,
} from './shell/shell-programs.ts';
import { type Carrier, ShellState } from './shell/shell-state.ts';
import { handsOnCommands } from './shell/text-takers.ts';
import { withXargsInput } from './shell/xargs.ts';
import { storedStatements, withoutStored } from './stored-sql.ts';

/** `copy ab_role x`: nothing shorter is a text that runs or writes something. */
const minTextCharacters = 12;

/**
 * Texts inside texts: `ssh host "sudo su -c '…'"` is three deep. Each level costs one more pass over
 * the text, so that without a bound the work could grow with the square of its length.
 */
const maxDepth = 6;

/** What variables and files put into commands, for each character of the echo. */
const charactersPerCharacter = 16;

/** Each is looked for in the texts around it. */
const maxStored = 20;

/** Without one of these there is nothing to find; most texts have none. */
const mayHoldCommand =
  /users|roles|role|perm|fab|ab_|\$|`|\*|\w['"\\]{1,2}\w|\w[?\]]|\w\{[\w-]{0,12}(?:,|\.\.)|[?[]\w|\w\\\n\w|\\[xuUN0-7]|[%&][2-7#]/i;

/** A Python list of words that begins with Airflow's program. */
const airflowList = /\[\s{0,20}['"](?:[^\s'"]*\/)?(?:airflow|flask|\*\*\*)['"]/g;

/**
 * Reads the privilege commands of one echo.
 *
 * What holds the words of such a command and cannot be read as one is not passed over: where the text
 * speaks of Airflow and something other than a display is given these words, that is a command without a
 * name.
 */
export class EchoReader {
  readonly #echo: EchoedCommand;
  readonly #found: PrivilegeCommand[] = [];
  readonly #tables = new Set<string>();
  /** SQL that stores its strings: the script around it is no statement for them either. */
  readonly #stored = new Set<string>();
  readonly #state: ShellState;
  readonly #mention: AirflowMention;
  readonly #readsItself: boolean;
  /** A text that may hold a command is nested too deep to be read. */
  #isCutShort = false;
  /** Words of a command were given to something that may run them. */
  #hasUnnamed = false;
  /** How often something was found, once more for what was found before. */
  #hits = 0;
  /** The text that is being read was changed by a program before. */
  #isChanged = false;
  /** Which program, or which of Airflow's commands, is known to the shell alone. */
  #hasOpenCommand = false;
  /** Of Airflow's program only the shell knows what it is given. */
  #hasOpenArguments = false;
  /** Something runs that may read variables and files. */
  #runsPrograms = false;
  /** A shell runs a file whose name is not known. */
  #runsAnyFile = false;

  constructor(echo: EchoedCommand) {
    this.#echo = echo;
    const text = echo.shellText ?? echo.argv?.join(' ') ?? '';
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
    if (this.#state.carriers.some((carrier) => this.#isLeftOver(carrier))) this.#hasUnnamed = true;
    // Patterns with parentheses are not read.
    const isOpen = this.#readsItself || this.#hasOpenCommand || hasExtendedPatterns(this.#echo);
    if (isOpen && this.#hits === 0) this.#hasUnnamed ||= this.#mayBecomeCommand();
    // A shell's exit status is its last command's: `grant; false` fails and has granted.
    const isCertain = argv === undefined || !isShell(argv[0]);
    const found =
      failed && isCertain
        ? this.#found.map((command) => ({ ...command, failed: true }))
        : this.#found;
    const isCutShort = this.#isCutShort || (this.#state.isCutShort && this.#mention !== undefined);
    return [
      ...found,
      // A trace shows each command that ran as one of its own.
      ...(this.#hasUnnamed && isTrace !== true ? [{}] : []),
      ...(isCutShort ? [{ unread: true } as const] : []),
    ];
  }

  /** Whether the text of a program that is known to the shell alone can be a command. */
  #mayBecomeCommand(): boolean {
    const { argv, shellText } = this.#echo;
    const text = shellText ?? argv?.join(' ') ?? '';
    if (this.#mention === 'program' && holdsPrivilegePhrase(text)) return true;
    if (!changesTexts(text)) return false;
    return holdsGluedCommand(text) || (this.#hasOpenArguments && holdsGluedArguments(text));
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

  /** @returns whether something was found in the command or what it is given */
  #command(command: ShellCommand, depth: number, state: ShellState): boolean {
    const { words, input } = command;
    const [program] = words;
    if (program === undefined) return false;
    // Hostile texts are made of thousands of such.
    if (words.length === 1 && input.length === 0 && program.text.length < minTextCharacters) {
      this.#runsPrograms = true;
      if (program.dynamic) this.#hasOpenCommand = true;
      return false;
    }
    const hits = this.#hits;
    for (const given of withXargsInput(command, state)) {
      // What xargs has read is in the words now; the program itself reads nothing of it.
      const left = given === words ? input : [];
      this.#one({ ...command, words: given, input: left }, depth, state);
    }
    return this.#hits > hits;
  }

  #one(command: ShellCommand, depth: number, state: ShellState): void {
    const { words, silenced, outputIsAway } = command;
    const own = readAirflowCommand(words, this.#canBeUnnamed(command, state));
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
    // What Airflow's other commands are given, a DAG's configuration say, is run by nobody.
    if (isAirflowItself(words)) {
      if (hasChangedArguments(words)) this.#tellUnnamed();
      return;
    }
    const hits = this.#hits;
    const unread = this.#arguments(command, depth, state);
    if (this.#hits === hits && this.#isUnnamed(command, unread, state)) this.#tellUnnamed();
  }

  #tellUnnamed(): void {
    this.#hasUnnamed = true;
    this.#hits += 1;
  }

  /** Whether `add-role` tells that an unknown program is Airflow. */
  #canBeUnnamed(command: ShellCommand, state: ShellState): boolean {
    const { words } = command;
    if (this.#isOther(command)) return false;
    return this.#mention !== undefined || isOpaque(command) || !isPlainProgram(words, state);
  }

  #isOther({ words, isRedefined }: ShellCommand): boolean {
    const program = words[runProgram(words).at];
    const name = programName(program?.text);
    if (isRedefined === true || !isOtherProgram(name)) return false;
    const rest = words.slice(runProgram(words).at + 1).map(({ text }) => text);
    return !handsOnCommands(name, rest);
  }

  /**
   * What another program is given may hold commands: a shell's text, SQL, a Python list.
   *
   * @returns what of it was not read as a shell would read it
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
        // A program in a file may run what it is given as it is.
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
      // A script without a space is written with `$IFS` or braces, or gets its spaces on the way.
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
        // What is sent to MWAA's endpoint lacks the program's name, and is read below.
        if (isText && !isSent && !isSaid) this.#shell(text, depth + 1, this.#scratch(state));
        // The words that a Python list names need no second command without a name.
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
   * Reads a text as the shell does that it is given to.
   *
   * @returns whether nothing in it does anything but show
   */
  #nested(
    text: string,
    words: readonly ShellWord[],
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
      // What another program made of the text may not be a comment any more.
      const isHidden = this.#isChanged && this.#hits === hits;
      if (isHidden && this.#holdsChangedCommand(text)) this.#tellUnnamed();
    }
    state.positional = positional;
    this.#isChanged = wasChanged;
    return onlyDisplays;
  }

  /** Whether a text that a program changed on its way may have become a command. */
  #holdsChangedCommand(text: string): boolean {
    if (this.#mention !== undefined && holdsPrivilegePhrase(text)) return true;
    return holdsGluedCommand(text) || holdsCommandApart(text);
  }

  /** For a text that is read as a shell's and may be none. */
  #scratch(state: ShellState): ShellState {
    const scratch = this.#newState('');
    scratch.hasHiddenWays = state.hasHiddenWays;
    return scratch;
  }

  /** SQL for a database's client, or `subprocess.run(['airflow', …])` for Python. */
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

  /** {@link #otherText}, of a text that is long enough. */
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

  /** @param unread what was not read as a shell would read it */
  #isUnnamed(command: ShellCommand, unread: readonly string[], state: ShellState): boolean {
    if (onlyShows(command.words, state) || this.#isOther(command)) return false;
    const text = unread.join(' ');
    const mayChange = isOpaque(command) && changesTexts(text);
    if (mayChange && (holdsGluedCommand(text) || holdsCommandApart(text))) return true;
    if (this.#mention === undefined) return false;
    if (this.#mention === 'name' && !this.#isChanged && !isOpaque(command)) return false;
    return holdsPrivilegePhrase(text);
  }

  /** Whether a text that a variable or a file holds may get to a program on a way that was not followed. */
  #isLeftOver({ kind, text, name, isUsed, isShown, isExported }: Carrier): boolean {
    if (isUsed || this.#mention !== 'program' || !holdsPrivilegePhrase(text)) return false;
    if (kind === 'variable') {
      if (this.#state.hasHiddenWays || runByShell.test(name)) return true;
      // Its environment is read by a program that is started, and by nothing else.
      return this.#runsPrograms && (isExported || !isShown);
    }
    if (name.startsWith('/dev/fd/')) return !isShown;
    if (this.#runsAnyFile || isScript(name)) return true;
    return this.#runsPrograms && !isDocument(name);
  }
}

/** Variables that the shell itself runs or that programs are known to run. */
const runByShell =
  /^(?:PS[0-9]|PROMPT_COMMAND|BASH_ENV|ENV|\w*(?:EDITOR|PAGER|OPEN|SHELL|CMD|COMMAND))$/;

/** `shopt -s extglob; airflow @(users) create` */
function hasExtendedPatterns({ argv, shellText = argv?.join(' ') ?? '' }: EchoedCommand): boolean {
  return shellText.includes('extglob');
}

function commandOf(argv: readonly string[]): ShellCommand {
  const words = argv.map((text) => ({ text, dynamic: false }));
  return { words, input: [], silenced: false, outputIsAway: false };
}
