import type { CommandWord } from './shell-command.ts';
import { programName } from './shell-programs.ts';
import { baseName, type ShellState } from './shell-state.ts';
import { shownOutput } from './shown-output.ts';

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
