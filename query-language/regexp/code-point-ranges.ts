import type { CodePointRange } from './regexp-tree.ts';

export const lastCodePoint = 0x10ffff;

export const digitRanges: readonly CodePointRange[] = [[0x30, 0x39]];

/** ASCII only, as in RE2 and Hyperscan. */
export const wordRanges: readonly CodePointRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

/** Tab, line feed, form feed, carriage return and space, as in RE2. */
export const spaceRanges: readonly CodePointRange[] = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
];

/** `\h`: tab and the spaces of Unicode. */
export const horizontalSpaceRanges: readonly CodePointRange[] = [
  [0x09, 0x09],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

/** Characters that end a line for `\R`. */
export const verticalSpaceRanges: readonly CodePointRange[] = [
  [0x0a, 0x0d],
  [0x85, 0x85],
  [0x2028, 0x2029],
];

/** `[:name:]` inside a class; ASCII only. */
export const posixClasses: ReadonlyMap<string, readonly CodePointRange[]> = new Map([
  ['alnum', ranges('09AZaz')],
  ['alpha', ranges('AZaz')],
  ['ascii', [[0, 0x7f]]],
  ['blank', [...ranges('  '), [0x09, 0x09]]],
  [
    'cntrl',
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', digitRanges],
  ['graph', ranges('!~')],
  ['lower', ranges('az')],
  ['print', ranges(' ~')],
  ['punct', ranges('!/:@[`{~')],
  [
    'space',
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ['upper', ranges('AZ')],
  ['word', wordRanges],
  ['xdigit', ranges('09AFaf')],
] satisfies [string, readonly CodePointRange[]][]);

/** Pairs of ASCII characters as ranges. */
function ranges(pairs: string): CodePointRange[] {
  const found: CodePointRange[] = [];
  for (let at = 0; at < pairs.length; at += 2) {
    found.push([pairs.charCodeAt(at), pairs.charCodeAt(at + 1)]);
  }
  return found;
}

/** Sorts ranges and merges overlaps. */
export function mergeRanges(unsorted: readonly CodePointRange[]): readonly CodePointRange[] {
  const merged: [number, number][] = [];
  for (const [from, to] of unsorted.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Every code point outside the ranges. */
export function complement(of: readonly CodePointRange[]): readonly CodePointRange[] {
  const rest: CodePointRange[] = [];
  let next = 0;
  for (const [from, to] of mergeRanges(of)) {
    if (from > next) rest.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= lastCodePoint) rest.push([next, lastCodePoint]);
  return rest;
}

/** The last letter with another case (Adlam). */
const lastCasedCodePoint = 0x1e943;

/** The capital of the dotless i is I, but they are the same letter only in Turkish. */
export const dotlessI = 0x131;

let otherCases: ReadonlyMap<number, readonly number[]> | undefined;

/**
 * For each letter, its other single-character cases, as in RE2: for `k` also the Kelvin sign, for
 * `s` also the long s.
 */
function allOtherCases(): ReadonlyMap<number, readonly number[]> {
  if (otherCases !== undefined) return otherCases;
  /** The same array for all cases of one letter. */
  const cases = new Map<number, number[]>();
  for (let codePoint = 0x41; codePoint <= lastCasedCodePoint; codePoint += 1) {
    if (codePoint === dotlessI) continue;
    const letter = String.fromCodePoint(codePoint);
    for (const other of [letter.toLowerCase(), letter.toUpperCase()]) {
      const otherCodePoint = other.codePointAt(0) ?? codePoint;
      if (other === letter || [...other].length !== 1) continue;
      const one = cases.get(codePoint) ?? [codePoint];
      const two = cases.get(otherCodePoint) ?? [otherCodePoint];
      if (one === two) continue;
      const both = [...one, ...two];
      for (const each of both) cases.set(each, both);
    }
  }
  otherCases = cases;
  return cases;
}

/** The ranges plus the other cases of every letter in them, as with `(?i)`. */
export function foldCase(of: readonly CodePointRange[]): readonly CodePointRange[] {
  const folded = [...of];
  const cases = allOtherCases();
  for (const [from, to] of of) {
    // Usually a single letter: walking over all cases for each took half of the parsing time.
    for (let letter = from; letter <= Math.min(to, lastCasedCodePoint); letter += 1) {
      for (const each of cases.get(letter) ?? []) folded.push([each, each]);
    }
  }
  return mergeRanges(folded);
}
