/**
 * The entry of this folder. Read it in this order:
 *
 * 1. `shell-syntax.ts` is what a text is read into. `read-shell.ts` reads the characters, with
 *    `shell-frames.ts` for substitutions; `shell-builder.ts` and `word-builder.ts` build commands,
 *    groups and words.
 * 2. This file follows the commands in order. `expand-words.ts` expands their words;
 *    `shell-state.ts` holds variables, files and aliases, which `shell-builtins.ts` changes.
 * 3. `shell-programs.ts` knows which programs only show their arguments, and `shell-builtins.ts` what
 *    these print; `text-flow.ts` carries that to the commands that read it.
 */

import { readShell } from '../syntax/read-shell.ts';
import {
  literalText,
  type ShellGroup,
  type SyntaxCommand,
  type SyntaxWord,
} from '../syntax/shell-syntax.ts';
import type { WordExpansion } from './expand-words.ts';
import { applyBuiltin, shownOutput } from './shell-builtins.ts';
import { onlyShows, programName, runProgram } from './shell-programs.ts';
import {
  type Carrier,
  type CommandWord,
  type ShellCommand,
  ShellFunctions,
  type ShellState,
} from './shell-state.ts';
import { type Redirected, readRedirections, TextFlow } from './text-flow.ts';
import { filesOfSed } from './text-takers.ts';

/**
 * Reads a shell text and follows the texts that flow through it: variables, pipes, files. A command
 * that only shows its arguments is not passed to `take`: its output goes on to where it is read,
 * and does no harm if that is only the log.
 *
 * @param state what is known before; the text's commands change it
 * @param take gets each other command, in the order of the text
 * @returns whether there was such a command
 */
export function followShell(
  text: string,
  state: ShellState,
  take: (command: ShellCommand) => void,
): boolean {
  return new ShellFollower(text, state, take).run();
}

class ShellFollower {
  readonly #state: ShellState;
  readonly #take: (command: ShellCommand) => void;
  readonly #commands: readonly SyntaxCommand[];
  readonly #flow: TextFlow;
  /** Results of `#endOf`. */
  readonly #ends = new Map<ShellGroup, ShellGroup>();
  readonly #functions: ShellFunctions;
  #hasTaken = false;

  constructor(text: string, state: ShellState, take: (command: ShellCommand) => void) {
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
    // The commands in `>(…)` come before the command whose output they read.
    const late: SyntaxCommand[] = [];
    for (const command of this.#commands) {
      if (this.#endOf(command.group).kind === 'process-input') late.push(command);
      else this.#follow(command);
    }
    for (const command of late) this.#follow(command);
    return this.#hasTaken;
  }

  #follow(command: SyntaxCommand): void {
    const inFunction = this.#functions.around(command.group);
    const expansion = this.#flow.expansion(inFunction !== undefined);
    const separators = this.#state.variables.get('IFS');
    this.#assign(command, expansion);
    const redirected = readRedirections(command.redirections, expansion, this.#state);
    const changesState = command.assignments.length > 0 || redirected.targets.length > 0;
    if (inFunction !== undefined && changesState) this.#functions.markDoing(inFunction);
    if (command.words.length === 0) {
      // `$(<file)` becomes the file's text.
      const text = redirected.input.join('\n');
      if (command.assignments.length === 0) {
        this.#flow.deliver(command, { text, dynamic: false }, []);
      }
      return;
    }
    const [program] = command.words;
    if (redirected.targets.length > 0 && command.words.length === 1 && isExec(program)) {
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
    // `IFS=, read a b` sets it for this one command.
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
      if (written !== undefined) this.#flow.deliver(command, written, redirected.targets);
      if (programName(words[0]?.text) === 'tee') {
        if (inFunction !== undefined) this.#functions.markDoing(inFunction);
        this.#tee(words, output.text);
      }
      if (programName(words[runProgram(words).at]?.text) === 'sed') {
        const args = words.slice(runProgram(words).at + 1).map(({ text }) => text);
        for (const file of filesOfSed(args)) this.#flow.write(file, { ...output, dynamic: false });
      }
      this.#flow.deliver(command, output, redirected.targets);
      return;
    }
    const called = this.#flow.outputOfFunction(program.text);
    if (called !== undefined) this.#flow.deliver(command, called, redirected.targets);
    this.#hasTaken = true;
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

  /**
   * Airflow prints some failures and raises others: a failure shows only if output and errors are
   * logged.
   */
  #isPipedToLog({ feeds }: SyntaxCommand): boolean {
    if (feeds === undefined) return true;
    return feeds.kind === 'command' && programName(literalText(feeds.words[0] ?? [])) === 'tee';
  }

  /** The innermost substitution, function or text around a group. */
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

  /** Whether an assignment may have no effect: in a branch, a loop, a function or a subshell. */
  #mayNotRun({ isConditional, group }: SyntaxCommand): boolean {
    let at = group;
    while (at.kind === 'braces' && at.functionName === undefined && at.parent) at = at.parent;
    return isConditional || at.kind !== 'text';
  }
}

/** The shell does not split the arguments of these. */
const declarations = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** `exec > file` redirects the output of all commands after it. */
function isExec(program: SyntaxWord | undefined): boolean {
  return literalText(program ?? []) === 'exec';
}
