import { shortEscapes } from '../log-readers/lines/hidden-characters.ts';
import { edge, type Piece } from './required-pieces.ts';

/** For each byte of a text the bytes that are possible there. */
export type BytePattern = readonly (readonly number[])[];

const quote = 0x22;
const backslash = 0x5c;

/** Ways to write one piece. More would make tables large for little. */
const waysMax = 48;

/**
 * All ways in which a text as a string of JSON, with its quotes, may spell a piece. A piece that has too many of them is cut to the
 * longest part that has not: a part of what is required is required, too.
 *
 * A character has one short escape or none, except for those of which
 * {@link hidesCharacter} is true; a line that contains one must be read in full.
 */
export function bytePatterns(piece: Piece): readonly BytePattern[] {
  let best: readonly BytePattern[] = [];
  let run: readonly BytePattern[] = [[]];
  const isLonger = () => shortest(run) > shortest(best);
  for (const characters of piece) {
    const ways = waysOf(characters);
    if (run.length * ways.length > waysMax) {
      if (isLonger()) best = run;
      run = ways;
    } else run = run.flatMap((head) => ways.map((tail) => [...head, ...tail]));
  }
  return isLonger() ? run : best;
}

function shortest(patterns: readonly BytePattern[]): number {
  return patterns.length === 0 ? 0 : Math.min(...patterns.map(({ length }) => length));
}

/** The ways to write one of some characters; characters of one byte share one way. */
function waysOf(characters: readonly number[]): readonly BytePattern[] {
  const single = new Set<number>();
  const longer: BytePattern[] = [];
  for (const character of characters) {
    if (character === edge) single.add(quote);
    else if (isOneByte(character)) single.add(character);
    else longer.push(...longWaysOf(character));
  }
  return single.size === 0 ? longer : [[[...single]], ...longer];
}

function isOneByte(codePoint: number): boolean {
  return codePoint < 0x80 && codePoint >= 0x20 && codePoint !== quote && codePoint !== backslash;
}

function longWaysOf(codePoint: number): readonly BytePattern[] {
  const utf8 = [...Buffer.from(String.fromCodePoint(codePoint))].map((byte) => [byte]);
  const short = shortEscapes[codePoint];
  if (short !== undefined) return [[[backslash], [short.charCodeAt(0)]]];
  if (codePoint < 0x20) return [unicodeEscape(codePoint)];
  return codePoint > 0xffff ? [utf8] : [utf8, unicodeEscape(codePoint)];
}

/** `\u001b`, with digits of either case. */
function unicodeEscape(unit: number): BytePattern {
  const digits = [...unit.toString(16).padStart(4, '0')];
  const bytes = digits.map((digit) => [
    ...new Set([digit.charCodeAt(0), digit.toUpperCase().charCodeAt(0)]),
  ]);
  return [[backslash], ['u'.charCodeAt(0)], ...bytes];
}
