import type { NeededEvents } from '../insights-engine/needed-events.ts';
import { LineKernel } from '../line-kernel/line-kernel.ts';
import type { EventSieve, GroupSieve } from '../log-readers/lines/event-sieve.ts';
import { bytePatterns } from './byte-patterns.ts';
import { LiteralSearch, placeLiterals } from './literal-search.ts';
import { SampleIndex } from './sample-index.ts';
import { patternBytesMax } from './written-pattern.ts';

/**
 * Passes over the events that a query does not need to read: of another time or group, without its strings, or any
 * if it only counts them.
 */
export class QuerySieve implements EventSieve {
  readonly kernel = new LineKernel();
  readonly #needed: NeededEvents;
  readonly #search: LiteralSearch | undefined;
  readonly #groups = new Map<string, GroupSieve>();

  constructor(needed: NeededEvents) {
    this.#needed = needed;
    this.#search = searchFor(needed.needs.requiredStrings, this.kernel);
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
    const { mayBeNeeded, pass, passTogether } = this.#needed.unreadOf(logGroup);
    const { firstEpochMs, lastEpochMs } = this.#needed.needs.range;
    const messages = mayBeNeeded ? (this.#search ?? 'ask') : 'pass';
    return {
      treatment: { messages, firstEpochMs, lastEpochMs },
      mayMatter: () => true,
      pass,
      ...(passTogether && { passTogether }),
    };
  }
}

/**
 * A search for one of the sets, the one whose strings are longest: the events that have another one are few
 * enough to be read.
 */
function searchFor(
  sets: readonly (readonly string[])[],
  kernel: LineKernel,
): LiteralSearch | undefined {
  const [chosen] = sets
    .map((strings) => strings.map(patternsOf))
    .filter((ofStrings) => ofStrings.every((patterns) => patterns.length > 0))
    .map((ofStrings) => ofStrings.flat())
    .toSorted((a, b) => shortest(b) - shortest(a));
  if (chosen === undefined) return undefined;
  const patterns = chosen.map((pattern) => ({
    pattern: pattern.slice(0, patternBytesMax),
    owners: [],
  }));
  return new LiteralSearch(kernel, placeLiterals(patterns, new SampleIndex([])), 0);
}

function patternsOf(text: string) {
  const piece = Array.from(text, (character) => [character.codePointAt(0) ?? 0]);
  return bytePatterns(piece).filter((pattern) => pattern.length > 0);
}

function shortest(patterns: readonly { readonly length: number }[]): number {
  return Math.min(...patterns.map(({ length }) => length));
}
