import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { logOf } from '../log-event.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/report/read-report.ts';
import { type BytePattern, bytePatterns, type TextForm } from './byte-patterns.ts';
import { choosePieces, conditionInGroup, type GroupCondition } from './group-condition.ts';
import type { Piece } from './required-pieces.ts';
import { PairCounts, type SearchedPattern, SkipSearch } from './skip-search.ts';

/** Texts of a sample that decide what is searched for. */
export interface SampledTexts {
  readonly bytes: Uint8Array;
  /** Begin and end of each text, with its edges. */
  readonly places: readonly (readonly [from: number, to: number])[];
}

/** What is searched for in the messages of one log group. */
export interface GroupSearch {
  /** Numbers of the candidates whose events have nothing in common: every message may be one. */
  readonly always: readonly number[];
  /** Numbers the others by their place in the plan. @default - no other candidate is possible */
  readonly search?: SkipSearch;
}

/**
 * Finds by their bytes the messages that a detection may match: it derives from each condition which
 * strings its messages must contain, as `query-language/pack/required-strings.ts` does for the query in
 * AWS. A message without any of them belongs to no detection; the others are to be decided.
 */
export class CandidateSearch {
  readonly #candidates: readonly Candidate[];
  readonly #form: TextForm;

  constructor(candidates: readonly Candidate[], form: TextForm) {
    this.#candidates = candidates;
    this.#form = form;
  }

  /**
   * @param sample messages of the group, from which the rarest of the required strings are chosen; the
   *   choice changes the speed alone
   */
  inGroup(logGroup: string, sample: SampledTexts): GroupSearch {
    const conditions = this.#candidates.map((candidate) => conditionFor(candidate, logGroup));
    const counts = new PairCounts();
    for (const [from, to] of sample.places) counts.add(sample.bytes, from, to);
    const costs = new Map<readonly Piece[], number>();
    const costOf = (pieces: readonly Piece[]) => {
      const cost = costs.get(pieces) ?? this.#cost(pieces, sample, counts);
      costs.set(pieces, cost);
      return cost;
    };
    const always: number[] = [];
    const owners = new Map<string, { pattern: BytePattern; owners: Set<number> }>();
    for (const [number, condition] of conditions.entries()) {
      const pieces = choosePieces(condition, costOf);
      if (pieces === undefined) always.push(number);
      for (const pattern of this.#patterns(pieces ?? [])) {
        const key = JSON.stringify(pattern);
        const of = owners.get(key) ?? { pattern, owners: new Set() };
        of.owners.add(number);
        owners.set(key, of);
      }
    }
    const patterns = [...owners.values()].map(({ pattern, owners: of }): SearchedPattern => {
      return { pattern, owners: [...of] };
    });
    if (patterns.length === 0) return { always };
    return { always, search: new SkipSearch(patterns, this.#candidates.length, counts) };
  }

  #patterns(pieces: readonly Piece[]): readonly BytePattern[] {
    return pieces.flatMap((piece) => bytePatterns(piece, this.#form));
  }

  /** Messages of the sample that contain one; among equals, shorter patterns slow the search down. */
  #cost(pieces: readonly Piece[], { bytes, places }: SampledTexts, counts: PairCounts): number {
    const patterns = this.#patterns(pieces);
    const search = new SkipSearch(
      patterns.map((pattern) => ({ pattern, owners: [] })),
      0,
      counts,
    );
    const found = places.filter(([from, to]) => search.search(bytes, from, to)).length;
    const shortest = Math.min(...patterns.map(({ length }) => length));
    return (found + 0.5) * (1 + 2 ** (2 - shortest)) + patterns.length / 1e6;
  }
}

/** An event of unknown log type may belong to what it would belong to in a group of any type. */
function conditionFor(candidate: Candidate, logGroup: string): GroupCondition {
  const types = environmentOfUnknownTypeGroup(logGroup) === undefined ? [undefined] : logTypes;
  const parts = types.map((type) => {
    const typed = (log: string) => (type === undefined ? log : typedLog(log, type));
    const log = typed(logOf(logGroup));
    return conditionInGroup(candidate, { log, logGroup: typed(logGroup) });
  });
  const [only = false] = parts;
  return parts.length === 1 ? only : parts.includes(true) ? true : { or: parts };
}
