import type { Redirection, ShellGroup, SyntaxCommand } from '../syntax/shell-syntax.ts';
import { type GroupOutput, WordExpansion } from './expand-words.ts';
import { isInterpreter, isShell, onlyShows, programName, runProgram } from './shell-programs.ts';
import type { CommandWord, ShellState } from './shell-state.ts';

/** What a command's redirections make of its input and output. */
export interface Redirected {
  readonly input: readonly string[];
  /** A part of the input is known only to the shell. */
  readonly isInputChanged: boolean;
  /** Files that standard output or errors go to. */
  readonly targets: readonly string[];
  /** Errors do not go to the log. */
  readonly silenced: boolean;
  /** Standard output does not go to the log. */
  readonly outputIsAway: boolean;
}

/** Reads a command's redirections; files that are read count as used in `state`. */
export function readRedirections(
  redirections: readonly Redirection[],
  expansion: WordExpansion,
  state: ShellState,
): Redirected {
  const redirected = {
    input: [] as string[],
    targets: [] as string[],
    isInputChanged: false,
    silenced: false,
    outputIsAway: false,
  };
  for (const redirection of redirections) {
    const { text, dynamic } = expansion.text(redirection.target);
    if (redirection.kind === 'output') {
      const { descriptor } = redirection;
      follow(redirected, descriptor, text);
      if (!isLog(text, descriptor)) redirected.targets.push(text);
    } else if (redirection.kind === 'input') {
      const written = state.read(text, 'isUsed');
      if (written !== undefined) redirected.input.push(written);
    } else {
      redirected.input.push(text);
      redirected.isInputChanged ||= dynamic;
    }
  }
  return redirected;
}

/** Updates where standard output and errors go: `> file`, `2> file`, `2>&1`, `&> file`. */
function follow(
  command: { silenced: boolean; outputIsAway: boolean },
  operator: string,
  target: string,
): void {
  const isCopy = operator.endsWith('>&') && /^(?:\d+|-)$/.test(target);
  const descriptor = operator.replace('>&', '');
  const isBoth = descriptor === '&' || (operator === '>&' && !isCopy);
  if (isBoth) {
    command.outputIsAway = true;
    command.silenced = true;
  } else if (descriptor === '2') {
    command.silenced =
      isCopy && target === '1' ? command.outputIsAway : !(isCopy && target === '2');
  } else if (descriptor === '' || descriptor === '1') {
    command.outputIsAway =
      isCopy && target === '2' ? command.silenced : !(isCopy && target === '1');
  }
}

/** Whether standard output is redirected, and not only errors. */
function isOfOutput(redirection: Redirection): boolean {
  return redirection.kind === 'output' && redirection.descriptor !== '2';
}

/** Whether the redirected output ends up only in the log, and not in a file. */
function isLog(target: string, operator: string): boolean {
  if (operator.endsWith('>&') && /^[12-]$/.test(target)) return true;
  // The errors of a program that only shows do not contain its arguments.
  return operator === '2' || target === '';
}

interface PipedText {
  readonly texts: string[];
  dynamic: boolean;
}

/** Carries what the commands of one text write to where it is read: pipes, files, substitutions. */
export class TextFlow {
  readonly #state: ShellState;
  /** What groups and functions write, as far as their commands have been followed. */
  readonly #outputs = new Map<ShellGroup | string, { text: string; dynamic: boolean }>();
  /** What is piped into commands and groups. */
  readonly #piped = new Map<SyntaxCommand | ShellGroup, PipedText>();
  /** The groups of `<(…)` and `>(…)`, by the file name that the shell puts in their place. */
  readonly #processes = new Map<string, ShellGroup>();

  constructor(state: ShellState) {
    this.#state = state;
  }

  /** @param isInFunction where `$1` is an argument that is not known */
  expansion(isInFunction: boolean): WordExpansion {
    return new WordExpansion(this.#state, (group) => this.#outputOf(group), isInFunction);
  }

  outputOfFunction(name: string): GroupOutput | undefined {
    return this.#outputs.get(name);
  }

  /** Whether a program in between may have changed what a command reads. */
  isChanged(command: SyntaxCommand): boolean {
    for (let at: ShellGroup | undefined = command.group; at && at.depth <= 20; at = at.parent) {
      if (this.#piped.get(at)?.dynamic === true) return true;
    }
    return this.#piped.get(command)?.dynamic === true;
  }

  /**
   * Sends what a command writes to files, the next command, or the group around it.
   *
   * @param targets the files that its output is redirected to
   */
  deliver(command: SyntaxCommand, output: GroupOutput, targets: readonly string[]): void {
    if (output.text === '') return;
    const goesOn =
      targets.length > 0 || command.feeds !== undefined || command.group.kind !== 'text';
    if (goesOn && !this.#state.spend(output.text.length)) return;
    for (const target of targets) this.write(target, output);
    if (targets.length > 0) return;
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
      const targets = outer.redirections.flatMap((redirection) => this.#targetsOf(redirection));
      for (const target of targets) this.write(target, output);
      // If only errors are redirected, the output goes on as well.
      if (outer.redirections.some(isOfOutput) && targets.length > 0) return;
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

  #targetsOf(redirection: Redirection): readonly string[] {
    if (redirection.kind !== 'output') return [];
    const target = this.expansion(false).text(redirection.target).text;
    const descriptor = redirection.descriptor === '2' ? '' : redirection.descriptor;
    return isLog(target, descriptor) ? [] : [target];
  }

  #pipe(sink: SyntaxCommand | ShellGroup, { text, dynamic }: GroupOutput): void {
    const piped = this.#piped.get(sink) ?? { texts: [], dynamic: false };
    piped.texts.push(text);
    piped.dynamic ||= dynamic;
    this.#piped.set(sink, piped);
  }

  /** @param target the path of a file, or the name of a `>(…)` */
  write(target: string, output: GroupOutput): void {
    const group = this.#processes.get(target);
    if (group !== undefined) this.#pipe(group, output);
    else if (!/^\/dev\/(?:null|tty|std\w+|full)$/.test(target)) this.#state.write(target, output);
  }

  #outputOf(group: ShellGroup): GroupOutput {
    const output = this.#outputs.get(group);
    if (!group.kind.startsWith('process')) return output ?? { text: '', dynamic: true };
    const name = `/dev/fd/${63 - this.#processes.size}`;
    this.#processes.set(name, group);
    if (output !== undefined) this.#state.write(name, output);
    return { text: name, dynamic: false };
  }

  /**
   * What a command reads: what is redirected or piped into it, files among its arguments, or else
   * the input of the group around it.
   *
   * @param own what is redirected into it
   */
  inputOf(
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
    const expansion = this.expansion(false);
    const texts = group.redirections.flatMap((redirection) => {
      if (redirection.kind === 'output') return [];
      const { text } = expansion.text(redirection.target);
      if (redirection.kind !== 'input') return [text];
      return this.#state.read(text, 'isUsed') ?? [];
    });
    return [...piped, ...texts];
  }

  /** Texts of files that a command before has written and that this one reads or runs. */
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
}

function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}
