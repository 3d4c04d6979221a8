import { type ProgramSecrets, programSecrets } from './known/program-secrets.ts';
import { isSecretName, isSecretOption } from './known/secret-names.ts';
import type { Command, ScriptWord } from './read-script.ts';
import type { SecretLayer } from './secret-layer.ts';

/** Programs that run the program after them. */
const wrappers = new Set(['sudo', 'su', 'docker', 'podman', 'kubectl']);

/** Programs that pass on their input, perhaps changed. */
const filters = new Set([
  'cat',
  'tr',
  'sed',
  'base64',
  'rev',
  'cut',
  'head',
  'tail',
  'awk',
  'tee',
  'xxd',
]);

/** Characters of the longest option with its value glued to it, dash included: `-hp`. */
const gluedOptionMax = 3;

/** How many filters of a pipe, or groups in groups, are followed. */
const filtersMax = 5;

const readsSecret = /^(?:--\S*-stdin|--with-token|password_stdin)$/;
const noOperand = /^-/;

/** Takes the secrets among a command's words and input, by what its program does with them. */
export function takeCommandSecrets(layer: SecretLayer, command: Command): void {
  const { words } = command;
  let program: ProgramSecrets | undefined;
  let from = 0;
  for (const [at, { view }] of words.entries()) {
    if (program !== undefined && !wrappers.has(baseName(words[from]?.view.text ?? ''))) break;
    const found = programSecrets.get(baseName(view.text));
    if (found === undefined) continue;
    if (program !== undefined) takeProgram(layer, command, words.slice(from, at), program);
    [program, from] = [found, at];
  }
  takeProgram(layer, command, words.slice(from), program ?? {});
  takeNamedValue(layer, words);
}

function takeProgram(
  layer: SecretLayer,
  command: Command,
  words: readonly ScriptWord[],
  program: ProgramSecrets,
): void {
  const operands: ScriptWord[] = [];
  const options: string[] = [];
  for (let at = program.operands === undefined ? 0 : 1; at < words.length; at += 1) {
    const word = words[at];
    const text = word?.view.text ?? '';
    if (word === undefined) continue;
    if (!noOperand.test(text) && !layer.findings.travels.hasOption(variableOf(text))) {
      operands.push(word);
      continue;
    }
    options.push(text);
    if (takeOption(layer, words, at, program)) at += 1;
  }
  const positions = program.operands?.(
    operands.map(({ view }) => view.text),
    options,
  );
  for (const position of positions ?? []) {
    const operand = operands[position];
    const before = program.inside?.exec(operand?.view.text ?? '')?.[0].length ?? 0;
    if (operand !== undefined) takeWord(layer, operand, before);
  }
  takeStdin(layer, command, words, program);
}

/** @returns whether the next word is the option's value */
function takeOption(
  layer: SecretLayer,
  words: readonly ScriptWord[],
  at: number,
  program: ProgramSecrets,
): boolean {
  const word = words[at];
  const next = words[at + 1];
  if (word === undefined) return false;
  const { text } = word.view;
  const equals = text.startsWith('--') ? text.indexOf('=') : -1;
  const name = equals === -1 ? text : text.slice(0, equals);
  const separator = program.separator ?? ':';
  if (program.pairs?.test(name)) {
    if (equals !== -1) takePair(layer, word, equals + 1, separator);
    else if (next !== undefined) takePair(layer, next, 0, separator);
    return equals === -1;
  }
  if (
    program.options?.test(name) ||
    isOption(name) ||
    layer.findings.travels.hasOption(variableOf(name))
  ) {
    if (equals !== -1) takeWord(layer, word, equals + 1);
    else if (next !== undefined) takeWord(layer, next);
    // `-p -P …`: the first of them may be a flag of this program.
    return equals === -1 && !(next !== undefined && program.options?.test(next.view.text));
  }
  if (text.startsWith('--') || program.isSpaced) return false;
  for (let length = 2; length <= gluedOptionMax && length < text.length; length += 1) {
    if (program.options?.test(text.slice(0, length))) takeWord(layer, word, length);
    if (program.pairs?.test(text.slice(0, length))) takePair(layer, word, length, separator);
  }
  return false;
}

/** Whether a word is an option whose value is a secret, whatever the program. */
export function isOption(word: string): boolean {
  if (/^-v*p$/.test(word)) return true;
  if (/^--\S{1,100}$/.test(word)) return isSecretOption(word.slice(2));
  return /^-[A-Za-z][\w.-]{1,60}$/.test(word) && isSecretName(word.slice(1));
}

