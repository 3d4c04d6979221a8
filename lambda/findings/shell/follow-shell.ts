import { type GroupOutput, WordExpansion } from './expand-words.ts';
import { readShell } from './read-shell.ts';
import { filesOfSed } from './sed-call.ts';
import { applyBuiltin } from './shell-builtins.ts';
import type { CommandWord, ShellCommand } from './shell-command.ts';
import { isInterpreter, isShell, onlyShows, programName, runProgram } from './shell-programs.ts';
import type { Carrier, ShellState } from './shell-state.ts';
import {
  literalText,
  type Redirection,
  type ShellGroup,
  type SyntaxCommand,
  type SyntaxWord,
} from './shell-syntax.ts';
import { shownOutput } from './shown-output.ts';

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
  /** What groups write, as far as their commands have been followed. */
  readonly #outputs = new Map<ShellGroup | string, { text: string; dynamic: boolean }>();
  /** What is piped into commands and groups. */
  readonly #piped = new Map<SyntaxCommand | ShellGroup, PipedText>();
  readonly #ends = new Map<ShellGroup, ShellGroup>();
  readonly #functions: ReadonlyMap<string, boolean>;
  readonly #functionsOf = new Map<ShellGroup, string | undefined>();
  /** Functions that do more than show their arguments. */
  readonly #doing = new Set<string>();
  #hasTold = false;

  constructor(text: string, state: ShellState, take: (command: ShellCommand) => boolean) {
    const { commands, functions, isCutShort } = readShell(text);
    this.#state = state;
    this.#take = take;
    this.#commands = commands;
    this.#functions = functions;
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
    const inFunction = this.#functionOf(command.group);
    const expansion = new WordExpansion(
      this.#state,
      (group) => this.#outputOf(group),
      inFunction !== undefined,
    );
    const separators = this.#state.variables.get('IFS');
    this.#assign(command, expansion);
    const redirected = this.#redirected(command, expansion);
    const isKept = command.assignments.length > 0 || redirected.goals.length > 0;
    if (inFunction !== undefined && isKept) this.#doing.add(inFunction);
    if (command.words.length === 0) {
      // `$(<file)` is the file's text.
      const text = redirected.input.join('\n');
      if (command.assignments.length === 0) this.#deliver(command, { text, dynamic: false }, []);
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
      const input = isFirst ? this.#inputOf(command, redirected.input, words) : [];
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
    const isFunction = !program.dynamic && this.#isShowingFunction(program.text);
    const isSettled = applyBuiltin(words, input, state);
    const isDisplay = isSettled || isFunction || onlyShows(words, state);
    if (program.text === 'unset') for (const { text } of words) this.#doing.add(text);
    const inFunction = this.#functionOf(command.group);
    if (inFunction !== undefined && !(isDisplay && (!isSettled || program.text === 'local'))) {
      this.#doing.add(inFunction);
    }
    for (const carrier of carriers) {
      if (isDisplay) carrier.isShown = true;
      else carrier.isUsed = true;
    }
    if (isDisplay) {
      if (isSettled) return;
      const output = shownOutput(words, input);
      const written = isFunction ? this.#outputs.get(program.text) : undefined;
      if (written !== undefined) this.#deliver(command, written, redirected.goals);
      if (programName(words[0]?.text) === 'tee') {
        if (inFunction !== undefined) this.#doing.add(inFunction);
        this.#tee(words, output.text);
      }
      if (programName(words[runProgram(words).at]?.text) === 'sed') {
        const args = words.slice(runProgram(words).at + 1).map(({ text }) => text);
        for (const file of filesOfSed(args)) this.#write(file, { ...output, dynamic: false });
      }
      this.#deliver(command, output, redirected.goals);
      return;
    }
    const called = this.#outputs.get(program.text);
    if (called !== undefined) this.#deliver(command, called, redirected.goals);
    this.#hasTold = true;
    this.#take({
      words,
      input,
      silenced: redirected.silenced || !this.#isPipedToLog(command),
      outputIsAway: redirected.outputIsAway,
      ...(redirected.isInputChanged || this.#isChanged(command) ? { isInputChanged: true } : {}),
      ...(state.redefined.has(programName(words[runProgram(words).at]?.text))
        ? { isRedefined: true }
        : {}),
    });
  }

  /** Whether another program has changed on its way what a command reads. */
  #isChanged(command: SyntaxCommand): boolean {
    for (let at: ShellGroup | undefined = command.group; at && at.depth <= 20; at = at.parent) {
      if (this.#piped.get(at)?.dynamic === true) return true;
    }
    return this.#piped.get(command)?.dynamic === true;
  }

  #tee(words: readonly CommandWord[], text: string): void {
    for (const word of words.slice(1)) {
      if (!word.text.startsWith('-')) this.#write(word.text, { text, dynamic: false });
    }
  }

  /** Airflow prints some failures and raises others: a command shows its failure only where both are logged. */
  #isPipedToLog({ feeds }: SyntaxCommand): boolean {
    if (feeds === undefined) return true;
    return feeds.kind === 'command' && programName(literalText(feeds.words[0] ?? [])) === 'tee';
  }

  /** Sends what a command writes to files, the next command, or the group around it. */
  #deliver(command: SyntaxCommand, output: GroupOutput, goals: readonly string[]): void {
    if (output.text === '') return;
    const goesOn = goals.length > 0 || command.feeds !== undefined || command.group.kind !== 'text';
    if (goesOn && !this.#state.spend(output.text.length)) return;
    for (const goal of goals) this.#write(goal, output);
    if (goals.length > 0) return;
    this.#passOn(command, output);
  }

  #passOn(from: SyntaxCommand | ShellGroup, output: GroupOutput): void {
    let at = from;
    for (;;) {
      if (at.kind !== 'command' && at.functionName !== undefined) {
        this.#collect(at.functionName, output);
        return;
      }
      if (at.feeds !== undefined) {
        this.#pipe(at.feeds, output);
        return;
      }
      const outer = at.kind === 'command' ? at.group : at.parent;
      if (outer === undefined) return;
      const goals = outer.redirections.flatMap((redirection) => this.#goalsOf(redirection));
      for (const goal of goals) this.#write(goal, output);
      // Errors alone may go there, and what was sent to them.
      if (outer.redirections.some(isOfOutput) && goals.length > 0) return;
      if (outer.kind === 'output' || outer.kind === 'process-output') {
        this.#collect(outer, output);
        return;
      }
      at = outer;
    }
  }

  #collect(key: ShellGroup | string, { text, dynamic }: GroupOutput): void {
    const before = this.#outputs.get(key);
    if (before === undefined) this.#outputs.set(key, { text: `${text}\n`, dynamic });
    else {
      before.text += `${text}\n`;
      before.dynamic ||= dynamic;
    }
  }

  #goalsOf(redirection: Redirection): readonly string[] {
    if (redirection.kind !== 'output') return [];
    const expansion = new WordExpansion(this.#state, (group) => this.#outputOf(group), false);
    const goal = expansion.text(redirection.goal).text;
    const descriptor = redirection.descriptor === '2' ? '' : redirection.descriptor;
    return isLog(goal, descriptor) ? [] : [goal];
  }

  #pipe(sink: SyntaxCommand | ShellGroup, { text, dynamic }: GroupOutput): void {
    const piped = this.#piped.get(sink) ?? { texts: [], dynamic: false };
    piped.texts.push(text);
    piped.dynamic ||= dynamic;
    this.#piped.set(sink, piped);
  }

  #write(goal: string, output: GroupOutput): void {
    const group = this.#processes.get(goal);
    if (group !== undefined) this.#pipe(group, output);
    else if (!/^\/dev\/(?:null|tty|std\w+|full)$/.test(goal)) this.#state.write(goal, output);
  }

  /** Groups of `<(…)` and `>(…)`, by the names of their files. */
  readonly #processes = new Map<string, ShellGroup>();

  #outputOf(group: ShellGroup): GroupOutput {
    const output = this.#outputs.get(group);
    if (!group.kind.startsWith('process')) return output ?? { text: '', dynamic: true };
    const name = `/dev/fd/${63 - this.#processes.size}`;
    this.#processes.set(name, group);
    if (output !== undefined) this.#state.write(name, output);
    return { text: name, dynamic: false };
  }

  #redirected({ redirections }: SyntaxCommand, expansion: WordExpansion): Redirected {
    const redirected = {
      input: [] as string[],
      goals: [] as string[],
      isInputChanged: false,
      silenced: false,
      outputIsAway: false,
    };
    for (const redirection of redirections) {
      const { text, dynamic } = expansion.text(redirection.goal);
      if (redirection.kind === 'output') {
        const { descriptor } = redirection;
        follow(redirected, descriptor, text);
        if (!isLog(text, descriptor)) redirected.goals.push(text);
      } else if (redirection.kind === 'input') {
        const written = this.#state.read(text, 'isUsed');
        if (written !== undefined) redirected.input.push(written);
      } else {
        redirected.input.push(text);
        redirected.isInputChanged ||= dynamic;
      }
    }
    return redirected;
  }

  /** What a command reads: its own, what is piped into it, files that it is given, or what its group reads. */
  #inputOf(
    command: SyntaxCommand,
    own: readonly string[],
    words: readonly CommandWord[],
  ): readonly string[] {
    const files = this.#filesRead(words);
    const piped = this.#piped.get(command)?.texts ?? [];
    const input = [...own, ...piped, ...files];
    if (input.length > 0) return input;
    for (let group: ShellGroup | undefined = command.group; group; group = group.parent) {
      const read = this.#groupInput(group);
      if (read.length > 0) return this.#state.spend(sizeOf(read)) ? read : [];
      if (group.kind === 'output' || group.depth > 20) break;
    }
    return [];
  }

  #groupInput(group: ShellGroup): readonly string[] {
    const piped = this.#piped.get(group)?.texts ?? [];
    if (group.redirections.length === 0) return piped;
    const expansion = new WordExpansion(this.#state, (each) => this.#outputOf(each), false);
    const texts = group.redirections.flatMap((redirection) => {
      if (redirection.kind === 'output') return [];
      const { text } = expansion.text(redirection.goal);
      if (redirection.kind !== 'input') return [text];
      return this.#state.read(text, 'isUsed') ?? [];
    });
    return [...piped, ...texts];
  }

  /** Texts of files that were written before and are read, or run, here. */
  #filesRead(words: readonly CommandWord[]): readonly string[] {
    if (!this.#state.hasFiles) return [];
    const { at, by } = runProgram(words);
    const name = programName(words[at]?.text);
    const reads =
      isShell(name) ||
      isInterpreter(name) ||
      by.includes('xargs') ||
      /^(?:\.|source|cat|head|tail|tac|sed|grep|sort|tr|crontab|at|batch|parallel|sqlplus|vim?|ed|ex|ssh|su|sudo|airflow)$/.test(
        name,
      );
    const isDisplay = onlyShows(words, this.#state);
    const texts: string[] = [];
    for (const [index, { text }] of words.entries()) {
      if (!(reads || index === at || this.#processes.has(text))) continue;
      const written = this.#state.read(text, isDisplay ? 'isShown' : 'isUsed');
      if (written !== undefined) texts.push(written);
    }
    return texts;
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

  /** The function that a group is a part of. */
  #functionOf(group: ShellGroup): string | undefined {
    if (this.#functions.size === 0) return undefined;
    const passed: ShellGroup[] = [];
    let at: ShellGroup | undefined = group;
    while (at !== undefined && at.functionName === undefined && !this.#functionsOf.has(at)) {
      passed.push(at);
      at = at.parent;
    }
    const found = at === undefined ? undefined : (at.functionName ?? this.#functionsOf.get(at));
    for (const each of passed) this.#functionsOf.set(each, found);
    return found;
  }

  /** Whether a program is a function of this text that only shows its arguments. */
  #isShowingFunction(name: string): boolean {
    const isCertain = this.#functions.get(name) === true && !this.#state.aliases.has(name);
    return isCertain && !this.#doing.has(name);
  }
}

/** Their arguments are not split. */
const declarations = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** `exec > file` sends there what follows writes. */
function isExec(program: SyntaxWord | undefined): boolean {
  return literalText(program ?? []) === 'exec';
}

interface PipedText {
  readonly texts: string[];
  dynamic: boolean;
}

interface Redirected {
  readonly input: readonly string[];
  /** Only the shell knows all of it. */
  readonly isInputChanged: boolean;
  /** Files that standard output or errors go to. */
  readonly goals: readonly string[];
  readonly silenced: boolean;
  readonly outputIsAway: boolean;
}

/** Follows where standard output and error go: `> file`, `2> file`, `2>&1`, `&> file`. */
function follow(
  command: { silenced: boolean; outputIsAway: boolean },
  operator: string,
  goal: string,
): void {
  const isCopy = operator.endsWith('>&') && /^(?:\d+|-)$/.test(goal);
  const descriptor = operator.replace('>&', '');
  const isBoth = descriptor === '&' || (operator === '>&' && !isCopy);
  if (isBoth) {
    command.outputIsAway = true;
    command.silenced = true;
  } else if (descriptor === '2') {
    command.silenced = isCopy && goal === '1' ? command.outputIsAway : !(isCopy && goal === '2');
  } else if (descriptor === '' || descriptor === '1') {
    command.outputIsAway = isCopy && goal === '2' ? command.silenced : !(isCopy && goal === '1');
  }
}

function isOfOutput(redirection: Redirection): boolean {
  return redirection.kind === 'output' && redirection.descriptor !== '2';
}

/** Whether what is written there can be read in the log and nowhere else. */
function isLog(goal: string, operator: string): boolean {
  if (operator.endsWith('>&') && /^[12-]$/.test(goal)) return true;
  // Errors of a program that only shows are not what it was given.
  return operator === '2' || goal === '';
}

function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
