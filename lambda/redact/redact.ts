import { findSecrets } from './find-secrets.ts';
import { mayHoldSecret } from './known/may-hold-secret.ts';
import { looksRandom } from './known/secret-names.ts';
import { mergeRanges, type TextRange } from './text/span.ts';
import { Travels } from './travels.ts';

/** Replaces a secret. It has no quote, space or bracket, so that it fits anywhere. */
export const redactionMark = '***redacted***';

/** Readings of a text, at most: each follows a secret one more step back through a script. */
const readingsMax = 4;

/**
 * Replaces the secrets of a log line: values of password options in any quoting, assigned and
 * printed passwords, tokens and keys, passwords in URLs, connections and headers, and what its
 * format gives away (AWS keys, JSON web tokens, private keys, password hashes).
 *
 * A log line is text inside text: JSON around a Python list around a shell command. Each layer is
 * unquoted in turn, since only there it is clear where a value ends. Time is linear in the text.
 *
 * In doubt it hides more of a value. Users, roles, e-mail addresses and DAGs stay.
 */
export function redactSecrets(text: string): string {
  return redact(text).text;
}

const words = /[^\s"'`,;:=|\\(){}[\]<>]{8,200}/g;
/**
 * A shorter secret is not hidden elsewhere in the text, where the same word may mean something
 * else.
 */
const secretCharactersMin = 8;
const secretCharactersMax = 200;

export interface Redacted {
  readonly text: string;
  /**
   * The new index of a position in the original text; inside a secret, the beginning of its mark.
   */
  position(index: number): number;
}

export function redact(text: string): Redacted {
  const ranges = secretRanges(text);
  /** The index of each range's mark in the redacted text. */
  const marks: number[] = [];
  let redacted = '';
  let done = 0;
  for (const { start, end } of ranges) {
    redacted += text.slice(done, start);
    marks.push(redacted.length);
    redacted += redactionMark;
    done = end;
  }
  return { text: redacted + text.slice(done), position: (index) => shifted(ranges, marks, index) };
}

/**
 * Finds the secrets of a text. If a variable, argument or file is used as a password (`-p "$X"`),
 * whatever was stored there is a secret too, so the text is read again.
 */
function secretRanges(text: string): TextRange[] {
  if (!mayHoldSecret(text)) return [];
  const ranges: TextRange[] = [];
  let travels = new Travels();
  for (let reading = 0; reading < readingsMax; reading += 1) {
    const found = findSecrets(text, travels);
    for (const range of found) ranges.push(range);
    if (!travels.hasNews) break;
    travels = new Travels(travels.all);
  }
  const merged = mergeRanges(ranges);
  return mergeRanges([...merged, ...repeated(text, merged)]);
}

/** Finds secrets again where they appear as a word without a name. */
function repeated(text: string, ranges: readonly TextRange[]): TextRange[] {
  const secrets = new Set<string>();
  for (const { start, end } of ranges) {
    const secret = end - start > secretCharactersMax ? '' : text.slice(start, end);
    if (secret.length >= secretCharactersMin && looksRandom(secret)) secrets.add(secret);
  }
  if (secrets.size === 0) return [];
  return Array.from(text.matchAll(words), ({ index, 0: word }) => ({
    start: index,
    end: secrets.has(word) ? index + word.length : index,
  })).filter(({ start, end }) => end > start);
}

function shifted(ranges: readonly TextRange[], marks: readonly number[], index: number): number {
  const last = rangesBefore(ranges, index) - 1;
  const { end } = ranges[last] ?? { end: 0 };
  const mark = marks[last];
  if (mark === undefined) return index;
  return index < end ? mark : mark + redactionMark.length + (index - end);
}

/** How many ranges begin before a position. @param ranges in ascending order */
function rangesBefore(ranges: readonly TextRange[], index: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.start ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
