import type { WordExpansion } from './expand-words.ts';
import { readShell } from './read-shell.ts';
import { type Redirected, readRedirections } from './redirections.ts';
import { filesOfSed } from './sed-call.ts';
import { applyBuiltin } from './shell-builtins.ts';
import type { CommandWord, ShellCommand } from './shell-command.ts';
import { ShellFunctions } from './shell-functions.ts';
import { onlyShows, programName, runProgram } from './shell-programs.ts';
import type { Carrier, ShellState } from './shell-state.ts';
import {
  literalText,
  type ShellGroup,
  type SyntaxCommand,
  type SyntaxWord,
} from './shell-syntax.ts';
import { shownOutput } from './shown-output.ts';
import { TextFlow } from './text-flow.ts';

/**
 * Reads a shell text and follows what flows through it: variables, what commands write into each other and
 * into files. Commands that only show what they are given are not told; their output arrives where it
 * flows to, and what flows nowhere else than to the log is shown and no more.
 *
 * @param state what is known before, and what the text's commands make of it
 * @param take is told each other command, in the order of the text; says whether it is one that was looked
 *   for
 * @returns whether a command was told
 */
export function followShell(
  text: string,
  state: ShellState,
  take: (command: ShellCommand) => boolean,
): boolean {
  return new ShellFollower(text, state, take).run();
}

class ShellFollower {
  readonly #state: ShellState;
  readonly #take: (command: ShellCommand) => boolean;
  readonly #commands: readonly SyntaxCommand[];
  readonly #flow: TextFlow;
  readonly #ends = new Map<ShellGroup, ShellGroup>();
  readonly #functions: ShellFunctions;
  #hasTold = false;

  constructor(text: string, state: ShellState, take: (command: ShellCommand) => boolean) {
    const { commands, functions, isCutShort } = readShell(text);
    this.#state = state;
    this.#take = take;
    this.#commands = commands;
    this.#flow = new TextFlow(state);
    this.#functions = new ShellFunctions(functions);
    for (const name of functions.keys()) state.redefined.add(name);
    if (isCutShort) state.isCutShort = true;
  }

  run(): boolean {
    // What reads from `>(…)` stands before the command that writes to it.
    const late: SyntaxCommand[] = [];
    for (const command of this.#commands) {
      if (this.#endOf(command.group).kind === 'process-input') late.push(command);
      else this.#follow(command);
    }
    for (const command of late) this.#follow(command);
    return this.#hasTold;
  }

  #follow(command: SyntaxCommand): void {
    const inFunction = this.#functions.around(command.group);
    const expansion = this.#flow.expansion(inFunction !== undefined);
    const separators = this.#state.variables.get('IFS');
    this.#assign(command, expansion);
    const redirected = readRedirections(command.redirections, expansion, this.#state);
    const isKept = command.assignments.length > 0 || redirected.goals.length > 0;
    if (inFunction !== undefined && isKept) this.#functions.markDoing(inFunction);
    if (command.words.length === 0) {
      // `$(<file)` is the file's text.
      const text = redirected.input.join('\n');
      if (command.assignments.length === 0) {
        this.#flow.deliver(command, { text, dynamic: false }, []);
      }
      return;
    }
    const [program] = command.words;
    if (redirected.goals.length > 0 && command.words.length === 1 && isExec(program)) {
      command.group.redirections.push(...command.redirections);
      return;
    }
    const isDeclaration = declarations.has(literalText(program ?? []) ?? '');
    let isFirst = true;
    for (const written of expansion.combinations(command.words, isDeclaration)) {
      const words = this.#withAliases(written);
      if (words.length === 0) continue;
      const input = isFirst ? this.#flow.inputOf(command, redirected.input, words) : [];
      isFirst = false;
      this.#run(command, words, input, redirected, expansion.carriers);
    }
    // `IFS=, read a b` is for this one command.
    if (command.assignments.some(({ name }) => name === 'IFS')) {
      if (separators === undefined) this.#state.variables.delete('IFS');
      else this.#state.variables.set('IFS', separators);
    }
  }

  #assign(command: SyntaxCommand, expansion: WordExpansion): void {
    const { assignments, words } = command;
    const isUncertain = assignments.length > 0 && this.#mayNotRun(command);
    for (const { name, appends, isArray, words: values } of assignments) {
      const texts = isArray
        ? values.flatMap((value) => expansion.words(value))
        : values.map((value) => expansion.text(value));
      const dynamic = isUncertain || texts.some((text) => text.dynamic);
      const members = texts.map(({ text }) => text);
      const text = members.join(' ');
      if (appends) this.#state.append(name, text, dynamic, isArray ? members : undefined);
      else this.#state.set(name, { texts: [text], dynamic, ...(isArray ? { members } : {}) });
      if (words.length > 0) this.#export(name);
    }
  }