function takePair(layer: SecretLayer, word: ScriptWord, from: number, separator: string): void {
  const index = word.view.text.indexOf(separator, from);
  if (index !== -1) takeWord(layer, word, index + separator.length);
  else layer.findings.travels.addReferences(word.view.text.slice(from));
}

/** Takes the secrets of lines that each hold a name and a secret. */
function takePairs(layer: SecretLayer, { view }: ScriptWord, separator: string): void {
  let from = 0;
  for (const line of view.text.split('\n')) {
    takePair(layer, { view: view.slice(from, from + line.length) }, 0, separator);
    from += line.length + 1;
  }
}

/** Takes the value of `--name db_password --value …`, `--key … --value …`. */
function takeNamedValue(layer: SecretLayer, words: readonly ScriptWord[]): void {
  const wordAfter = (option: RegExp) => {
    const at = words.findIndex(({ view }) => option.test(view.text));
    return at === -1 ? undefined : words[at + 1];
  };
  const value = wordAfter(/^--value$/);
  if (value === undefined) return;
  const name = wordAfter(/^--(?:name|key|secret-name)$/)?.view.text ?? '';
  const isSecret = words.some(({ view }) => /^secret$|SecureString$/.test(view.text));
  if (isSecret || isSecretName(name)) takeWord(layer, value);
}

function takeStdin(
  layer: SecretLayer,
  command: Command,
  words: readonly ScriptWord[],
  { stdin, separator }: ProgramSecrets,
): void {
  const last = words.at(-1)?.view.text ?? '';
  const isRead =
    (last.startsWith('--') && isOption(last)) ||
    stdin?.test(` ${words.map(({ view }) => view.text).join(' ')} `) ||
    words.some(({ view }) => readsSecret.test(view.text));
  if (!isRead) return;
  for (const word of inputsOf(command)) {
    if (separator === undefined) takeWord(layer, askedTwice(word));
    else takePairs(layer, word, separator);
  }
}

/**
 * The words that a command reads: its here-strings and here-documents, or the output piped into it.
 */
export function inputsOf(command: Command, depth = 0): readonly ScriptWord[] {
  if (command.inputs.length > 0) return command.inputs;
  return command.producer === undefined ? [] : outputsOf(command.producer, depth);
}

/** The words that a command writes. */
export function outputsOf(command: Command, depth = 0): readonly ScriptWord[] {
  if (command.group !== undefined) {
    return depth < filtersMax ? command.group.flatMap((one) => outputsOf(one, depth + 1)) : [];
  }
  const at = command.words.findIndex(({ view }) => /^(?:echo|printf|print|yes)$/.test(view.text));
  if (at !== -1) return printed(command.words.slice(at));
  const isFilter = command.words.some(({ view }) => filters.has(baseName(view.text)));
  return isFilter && depth < filtersMax ? inputsOf(command, depth + 1) : command.inputs;
}

function printed(words: readonly ScriptWord[]): readonly ScriptWord[] {
  const [program, ...all] = words;
  const rest = all.filter(({ view }) => !/^-(?:[neE]+|-|r)$/.test(view.text));
  const isFormat = program?.view.text === 'printf' && rest.length > 1;
  return isFormat ? rest.slice(1) : rest;
}

/** The first line: a password ends there, and something else reads the rest of a here-document. */
export function firstLine({ view }: ScriptWord): ScriptWord {
  const end = view.text.indexOf('\n');
  return end === -1 ? { view } : { view: view.slice(0, end) };
}

/** The first line, and the second if it repeats the first: some programs ask twice. */
function askedTwice(word: ScriptWord): ScriptWord {
  const { text } = firstLine(word).view;
  const isTwice = word.view.text.startsWith(`${text}\n${text}`) && text !== '';
  return isTwice ? { view: word.view.slice(0, 2 * text.length + 1) } : firstLine(word);
}

/** Takes a word as a secret, from an index on. */
export function takeWord(layer: SecretLayer, { view }: ScriptWord, from = 0): void {
  layer.takeView(view, from);
}

/** The name of the variable if a word is nothing but one; else empty. */
export function variableOf(word: string): string {
  return /^\$\{?([A-Za-z_]\w*)(?:\[[@*]\])?\}?$/.exec(word)?.[1] ?? '';
}

function baseName(word: string): string {
  return word.length > 200 ? '' : word.slice(word.lastIndexOf('/') + 1).replace(/\.exe$/, '');
}
