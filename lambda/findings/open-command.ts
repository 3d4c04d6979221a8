import { isAirflow } from './airflow-command.ts';
import { mask } from './masked-text.ts';
import { holdsGluedArguments } from './privilege-phrase.ts';
import type { CommandWord, ShellCommand } from './shell/shell-command.ts';
import { isInterpreter, isShell, runProgram } from './shell/shell-programs.ts';
import type { ShellState } from './shell/shell-state.ts';

/** What can be told of a command of which the shell alone knows a part. */

/** Whether the program is Airflow, and not only something that may be. */
export function isAirflowItself(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const isModule = /^-m$/.test(words[at + 1]?.text ?? '');
  const program = words[isModule ? at + 2 : at];
  // What is masked may be a shell as well.
  const isHidden = program === undefined || program.dynamic || program.text.includes(mask);
  return !isHidden && isAirflow(program);
}

/** From which word on a shell takes words for a script, and not for arguments of one; -1 for none. */
export function scriptsFrom(words: readonly CommandWord[], at: number): number {
  if (!isShell(words[at]?.text)) return at;
  return words.findIndex(({ text }, index) => index > at && /^-[a-z]*c$/.test(text));
}

/** Whether what Airflow is given was changed on its way, and has the words of a command in it. */
export function hasChangedArguments(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const given = words.slice(at + 1);
  const end = given.findIndex(({ dynamic }) => !dynamic);
  const changed = end < 0 ? given : given.slice(0, end);
  return holdsGluedArguments(changed.map(({ text }) => text).join(' '));
}

/** Whether a variable that is not known decides what runs, or what Airflow does. */
export function isOpen(words: readonly CommandWord[]): boolean {
  const { at } = runProgram(words);
  const rest = words.slice(at, at + 3);
  return isAirflowItself(words) ? rest[1]?.dynamic === true : rest.every(({ dynamic }) => dynamic);
}

/** Whether nothing tells which program runs, or it is given a program of its own. */
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

/** Whether the program is looked for in the system's folders by its name. */
export function isPlainProgram(words: readonly CommandWord[], state: ShellState): boolean {
  const program = words[runProgram(words).at];
  return program !== undefined && !state.isPathChanged && !program.text.includes('/');
}

/** Whether a text that only names a command may get a user and a role from elsewhere, or be run as code. */
export function mayComplete({ words, input }: ShellCommand): boolean {
  const { at, by } = runProgram(words);
  const program = words[at]?.text ?? '';
  // No program has such a name: `env -S 'airflow users create'`, or a shell reads another language's text.
  if (/^-|\s/.test(program)) return true;
  if (by.includes('xargs') || input.length > 0 || isInterpreter(program)) return true;
  return words.some(({ text }) => /^-(?:[uer]|-(?:user|email|role))/.test(text));
}
