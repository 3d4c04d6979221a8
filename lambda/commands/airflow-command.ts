import type { Verb } from '../model/verbs.ts';
import type { CommandWord } from '../shell/follow/shell-command.ts';
import { programName } from '../shell/follow/shell-programs.ts';
import { mask, maskedAs } from '../text/masked-text.ts';
import { maskedStart } from './masked-command.ts';
import { commandWith, type Subjects, subjectsOf, unknownSubjects } from './privilege-arguments.ts';
import type { PrivilegeCommand } from './privilege-command.ts';
import { isOwnSubcommand, loneVerbOf, verbOf } from './privilege-verbs.ts';

/**
 * Whether a word may be Airflow's program: `airflow`, its module for `python -m`, a masked form of
 * it, `flask`, `airflowctl`, or a variable.
 */
export function isAirflow(word: CommandWord): boolean {
  const { text, dynamic } = word;
  const name = programName(text);
  return dynamic || airflowPrograms.test(name) || maskedAs(name, programs) || isMatching(word);
}

/** Whether a pattern matches the program's file, as `./air*` does; `*` alone says nothing. */
function isMatching(word: CommandWord): boolean {
  if (word.isPattern !== true) return false;
  const name = programName(withMasks(word));
  const letters = name.replaceAll(mask, '').length;
  return letters >= (word.text.includes('/') ? 1 : 2) && maskedAs(name, programs);
}

const programs = ['airflow', 'airflowctl', 'flask'];
const airflowPrograms = /^(?:(?:airflow|\*\*\*)(?:\.__main__|:[\w.-]{1,80})?|airflowctl|flask)$/;

function isFlaskProgram({ text }: CommandWord): boolean {
  return programName(text) === 'flask';
}

/**
 * Reads `airflow users add-role …` wherever it begins among the words: those before it only run it.
 *
 * @param canBeUnnamed whether `add-role` and the like suffice, whatever the program before them
 * @returns undefined if the words are no privilege command, an empty list if they only ask for help
 */
export function readAirflowCommand(
  words: readonly CommandWord[],
  canBeUnnamed: boolean,
): readonly PrivilegeCommand[] | undefined {
  const flaskAt = words.findIndex(isFlaskProgram);
  for (const [at, word] of words.entries()) {
    const program = words[at - 1];
    // Flask has options of its own before the group: `flask --app airflow.www.app fab …`.
    const isFlask = word.text === 'fab' && flaskAt >= 0 && flaskAt < at;
    const isKnown = isFlask || (program !== undefined && isAirflow(program));
    const start =
      startOf(word, words[at + 1], isKnown, canBeUnnamed) ?? maskedAt(words, at, isKnown);
    if (start === undefined) continue;
    const command = commandWith(start.verb, start.subjects, words.slice(at + start.length));
    return command === undefined ? [] : [command];
  }
  return undefined;
}

/**
 * Reads a command with unknown parts, so that it is not known what it does. The secrets masker
 * replaced them, or only the shell knows them (`u?ers`, `us$\{X}ers`); in the latter case some
 * letters must be left after Airflow's own name.
 */
function maskedAt(
  words: readonly CommandWord[],
  at: number,
  isKnown: boolean,
): CommandStart | undefined {
  const pair = words.slice(at, at + 2);
  const [group] = pair;
  if (group === undefined) return undefined;
  const isOpen = isKnown && pair.some(isPartlyKnown);
  const read = isOpen ? pair.map(masked) : pair;
  if (!read.some(({ text }) => text.includes(mask))) return undefined;
  const isOfMasker = group.text.includes(mask);
  if (isOpen && !isOfMasker && !/[a-z]/.test(read[0]?.text ?? '')) return undefined;
  const options = words.slice(at + 2, at + maskedWordsMax);
  const start = maskedStart([...read, ...options], { isKnown, isFirst: at === 0 });
  return start && { verb: undefined, ...start };
}

/** How many words of a masked command are read: its names come first. */
const maskedWordsMax = 40;

function isPartlyKnown({ text, dynamic, isPattern }: CommandWord): boolean {
  // The mask's asterisks look like a pattern too.
  return dynamic || (isPattern === true && /[*?[]/.test(text.replaceAll(mask, '')));
}

function masked(word: CommandWord): CommandWord {
  return isPartlyKnown(word) ? { ...word, text: withMasks(word) } : word;
}

/** Writes `u?ers` and `us$()ers` as `u***ers` and `us***ers`. */
function withMasks({ text, dynamic, isPattern }: CommandWord): string {
  const known = isPattern === true ? text.replace(/\[[^\]/]{1,40}\]|[*?]+/g, mask) : text;
  return dynamic ? known.replace(/\$(?:\(\)|\w+|[@*#?!-])/g, mask) : known;
}

/** The words that say what a command does. */
interface CommandStart {
  readonly verb: Verb | undefined;
  readonly subjects: Subjects;
  /** Number of words, without the program. */
  readonly length: number;
}

/** @param isKnown whether Airflow comes before the group */
function startOf(
  { text: group, dynamic }: CommandWord,
  sub: CommandWord | undefined,
  isKnown: boolean,
  canBeUnnamed: boolean,
): CommandStart | undefined {
  const loneVerb = isKnown ? loneVerbOf(group) : undefined;
  if (loneVerb !== undefined) return { verb: loneVerb, subjects: unknownSubjects, length: 1 };
  if (sub === undefined) return undefined;
  if (/^(?:users|roles|fab|fab-db)$/.test(group)) {
    const verb = verbOf(group, sub.text);
    if (verb !== undefined && (isKnown || (canBeUnnamed && isOwnSubcommand(sub.text)))) {
      return { verb, subjects: subjectsOf(group, sub.text), length: 2 };
    }
    const isUnknownVerb = sub.dynamic && isKnown;
    return isUnknownVerb
      ? { verb: undefined, subjects: subjectsOf(group, ''), length: 2 }
      : undefined;
  }
  if (dynamic && isKnown && isOwnSubcommand(sub.text)) {
    const name = /perms$/.test(sub.text) ? 'roles' : 'users';
    const subjects = subjectsOf(name, sub.text);
    return { verb: verbOf(name, sub.text), subjects, length: 2 };
  }
  return undefined;
}
