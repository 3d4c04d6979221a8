import { onlyShows, programName, runProgram } from '../shell/follow/shell-programs.ts';
import type { Carrier, ShellCommand, ShellState } from '../shell/follow/shell-state.ts';
import { handsOnCommands } from '../shell/follow/text-takers.ts';
import {
  type AirflowMention,
  changesTexts,
  holdsCommandApart,
  holdsGluedArguments,
  holdsGluedCommand,
  holdsPrivilegePhrase,
  isDocument,
  isOtherProgram,
  isScript,
} from '../text/privilege-phrase.ts';
import { isOpaque, isPlainProgram } from './airflow-command.ts';

/** Judges whether a text that cannot be read as a command of Airflow's may be one all the same. */

/** Whether an unknown program with the subcommand `add-role` may be Airflow. */
export function mayBeAirflow(
  command: ShellCommand,
  state: ShellState,
  mention: AirflowMention,
): boolean {
  if (isOther(command)) return false;
  return mention !== undefined || isOpaque(command) || !isPlainProgram(command.words, state);
}

/** Whether the program is known to be another one, which runs no command of Airflow's either. */
function isOther({ words, isRedefined }: ShellCommand): boolean {
  const { at } = runProgram(words);
  const name = programName(words[at]?.text);
  if (isRedefined === true || !isOtherProgram(name)) return false;
  const rest = words.slice(at + 1).map(({ text }) => text);
  return !handsOnCommands(name, rest);
}

/**
 * Whether a command in which nothing was found may run one that changes privileges.
 *
 * @param unread what was not read as a shell would read it
 * @param isChanged whether a program may have changed the text around the command
 */
export function mayHideCommand(
  command: ShellCommand,
  unread: readonly string[],
  state: ShellState,
  { mention, isChanged }: { readonly mention: AirflowMention; readonly isChanged: boolean },
): boolean {
  if (onlyShows(command.words, state) || isOther(command)) return false;
  const text = unread.join(' ');
  const mayChange = isOpaque(command) && changesTexts(text);
  if (mayChange && (holdsGluedCommand(text) || holdsCommandApart(text))) return true;
  if (mention === undefined) return false;
  if (mention === 'name' && !isChanged && !isOpaque(command)) return false;
  return holdsPrivilegePhrase(text);
}

/**
 * Whether an echo may hold a command although only the shell knows the program.
 *
 * @param hasOpenArguments whether only the shell knows the arguments of Airflow's program
 */
export function mayBecomeCommand(
  text: string,
  mention: AirflowMention,
  hasOpenArguments: boolean,
): boolean {
  if (mention === 'program' && holdsPrivilegePhrase(text)) return true;
  if (!changesTexts(text)) return false;
  return holdsGluedCommand(text) || (hasOpenArguments && holdsGluedArguments(text));
}

/** Whether a program that changed a text may have turned it into a command. */
export function holdsChangedCommand(text: string, mention: AirflowMention): boolean {
  if (mention !== undefined && holdsPrivilegePhrase(text)) return true;
  return holdsGluedCommand(text) || holdsCommandApart(text);
}

/** What may read the variables and files of an echo. */
interface CarrierReaders {
  readonly mention: AirflowMention;
  readonly hasHiddenWays: boolean;
  /** A program runs that may read variables and files. */
  readonly runsPrograms: boolean;
  /** A shell runs a file whose name is not known. */
  readonly runsAnyFile: boolean;
}

/** Whether something may read a command from a variable or a file without having been noticed. */
export function isLeftOver(
  { kind, text, name, isUsed, isShown, isExported }: Carrier,
  { mention, hasHiddenWays, runsPrograms, runsAnyFile }: CarrierReaders,
): boolean {
  if (isUsed || mention !== 'program' || !holdsPrivilegePhrase(text)) return false;
  if (kind === 'variable') {
    if (hasHiddenWays || runByShell.test(name)) return true;
    // Only a program that is started can read a variable, from its environment.
    return runsPrograms && (isExported || !isShown);
  }
  if (name.startsWith('/dev/fd/')) return !isShown;
  if (runsAnyFile || isScript(name)) return true;
  return runsPrograms && !isDocument(name);
}

/** Variables that the shell or common programs run as commands. */
const runByShell =
  /^(?:PS[0-9]|PROMPT_COMMAND|BASH_ENV|ENV|\w*(?:EDITOR|PAGER|OPEN|SHELL|CMD|COMMAND))$/;
