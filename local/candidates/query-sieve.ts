import type { NeededEvents } from '../insights-engine/needed-events.ts';
import type { EventSieve, GroupSieve } from '../log-readers/lines/event-sieve.ts';
import { bytePatterns } from './byte-patterns.ts';
import { SampleIndex } from './sample-index.ts';
import { StrideSearch } from './stride-search.ts';

/**
 * Passes over the events that a query does not need to read: of another time or group, without its strings, or any
 * if it only counts them.
 */
export class QuerySieve implements EventSieve {
  readonly #needed: NeededEvents;
  readonly #search: StrideSearch | undefined;
  readonly #groups = new Map<string, GroupSieve>();

  constructor(needed: NeededEvents) {
    this.#needed = needed;
    this.#search = searchFor(needed.needs.requiredStrings);
  }

  ofGroup(logGroup: string): GroupSieve {
    let group = this.#groups.get(logGroup);
    if (group === undefined) {
      group = this.#newGroup(logGroup);
      this.#groups.set(logGroup, group);
    }
    return group;
  }

  #newGroup(logGroup: string): GroupSieve {
    const unread = this.#needed.unreadOf(logGroup);
    const search = this.#search;
    return {
      mayMatter: (bytes, from, to, timestamp) =>
        unread.mayNeed(timestamp) && (search === undefined || search.search(bytes, from, to)),
      pass: unread.pass,
    };
  }
}

/**
 * A search for one of the sets, the one whose strings are longest: the events that have another one are few
 * enough to be read.
 */
function searchFor(sets: readonly (readonly string[])[]): StrideSearch | undefined {
  const [chosen] = sets
    .map((strings) => strings.map(patternsOf))
    .filter((ofStrings) => ofStrings.every((patterns) => patterns.length > 0))
    .map((ofStrings) => ofStrings.flat())
    .toSorted((a, b) => shortest(b) - shortest(a));
  if (chosen === undefined) return undefined;
  const patterns = chosen.map((pattern) => ({ pattern, owners: [] }));
  return new StrideSearch(patterns, 0, new SampleIndex([]));
}

function patternsOf(text: string) {
  const piece = Array.from(text, (character) => [character.codePointAt(0) ?? 0]);
  return bytePatterns(piece, 'json').filter((pattern) => pattern.length > 0);
}

function shortest(patterns: readonly { readonly length: number }[]): number {
  return Math.min(...patterns.map(({ length }) => length));
}
