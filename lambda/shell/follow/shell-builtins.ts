import { ansiCText } from '../syntax/shell-text.ts';
import { programName, runProgram } from './shell-programs.ts';
import { baseName, type CommandWord, type ShellState } from './shell-state.ts';

/** The output of a command that only shows texts. */
interface ShownOutput {
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

const assigned = /^([A-Za-z_]\w*)(\+?)=([\s\S]*)$/;

/**
 * Applies what a command changes in the shell: variables, names of programs, copies of files.
 *
 * @returns whether the command does nothing else: it runs and prints nothing
 */
export function applyBuiltin(
  words: readonly CommandWord[],
  input: readonly string[],
  state: ShellState,
): boolean {
  const [first, ...rest] = words;
  if (first === undefined || first.dynamic) return false;
  switch (first.text) {
    case 'export':
    case 'declare':
    case 'typeset':
    case 'local':
    case 'readonly':
      declare(first.text, rest, state);
      return true;
    case 'for':
    case 'select':
      loop(rest, state);
      return true;
    case 'read':
    case 'mapfile':
    case 'readarray':
      readInto(first.text, rest, input, state);
      // `mapfile -C command`
      return !rest.some(({ text }) => /^-\w*C/.test(text));
    case 'printf':
      if (rest[0]?.text !== '-v') return false;
      state.set(rest[1]?.text ?? '', { texts: [shownOutput(words, []).text], dynamic: false });
      return true;
    case 'set':
      return setPositional(rest, state);
    case 'shift':
      state.positional = state.positional.slice(Number(rest[0]?.text ?? '1') || 1);
      return true;
    case 'alias':
      for (const word of rest) alias(word, state);
      return false;
    case 'hash':
      if (rest[0]?.text === '-p') rename(rest[2], rest[1], state);
      return true;
    case 'enable':
      for (const { text } of rest) state.redefined.add(text);
      return true;
    default:
      copy(words, input, state);
      return false;
  }
}

function declare(program: string, words: readonly CommandWord[], state: ShellState): void {
  const written = (value: string) => {
    if (words.some(({ text }) => /^-\w*l/.test(text))) return value.toLowerCase();
    return words.some(({ text }) => /^-\w*u/.test(text)) ? value.toUpperCase() : value;
  };
  const isExported = program === 'export' || words.some(({ text }) => /^-\w*x/.test(text));
  for (const word of words) {
    const [, name = '', plus, value = ''] = assigned.exec(word.text) ?? [];
    if (name !== '') {
      if (plus === '+') state.append(name, written(value), word.dynamic);
      else state.set(name, { texts: [written(value)], dynamic: word.dynamic });
    }
    if (!isExported) continue;
    for (const carrier of state.variables.get(name || word.text)?.carriers ?? []) {
      carrier.isExported = true;
    }
  }
}

function loop([name, , ...values]: readonly CommandWord[], state: ShellState): void {
  if (name === undefined) return;
  const isOver = values.length > 0 ? values : state.positional;
  const texts = isOver.map(({ text }) => text);
  if (texts.length === 0) return;
  state.variables.delete(name.text);
  state.set(name.text, { texts, dynamic: isOver.some(({ dynamic }) => dynamic) });
}

function readInto(
  program: string,
  words: readonly CommandWord[],
  input: readonly string[],
  state: ShellState,
): void {
  const text = input.join('\n');
  const isArray = program !== 'read' || words.some((word) => /^-\w*a$/.test(word.text));
  const names = words.filter(({ text: word }) => /^[A-Za-z_]\w*$/.test(word));
  if (text === '') return;
  const lines = text.split('\n').filter((line) => line !== '');
  if (isArray) {
    const name = names.at(-1)?.text ?? 'MAPFILE';
    const members = program === 'read' ? fieldsOf(text, state) : lines;
    state.set(name, { texts: [text], members, dynamic: false });
    return;
  }
  const [name, ...further] = names;
  if (name === undefined) state.set('REPLY', { texts: lines, dynamic: false });
  else if (further.length === 0) state.set(name.text, { texts: lines, dynamic: false });
  else {
    const fields = fieldsOf(text.trim(), state);
    for (const [at, { text: each }] of names.entries()) {
      const isLast = at === names.length - 1;
      const value = isLast ? fields.slice(at).join(' ') : (fields[at] ?? '');
      state.set(each, { texts: [value], dynamic: lines.length > 1 });
    }
  }
}

/** Splits a line as `read` does, at the characters of `IFS`. */
function fieldsOf(text: string, { variables }: ShellState): readonly string[] {
  const separators = variables.get('IFS')?.texts[0] ?? '';
  const spaced = [...text].map((each) => (separators.includes(each) ? ' ' : each)).join('');
  return (separators === '' ? text : spaced).split(/\s+/);
}

function setPositional(words: readonly CommandWord[], state: ShellState): boolean {
  const at = words.findIndex(({ text }) => !/^[-+]\w/.test(text));
  if (at < 0) return true;
  state.positional = words.slice(words[at]?.text === '--' ? at + 1 : at);
  return true;
}

function alias(word: CommandWord, state: ShellState): void {
  const [, name = '', , value = ''] = assigned.exec(word.text) ?? [];
  if (name === '') return;
  state.redefined.add(name);
  const words = value
    .trim()
    .split(/\s+/)
    .map((text) => ({ text, dynamic: word.dynamic }));
  state.aliases.set(name, words);
}

/** Makes a name run a program: `hash -p`, or a copy of the program's file. */
function rename(
  name: CommandWord | undefined,
  program: CommandWord | undefined,
  state: ShellState,
): void {
  if (name === undefined || program === undefined) return;
  const to = baseName(name.text);
  state.redefined.add(to);
  if (baseName(program.text) !== to) state.aliases.set(to, [program]);
}

/** Gives a copy of a file what the file is: a text that was written before, or a program. */
function copy(words: readonly CommandWord[], input: readonly string[], state: ShellState): void {
  const name = programName(words[0]?.text);
  if (!/^(?:cp|mv|ln|install)$/.test(name)) return;
  const files = words.slice(1).filter(({ text }) => !text.startsWith('-'));
  const [source, target] = files.slice(-2);
  if (target === undefined || source === undefined || files.length < 2) return;
  const isInput = /^(?:-|\/dev\/stdin)$/.test(source.text);
  const text = isInput ? input.join('\n') : state.read(source.text, 'isUsed');
  if (text !== undefined) state.write(target.text, { text, dynamic: false });
  else if (!target.text.endsWith('/')) rename(target, source, state);
}
