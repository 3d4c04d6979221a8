import { ansiCText } from '../syntax/shell-text.ts';
import { programName, runProgram } from './shell-programs.ts';
import type { CommandWord, ShellCommand, ShellState } from './shell-state.ts';

/** Lines that are put in for a placeholder; with more lines the command is left as it is. */
const maxLines = 32;

/**
 * The words of a command once for each time that `xargs` runs it, its input among them; the words
 * alone for any other command.
 */
export function withXargsInput(
  { words, input, isInputChanged }: Pick<ShellCommand, 'words' | 'input' | 'isInputChanged'>,
  state: ShellState,
): readonly (readonly CommandWord[])[] {
  const { by, at } = runProgram(words);
  if (!by.includes('xargs') || input.length === 0) return [words];
  const text = input.join('\n').trim();
  const dynamic = isInputChanged === true;
  const placeholder = placeholderOf(words.slice(0, at));
  if (placeholder === undefined) {
    const delimiter = delimiterOf(words.slice(0, at));
    // With a delimiter, quotes and backslashes are plain characters.
    const given =
      delimiter === undefined ? text.replaceAll(/['"\\]/g, '').split(/\s+/) : text.split(delimiter);
    return [[...words, ...given.map((each) => ({ text: each, dynamic }))]];
  }
  const lines = text.split('\n');
  const characters = words.reduce((sum, word) => sum + word.text.length, text.length);
  if (lines.length > maxLines || !state.spend(lines.length * characters)) return [words];
  return lines.map((line) =>
    words.map((word, index) =>
      // Only words after xargs' own options are filled in: one of these names the placeholder.
      index >= at && word.text.includes(placeholder)
        ? {
            ...word,
            text: word.text.replaceAll(placeholder, () => line),
            dynamic: word.dynamic || dynamic,
          }
        : word,
    ),
  );
}

/** The character between arguments that `-d` or `-0` names. */
function delimiterOf(options: readonly CommandWord[]): string | undefined {
  for (const [at, { text }] of options.entries()) {
    if (/^(?:-[a-z]*0|--null)$/.test(text)) return '\0';
    const [, joined] = /^(?:-d|--delimiter=)([\s\S]+)/.exec(text) ?? [];
    const written = text === '-d' ? options[at + 1]?.text : joined;
    if (written !== undefined) return ansiCText(written, 'printed').slice(0, 1);
  }
  return undefined;
}

/** The text that `-I` names, which is replaced by each line. */
function placeholderOf(options: readonly CommandWord[]): string | undefined {
  const start = options.findIndex(({ text }) => programName(text) === 'xargs');
  for (const [at, { text }] of options.entries()) {
    if (at < start) continue;
    if (text === '-I') return options[at + 1]?.text;
    if (text === '-i' || text === '--replace') return '{}';
    const [, joined] = /^(?:-I|-i|--replace=)(.+)$/.exec(text) ?? [];
    if (joined !== undefined) return joined;
  }
  return undefined;
}
