import {
  firstLine,
  inputsOf,
  isOption,
  outputsOf,
  takeWord,
  variableOf,
} from './command-secrets.ts';
import { isSecretName } from './known/secret-names.ts';
import type { Command, Script, ScriptWord } from './read-script.ts';
import type { SecretLayer } from './secret-layer.ts';

const keyword = /^(?:do|then|else|elif|if|while|until|time|!|\{|command|builtin|exec|eval|\+)$/;
const assignment = /^([A-Za-z_]\w*)\+?=/;
const shells = /^(?:\S*\/)?(?:ba|z|da|k|a)?sh$/;
const wholeInput = /\$\(\s{0,9}(?:cat|<\s{0,9}\/dev\/stdin|cat\s{1,9}(?:-|\/dev\/stdin))\s{0,9}\)/;

/**
 * Takes the values that a script stores where it later reads a secret: the words of `for P in …`,
 * of `set --` and of a function's call, the input of `read` and `xargs`, what is written into a
 * file, the default in `${P:=…}`.
 */
export function takeTravelling(layer: SecretLayer, { commands, functions }: Script): void {
  const written = new Set(commands.flatMap(({ writes }) => writes));
  for (const command of commands) {
    if (command.array !== undefined) takeArray(layer, command, command.array);
    const words = withoutKeywords(command.words);
    noteOptions(layer, words);
    takeByName(layer, command, words, { functions, written });
    takeDefaults(layer, command.words);
    takeWritten(layer, command, words);
    takeReading(layer, command);
  }
}

function withoutKeywords(words: readonly ScriptWord[]): readonly ScriptWord[] {
  let from = 0;
  while (from < words.length && isBefore(words[from]?.view.text ?? '')) from += 1;
  return words.slice(from);
}

function isBefore(word: string): boolean {
  return keyword.test(word) || (assignment.test(word) && !endsWithOption(word));
}

function takeArray(layer: SecretLayer, { words }: Command, array: string): void {
  if (layer.findings.travels.hasVariable(array)) takeAll(layer, words);
}

/**
 * Notes variables and aliases that end with a secret option: `OPTION=-p`, `alias c='… create -p'`.
 */
function noteOptions(layer: SecretLayer, words: readonly ScriptWord[]): void {
  for (const { view } of words) {
    const name = assignment.exec(view.text)?.[1];
    if (name !== undefined && endsWithOption(view.text)) layer.findings.travels.addOption(name);
  }
}

function endsWithOption(word: string): boolean {
  const last = /(?:^|[\s=])(-[\w-]{1,60})\s?$/.exec(word.slice(-80))?.[1];
  return last !== undefined && isOption(last);
}

interface Defined {
  readonly functions: ReadonlySet<string>;
  /** Files that the script writes. */
  readonly written: ReadonlySet<string>;
}

function takeByName(
  layer: SecretLayer,
  command: Command,
  words: readonly ScriptWord[],
  { functions, written }: Defined,
): void {
  const { travels } = layer.findings;
  const [first, ...rest] = words;
  const name = first?.view.text ?? '';
  const isShell = shells.test(name);
  if (name === 'for' || name === 'select') {
    if (travels.hasVariable(rest[0]?.view.text ?? '')) takeAll(layer, rest.slice(2));
  } else if (name === 'read') takeRead(layer, command, rest);
  else if (name === 'mapfile' || name === 'readarray') {
    if (rest.some(({ view }) => travels.hasVariable(view.text))) takeAll(layer, inputsOf(command));
  } else if (name === 'printf' && rest[0]?.view.text === '-v') {
    if (travels.hasVariable(rest[1]?.view.text ?? '')) takeAll(layer, rest.slice(2));
  } else if (name === 'set') {
    // `set -gx TOKEN …` of fish.
    if (/x/.test(rest[0]?.view.text ?? '') && isSecretName(rest[1]?.view.text ?? '')) {
      takeAll(layer, rest.slice(2));
    }
    takeArguments(
      layer,
      rest.filter(({ view }) => !/^[-+]/.test(view.text)),
    );
  } else if (functions.has(name) || written.has(name.replace(/^\.\//, '')) || written.has(name)) {
    takeArguments(layer, rest);
  } else if (isShell) takeShell(layer, rest, written);
  if (travels.hasOption(name) || travels.hasOption(variableOf(name)))
    takeAll(layer, rest.slice(0, 1));
  if (name === 'xargs' || rest.some(({ view }) => view.text === 'xargs')) {
    takeXargs(layer, command, words);
  }
}

function takeArguments(layer: SecretLayer, words: readonly ScriptWord[], first = 1): void {
  for (const [at, word] of words.entries()) {
    if (layer.findings.travels.hasArgument(at + first)) takeWord(layer, word);
  }
}

/**
 * Takes the arguments of `bash -c TEXT NAME ARGUMENTS`, `bash FILE ARGUMENTS`, `bash -s ARGUMENTS`.
 */
function takeShell(
  layer: SecretLayer,
  words: readonly ScriptWord[],
  written: ReadonlySet<string>,
): void {
  const script = words.findIndex(({ view }) => /^-\w*c$/.test(view.text));
  if (script !== -1) {
    takeArguments(layer, words.slice(script + 2), 0);
    return;
  }
  const file = words.findIndex(({ view }) => view.text === '-s' || written.has(view.text));
  if (file !== -1)
    takeArguments(
      layer,
      words.slice(file + 1).filter(({ view }) => view.text !== '--'),
    );
}

/** Takes the field that a secret variable gets in `read -r USER PASSWORD <<< 'eve …'`. */
function takeRead(layer: SecretLayer, command: Command, words: readonly ScriptWord[]): void {
  const { travels } = layer.findings;
  const names = words.filter(
    ({ view }, at) =>
      /^[A-Za-z_]\w*$/.test(view.text) && !/^-\w*[dinNptu]$/.test(words[at - 1]?.view.text ?? ''),
  );
  for (const [at, { view }] of names.entries()) {
    if (!travels.hasVariable(view.text)) continue;
    const isLast = at === names.length - 1;
    if (at < fieldsMax) travels.addOption(readMark(at, isLast));
    for (const word of inputsOf(command)) takeField(layer, firstLine(word), at, isLast);
  }
}

/** The name under which travels record that `read` fills a secret variable with this field. */
const readMark = (field: number, isLast: boolean) => `<read ${field}${isLast ? '…' : ''}>`;
const fieldsMax = 8;

/** Takes field number `at` of a text; the last variable of `read` gets the rest of the line. */
function takeField(layer: SecretLayer, word: ScriptWord, at: number, isLast: boolean): void {
  const { text } = word.view;
  const separator = /\s/.test(text) ? /\s+/g : /[:,|;/\t]+/g;
  let from = 0;
  for (let field = 0; field < at; field += 1) {
    separator.lastIndex = from;
    if (!separator.test(text)) return;
    from = separator.lastIndex;
  }
  separator.lastIndex = from;
  const end = isLast ? undefined : separator.exec(text)?.index;
  takeWord(layer, end === undefined ? word : { view: word.view.slice(0, end) }, from);
}

/** Takes the input of `xargs … -p`, `xargs -I{} … -p {}`, `xargs sh -c '… -p $0'`. */
function takeXargs(layer: SecretLayer, command: Command, words: readonly ScriptWord[]): void {
  const texts = words.map(({ view }) => view.text);
  const replaceAt = texts.findIndex((text) => /^-(?:I|i)/.test(text));
  const glued = texts[replaceAt]?.slice(2) ?? '';
  const mark = replaceAt === -1 ? undefined : glued || texts[replaceAt + 1];
  const isUsed = texts.some(
    (text, at) =>
      (isOption(text) && (at === texts.length - 1 || texts[at + 1] === mark)) ||
      (mark !== undefined && /^(?:-v*p|--[\w-]{1,60}=)/.test(text) && text.endsWith(mark)),
  );
  const inputs = inputsOf(command);
  if (isUsed) takeAll(layer, inputs);
  else if (mark !== undefined && layer.findings.travels.hasVariable(mark)) takeAll(layer, inputs);
  else if (texts.some((text) => shells.test(text))) takeArguments(layer, inputs, 0);
}

/**
 * Takes the value of `: ${P:=…}`, `${P:-…}` and `P[…]=…` for a variable that was used as a secret.
 */
function takeDefaults(layer: SecretLayer, words: readonly ScriptWord[]): void {
  for (const word of words) {
    const found =
      /^\$\{([A-Za-z_]\w*):?[-=+]/.exec(word.view.text) ??
      /^([A-Za-z_]\w*)\[[^\]]{0,60}\]\+?=/.exec(word.view.text);
    if (found !== null && layer.findings.travels.hasVariable(found[1] ?? '')) {
      takeWord(layer, word, found[0].length);
    }
  }
}

/** Takes what is written into a file from which a secret is read. */
function takeWritten(layer: SecretLayer, command: Command, words: readonly ScriptWord[]): void {
  const { travels } = layer.findings;
  const tee = words[0]?.view.text === 'tee' ? words.slice(1).map(({ view }) => view.text) : [];
  if (command.writes.some((file) => travels.hasFile(file))) takeAll(layer, outputsOf(command));
  if (tee.some((file) => travels.hasFile(file))) takeAll(layer, inputsOf(command));
}

/** Takes the input of a command with `-p "$(cat)"`, and of a loop that reads: `done <<< …`. */
function takeReading(layer: SecretLayer, command: Command): void {
  const isRead = command.words.some(
    ({ view }, at) =>
      isOption(command.words[at - 1]?.view.text ?? '') && wholeInput.test(view.text),
  );
  const isEnd = /^(?:done|\}|fi)$/.test(command.words[0]?.view.text ?? '');
  if (isRead) takeAll(layer, inputsOf(command).map(firstLine));
  if (!isEnd || command.inputs.length === 0) return;
  for (let field = 0; field < fieldsMax; field += 1) {
    for (const isLast of [false, true]) {
      if (!layer.findings.travels.hasOption(readMark(field, isLast))) continue;
      for (const word of command.inputs) takeField(layer, firstLine(word), field, isLast);
    }
  }
}

function takeAll(layer: SecretLayer, words: readonly ScriptWord[]): void {
  for (const word of words) takeWord(layer, word);
}
