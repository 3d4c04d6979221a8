import type { CommandWord } from '../shell/follow/shell-command.ts';
import { canBe, mask, maskedAs } from '../text/masked-text.ts';
import { type Subjects, subjectsOf, unknownSubjects } from './privilege-arguments.ts';
import { isOwnSubcommand, loneSubcommands, subcommands } from './privilege-verbs.ts';

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
export function maskedStart(
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
