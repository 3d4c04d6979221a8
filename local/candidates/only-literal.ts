import type { BytePattern } from './byte-patterns.ts';
import { byteTest } from './written-pattern.ts';

/** The bytes of logs, the most frequent ones first; capital letters are as frequent as small ones. */
const frequentBytes = ' etaoinsrlcd01_u"-2.mp:3,5h4/gfybw=679\'8kv[]()xqjz';

/**
 * Two places of a pattern by which it is found when it is the only one: those whose bytes are the rarest in logs.
 *
 * @returns undefined if no place has a single byte, whatever the case of letters
 */
export function seldomPlaces(pattern: BytePattern): readonly [number, number] | undefined {
  const places = [...pattern.keys()].filter((place) => byteTest(pattern[place]).mask !== 0);
  const [first, second = first] = places.toSorted((a, b) => {
    return rankOf(pattern[b]) - rankOf(pattern[a]) || a - b;
  });
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** The higher, the rarer. */
function rankOf(possible: readonly number[] = []): number {
  const rank = frequentBytes.indexOf(String.fromCharCode(...possible.slice(0, 1)).toLowerCase());
  return rank < 0 ? frequentBytes.length : rank;
}
