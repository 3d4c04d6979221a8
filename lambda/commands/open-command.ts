import type { CommandWord, ShellCommand } from '../shell/follow/shell-command.ts';
import { isInterpreter, isShell, runProgram } from '../shell/follow/shell-programs.ts';
import type { ShellState } from '../shell/follow/shell-state.ts';
import { mask } from '../text/masked-text.ts';
import { holdsGluedArguments } from '../text/privilege-phrase.ts';
import { isAirflow } from './airflow-command.ts';

/** What is known about a command that has parts only the shell knows. */

/** Whether the program certainly is Airflow. */
export function isAirflowItself(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const isModule = /^-m$/.test(words[at + 1]?.text ?? '');
  const program = words[isModule ? at + 2 : at];
  // A masked name may also be a shell's.
  const isHidden = program === undefined || program.dynamic || program.text.includes(mask);
  return !isHidden && isAirflow(program);
}

/**
 * The index after which words may be a script: that of a shell's `-c`, or of any other program.
 *
 * @param at index of the program
 * @returns -1 for a shell without `-c`
 */
export function scriptsFrom(words: readonly CommandWord[], at: number): number {
  if (!isShell(words[at]?.text)) return at;
  return words.findIndex(({ text }, index) => index > at && /^-[a-z]*c$/.test(text));
}

/**
 * Whether Airflow's first arguments are known only to the shell and have the words of a command.
 */
export function hasChangedArguments(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const given = words.slice(at + 1);
  const end = given.findIndex(({ dynamic }) => !dynamic);
  const changed = end < 0 ? given : given.slice(0, end);
  return holdsGluedArguments(changed.map(({ text }) => text).join(' '));
}

/** Whether an unknown variable decides which program runs, or which command of Airflow's. */
export function isOpen(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const rest = words.slice(at, at + 3);
  return isAirflowItself(words) ? rest[1]?.dynamic === true : rest.every(({ dynamic }) => dynamic);
}

/** Whether the program is unknown, or is an interpreter that gets code to run. */
export function isOpaque({ words, isRedefined }: ShellCommand): boolean {
  const { at } = runProgram(words);
  const program = words[at];
  if (program === undefined) return false;
  return (
    isRedefined === true ||
    program.dynamic ||
    program.isPattern === true ||
    isInterpreter(program.text)
  );
}

/** Whether the program is a plain name that the system's folders resolve. */
export function isPlainProgram(words: readonly CommandWord[], state: ShellState): boolean {
  const program = words[runProgram(words).at];
  return program !== undefined && !state.isPathChanged && !program.text.includes('/');
}

/**
 * Whether a command that a text only names may get its user and role from elsewhere, or run as
 * code.
 */
export function mayComplete({ words, input }: ShellCommand): boolean {
  const { at, by } = runProgram(words);
  const program = words[at]?.text ?? '';
  // Not a program's name: `env -S 'airflow users create'`, or the text is not a shell's at all.
  if (/^-|\s/.test(program)) return true;
  if (by.includes('xargs') || input.length > 0 || isInterpreter(program)) return true;
  return words.some(({ text }) => /^-(?:[uer]|-(?:user|email|role))/.test(text));
}