  #export(name: string): void {
    for (const carrier of this.#state.variables.get(name)?.carriers ?? [])
      carrier.isExported = true;
  }

  #withAliases(words: CommandWord[]): CommandWord[] {
    const { at } = runProgram(words);
    const program = words[at];
    if (program === undefined || program.dynamic) return words;
    const alias = this.#state.aliases.get(programName(program.text));
    return alias === undefined ? words : [...words.slice(0, at), ...alias, ...words.slice(at + 1)];
  }

  #run(
    command: SyntaxCommand,
    words: readonly CommandWord[],
    input: readonly string[],
    redirected: Redirected,
    carriers: ReadonlySet<Carrier>,
  ): void {
    const state = this.#state;
    const [program = { text: '', dynamic: true }] = words;
    const isFunction = !program.dynamic && this.#functions.onlyShows(program.text, state);
    const isSettled = applyBuiltin(words, input, state);
    const isDisplay = isSettled || isFunction || onlyShows(words, state);
    if (program.text === 'unset') for (const { text } of words) this.#functions.markDoing(text);
    const inFunction = this.#functions.around(command.group);
    if (inFunction !== undefined && !(isDisplay && (!isSettled || program.text === 'local'))) {
      this.#functions.markDoing(inFunction);
    }
    for (const carrier of carriers) {
      if (isDisplay) carrier.isShown = true;
      else carrier.isUsed = true;
    }
    if (isDisplay) {
      if (isSettled) return;
      const output = shownOutput(words, input);
      const written = isFunction ? this.#flow.outputOfFunction(program.text) : undefined;
      if (written !== undefined) this.#flow.deliver(command, written, redirected.goals);
      if (programName(words[0]?.text) === 'tee') {
        if (inFunction !== undefined) this.#functions.markDoing(inFunction);
        this.#tee(words, output.text);
      }
      if (programName(words[runProgram(words).at]?.text) === 'sed') {
        const args = words.slice(runProgram(words).at + 1).map(({ text }) => text);
        for (const file of filesOfSed(args)) this.#flow.write(file, { ...output, dynamic: false });
      }
      this.#flow.deliver(command, output, redirected.goals);
      return;
    }
    const called = this.#flow.outputOfFunction(program.text);
    if (called !== undefined) this.#flow.deliver(command, called, redirected.goals);
    this.#hasTold = true;
    this.#take({
      words,
      input,
      silenced: redirected.silenced || !this.#isPipedToLog(command),
      outputIsAway: redirected.outputIsAway,
      ...(redirected.isInputChanged || this.#flow.isChanged(command)
        ? { isInputChanged: true }
        : {}),
      ...(state.redefined.has(programName(words[runProgram(words).at]?.text))
        ? { isRedefined: true }
        : {}),
    });
  }

  #tee(words: readonly CommandWord[], text: string): void {
    for (const word of words.slice(1)) {
      if (!word.text.startsWith('-')) this.#flow.write(word.text, { text, dynamic: false });
    }
  }

  /** Airflow prints some failures and raises others: a command shows its failure only where both are logged. */
  #isPipedToLog({ feeds }: SyntaxCommand): boolean {
    if (feeds === undefined) return true;
    return feeds.kind === 'command' && programName(literalText(feeds.words[0] ?? [])) === 'tee';
  }

  /** The substitution, function or text that a group is in. */
  #endOf(group: ShellGroup): ShellGroup {
    const passed: ShellGroup[] = [];
    let at = group;
    let end = this.#ends.get(at);
    while (end === undefined) {
      passed.push(at);
      const isEnd =
        at.kind === 'output' || at.kind.startsWith('process') || at.parent === undefined;
      if (isEnd || at.functionName !== undefined) end = at;
      else {
        at = at.parent as ShellGroup;
        end = this.#ends.get(at);
      }
    }
    for (const each of passed) this.#ends.set(each, end);
    return end;
  }

  /** Whether a variable may not get the value: in a branch, a loop, a function, a shell of its own. */
  #mayNotRun({ isConditional, group }: SyntaxCommand): boolean {
    let at = group;
    while (at.kind === 'braces' && at.functionName === undefined && at.parent) at = at.parent;
    return isConditional || at.kind !== 'text';
  }
}

/** Their arguments are not split. */
const declarations = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** `exec > file` sends there what follows writes. */
function isExec(program: SyntaxWord | undefined): boolean {
  return literalText(program ?? []) === 'exec';
}
