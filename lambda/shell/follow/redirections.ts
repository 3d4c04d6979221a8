import type { Redirection } from '../syntax/shell-syntax.ts';
import type { WordExpansion } from './expand-words.ts';
import type { ShellState } from './shell-state.ts';

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
export function isOfOutput(redirection: Redirection): boolean {
  return redirection.kind === 'output' && redirection.descriptor !== '2';
}

/** Whether the redirected output ends up only in the log, and not in a file. */
export function isLog(target: string, operator: string): boolean {
  if (operator.endsWith('>&') && /^[12-]$/.test(target)) return true;
  // The errors of a program that only shows do not contain its arguments.
  return operator === '2' || target === '';
}
