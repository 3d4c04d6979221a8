import { isDocument } from '../../text/privilege-phrase.ts';

/** The arguments of a call of GNU sed. */
interface SedCall {
  readonly scripts: readonly string[];
  readonly files: readonly string[];
  /** `-f`: a script is in a file. */
  readonly readsScript: boolean;
  /** `-i`: it writes its output into its files. */
  readonly inPlace: boolean;
}

/** @param args the words after the program's name */
function readSed(args: readonly string[]): SedCall {
  const scripts: string[] = [];
  const others: string[] = [];
  let [readsScript, inPlace] = [false, false];
  let awaited: string | undefined;
  for (const text of args) {
    const [, letters, value = ''] = /^-([nErsuzb]{0,20}[efl])(.*)$/s.exec(text) ?? [];
    if (awaited !== undefined) {
      if (awaited === 'e') scripts.push(text);
      awaited = undefined;
    } else if (letters !== undefined) {
      const option = letters.slice(-1);
      if (option === 'f') readsScript = true;
      if (value === '') awaited = option;
      else if (option === 'e') scripts.push(value);
    } else if (text.startsWith('--expression=')) scripts.push(text.slice('--expression='.length));
    else if (text.startsWith('--file')) readsScript = true;
    else if (/^-[nErsuzb]{0,20}i|^--in-place/.test(text)) inPlace = true;
    else if (!/^-./.test(text)) others.push(text);
  }
  const isGiven = scripts.length > 0 || readsScript;
  return isGiven
    ? { scripts, files: others, readsScript, inPlace }
    : { scripts: others.slice(0, 1), files: others.slice(1), readsScript, inPlace };
}

/** Whether sed only prints its output, or writes it only into files that people read. */
export function sedOnlyShows(args: readonly string[]): boolean {
  const { scripts, files, readsScript, inPlace } = readSed(args);
  if (readsScript || (inPlace && !files.every(isDocument))) return false;
  return scripts.every((script) => isSubstitution(script) || !mayRun(script));
}

/** The files that sed changes in place. */
export function filesOfSed(args: readonly string[]): readonly string[] {
  const { files, inPlace } = readSed(args);
  return inPlace ? files : [];
}

/** Looks for the commands and flags `e`, which runs a text, `w`, which writes a file, and `r`. */
function mayRun(script: string): boolean {
  return /(?:^|[;{}\n\d$/! \t,])[ewr](?:[ \t]|$)|[^\w\s]\w{0,5}[ew](?:[\s;}]|$)/.test(script);
}

/** An optional address of lines, by number or regular expression, then `s` with its delimiter. */
const beginning =
  /[\s;]{0,50}(?:(?:\d{1,9}|\$|\/(?:[^/\\\n]|\\.)*\/)(?:,(?:\d{1,9}|\$|\/(?:[^/\\\n]|\\.)*\/))?)?[ \t]{0,5}!?[ \t]{0,5}s([^\w\s\\])/y;
const flags = /[gpIiMm\d]{0,20}[ \t]{0,50}/y;
const end = /[\s;]{0,50}$/y;

/** Whether a script consists of `s` commands that run nothing: an `e` in their texts is no flag. */
function isSubstitution(script: string): boolean {
  let at = 0;
  for (;;) {
    beginning.lastIndex = at;
    const [whole, delimiter = ''] = beginning.exec(script) ?? [];
    if (whole === undefined) return false;
    at += whole.length;
    for (let parts = 0; parts < 2; parts += 1) {
      while (at < script.length && script[at] !== delimiter) at += script[at] === '\\' ? 2 : 1;
      at += 1;
    }
    if (at > script.length) return false;
    flags.lastIndex = at;
    at += flags.exec(script)?.[0].length ?? 0;
    end.lastIndex = at;
    if (end.test(script)) return true;
    if (script[at] !== ';' && script[at] !== '\n') return false;
  }
}
