import { type Verb, verbNames, verbs } from '../model/verbs.ts';
import { isInterpreter, isShell, programName, runProgram } from '../shell/follow/shell-programs.ts';
import type { CommandWord, ShellCommand, ShellState } from '../shell/follow/shell-state.ts';
import { canBe, mask, maskedAs } from '../text/log-text.ts';
import { holdsGluedArguments } from '../text/privilege-phrase.ts';
import {
  commandWith,
  type PrivilegeCommand,
  type Subjects,
  subjectsOf,
  unknownSubjects,
} from './privilege-command.ts';

const verbOfCommand: ReadonlyMap<string, Verb> = new Map(
  verbNames.flatMap((verb) => (verbs[verb].commands ?? []).map((words) => [words, verb] as const)),
);

const commands = [...verbOfCommand.keys()].map((words) => words.split(' '));

/** Groups and their subcommands that change privileges: `['users', 'add-role']`. */
const subcommands: readonly (readonly [group: string, subcommand: string])[] = commands.flatMap(
  ([group = '', subcommand]) => (subcommand === undefined ? [] : [[group, subcommand] as const]),
);

/** Commands that change privileges and have no subcommands: `sync-perm`. */
const loneSubcommands: readonly string[] = commands.flatMap(([name = '', subcommand]) =>
  subcommand === undefined ? [name] : [],
);

/** What `airflow users add-role` and the like do; undefined if it changes no privileges. */
function verbOf(group: string, subcommand: string): Verb | undefined {
  return verbOfCommand.get(`${group} ${subcommand}`);
}

/** {@link verbOf}, for a command that has no subcommands. */
function loneVerbOf(name: string): Verb | undefined {
  return name.includes(' ') ? undefined : verbOfCommand.get(name);
}

/** Subcommands that no other program has. */
const ownSubcommands = new Set([
  ...['add-role', 'remove-role', 'add-perms', 'del-perms', 'sync-perm', 'permissions-cleanup'],
]);

/** Whether a subcommand shows that the program is Airflow, whatever runs it. */
function isOwnSubcommand(name: string): boolean {
  return ownSubcommands.has(name);
}

const namesUser = /^(?:-[ue]|--(?:user\w*|email)\b)/;
const namesRole = /^(?:-r|--role\b)/;

/**
 * Reads words that may be `users add-role` and the like after Airflow's secrets masker replaced
 * some of them: `users ***`, `*** create`, `users add-***`, `*** -u bob -r Admin`. What they do is
 * not known.
 *
 * @param words from where they may begin
 * @param isKnown whether Airflow, or what the masker left of its name, comes before them
 * @param isFirst whether nothing comes before them
 * @returns undefined if nothing is masked, or too little is left to recognize the command
 */
function maskedStart(
  words: readonly CommandWord[],
  { isKnown, isFirst }: { readonly isKnown: boolean; readonly isFirst: boolean },
): { readonly subjects: Subjects; readonly length: number } | undefined {
  const [group = '', sub = ''] = words.slice(0, 2).map(({ text }) => text);
  if (!group.includes(mask) && !sub.includes(mask)) return undefined;
  const left = (group + sub).replaceAll(mask, '');
  if (holdsWords(group, isKnown || isFirst)) return { subjects: unknownSubjects, length: 1 };
  if (isKnown && /[a-z]{3}/.test(group) && maskedAs(group, loneSubcommands)) {
    return { subjects: unknownSubjects, length: 1 };
  }
  const fitting = subcommands.filter(
    ([ofGroup, ofSub]) => fits(group, ofGroup) && fits(sub, ofSub),
  );
  const [first] = fitting;
  const isOwn = isKnown || isDistinctive(sub) || /^\*{3}-db$/.test(group);
  if (first !== undefined && /[a-z]{2}/.test(left) && isOwn) {
    const isOne = fitting.every(([ofGroup]) => ofGroup === first[0]);
    return { subjects: isOne ? subjectsOf(first[0], '') : unknownSubjects, length: 2 };
  }
  // `python -*** add-role`
  if (group.includes(mask) && isOwnSubcommand(sub)) {
    return { subjects: subjectsOf('users', ''), length: 2 };
  }
  if (group !== mask || !(isKnown || isFirst)) return undefined;
  const options = words.slice(1).map(({ text }) => text);
  if (!options.some((text) => namesUser.test(text))) return undefined;
  if (!options.some((text) => namesRole.test(text))) return undefined;
  return { subjects: subjectsOf('users', ''), length: 1 };
}

function fits(text: string, word: string): boolean {
  return text === word || maskedAs(text, [word]);
}

/**
 * Whether a word can be several words that the masker replaced together with the spaces between
 * them: `***-role` for `airflow users add-role`.
 */
function holdsWords(word: string, mayBegin: boolean): boolean {
  if (!mayBegin || !/^[a-z]{0,20}\*{3}-(?:role|perms?)$/.test(word)) return false;
  return phrases.some((phrase) => canBe(word, phrase));
}

const phrases = [...subcommands.map((words) => words.join(' ')), ...loneSubcommands].flatMap(
  (words) => [words, `airflow ${words}`],
);

/** Whether a subcommand is Airflow's alone: `add-role`, `***-role`. */
function isDistinctive(sub: string): boolean {
  return /^(?:add-role|remove-role|add-perms|del-perms|.*\*{3}-(?:role|perms))$/.test(sub);
}

/**
 * Whether a word may be Airflow's program: `airflow`, its module for `python -m`, a masked form of
 * it, `flask`, `airflowctl`, or a variable.
 */
function isAirflow(word: CommandWord): boolean {
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
