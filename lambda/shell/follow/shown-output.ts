import { ansiCText } from '../syntax/ansi-c-text.ts';
import type { CommandWord } from './shell-command.ts';
import { programName, runProgram } from './shell-programs.ts';

/** The output of a command that only shows texts. */
export interface ShownOutput {
  readonly text: string;
  /** The real output may differ. */
  readonly dynamic: boolean;
}

/** Programs that write their input unchanged. */
const passesOn = new Set(['cat', 'tee']);

/**
 * The output of a command that only shows: exact for `echo`, `printf` and `cat`; for other programs
 * all that can be a part of it, their arguments and input.
 *
 * @param input the texts that the command reads
 */
export function shownOutput(words: readonly CommandWord[], input: readonly string[]): ShownOutput {
  const { at, by } = runProgram(words);
  const name = programName(words[at]?.text);
  const given = by.includes('xargs') ? input.join(' ') : '';
  const rest = words.slice(at + 1);
  const dynamic = words.some((word) => word.dynamic);
  if (name === 'echo') return { text: joined(echoed(rest), given), dynamic };
  if (name === 'printf') return { text: printed([...rest, ...formatOf(rest, given)]), dynamic };
  if (passesOn.has(name)) return { text: input.join('\n'), dynamic: false };
  if (
    /^(?:which|type)$/.test(name) ||
    (by.includes('command') && /^-[vV]$/.test(words[1]?.text ?? ''))
  ) {
    return { text: words.at(-1)?.text ?? '', dynamic: false };
  }
  if (
    /^(?::|true|false|test|\[|\[\[|cd|cp|mv|rm|mkdir|touch|chmod|chown|ln|for|case|select)$/.test(
      name,
    )
  ) {
    return { text: '', dynamic: false };
  }
  return { text: joined(rest.map(({ text }) => text).join(' '), input.join('\n')), dynamic: true };
}

/** The input that xargs gives to printf, as its format or its last argument. */
function formatOf(words: readonly CommandWord[], given: string): readonly CommandWord[] {
  return given === '' ? [] : [{ text: words.length === 0 ? given : `\n${given}`, dynamic: false }];
}

function joined(text: string, more: string): string {
  return more === '' ? text : `${text}\n${more}`;
}

function echoed(words: readonly CommandWord[]): string {
  let at = 0;
  let undoesEscapes = false;
  for (; /^-[neE]+$/.test(words[at]?.text ?? ''); at += 1) {
    if (words[at]?.text.includes('e')) undoesEscapes = true;
  }
  const text = words
    .slice(at)
    .map((word) => word.text)
    .join(' ');
  return undoesEscapes ? ansiCText(text, 'printed') : text;
}

/** Pieces that are printed by the format; the values that are left follow, joined by spaces. */
const maxPrinted = 10_000;

function printed(words: readonly CommandWord[]): string {
  const texts = words.map(({ text }) => text);
  if (texts[0] === '--') texts.shift();
  if (texts[0] === '-v') texts.splice(0, 2);
  const [format = '', ...values] = texts;
  const pieces = ansiCText(format, 'printed').split(
    /(%[-+ #0]{0,5}\d{0,5}(?:\.\d{0,5})?[sbqdiouxXcfeg]|%%)/,
  );
  const places = pieces.filter((piece, at) => at % 2 === 1 && piece !== '%%').length;
  const [first = ''] = pieces;
  if (pieces.length === 1) return first;
  if (places === 0) return pieces.join('').replaceAll('%%', '%');
  const written: string[] = [];
  let next = 0;
  do {
    for (const [at, piece] of pieces.entries()) {
      if (at % 2 === 0) written.push(piece);
      else if (piece === '%%') written.push('%');
      else {
        const value = values[next] ?? '';
        written.push(piece.endsWith('b') ? ansiCText(value, 'printed') : value);
        next += 1;
      }
    }
  } while (next < values.length && written.length < maxPrinted);
  return [written.join(''), ...values.slice(next)].join(' ');
}
