import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { logOf } from '../log-event.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/report/read-report.ts';
import { type BytePattern, bytePatterns, type TextForm } from './byte-patterns.ts';
import { anyOf, choosePieces, conditionInGroup, type GroupCondition } from './group-condition.ts';
import type { Piece } from './required-pieces.ts';
import { SampleIndex } from './sample-index.ts';
import { StrideSearch } from './stride-search.ts';
import type { SearchedPattern } from './window-scan.ts';

/** Sets of pieces that a condition requires, by regexp and thus by identity. */
type PieceSet = readonly Piece[];

/** A longer pattern is hardly rarer, and takes longer to compare. */
const patternBytesMax = 12;

/** All byte patterns of sets of pieces, made once. */
class PatternsOf {
  readonly #form: TextForm;
  readonly #known = new Map<PieceSet, readonly BytePattern[]>();

  constructor(form: TextForm) {
    this.#form = form;
  }

  set(pieces: PieceSet): readonly BytePattern[] {
    const known = this.#known.get(pieces);
    if (known !== undefined) return known;
    const patterns = pieces.flatMap((piece) => bytePatterns(piece, this.#form));
    this.#known.set(pieces, patterns);
    return patterns;
  }
}

/**
 * Finds by their bytes the messages of one log group that a detection may match: it derives from each
 * condition which strings its messages must contain, as `query-language/pack/required-strings.ts` does for
 * the query in AWS. A message without any of them belongs to no detection; the others are to be decided.
 */
export class CandidateSearch {
  /** Numbers of the candidates whose events have nothing in common: every message may be one. */
  readonly always: readonly number[];
  readonly #sample: SampleIndex;
  readonly #patterns: Readonly<Record<TextForm, PatternsOf>>;
  /** By candidate, the sets of pieces of which its messages contain one piece. */
  readonly #chosen: readonly (readonly PieceSet[] | undefined)[];

  /**
   * @param messages a sample of the group's messages as plain texts with their edges, from which the rarest
   *   of the required strings are chosen; the choice changes the speed alone
   */
  constructor(
    candidates: readonly Candidate[],
    logGroup: string,
    messages: readonly Uint8Array[],
    patterns: Readonly<Record<TextForm, PatternsOf>>,
  ) {
    this.#sample = new SampleIndex(messages);
    this.#patterns = patterns;
    const found = new Map<PieceSet, ReadonlySet<number>>();
    const foundIn = (set: PieceSet) => {
      const known = found.get(set) ?? this.#sample.messagesWith(patterns.plain.set(set));
      found.set(set, known);
      return known;
    };
    this.#chosen = candidates.map((candidate) =>
      choosePieces(conditionFor(candidate, logGroup), (sets) =>
        costOf(sets, foundIn, messages.length),
      ),
    );
    this.always = this.#chosen.flatMap((sets, number) => (sets === undefined ? [number] : []));
  }

  /** @returns undefined if there is nothing to search for */
  in(form: TextForm): StrideSearch | undefined {
    const owned = new Map<string, { readonly pattern: BytePattern; readonly owners: number[] }>();
    for (const [number, sets = []] of this.#chosen.entries()) {
      for (const set of sets) {
        for (const pattern of this.#patterns[form].set(set)) {
          const part = this.#rarestPart(pattern);
          const key = part.join(' ');
          const known = owned.get(key) ?? { pattern: part, owners: [] };
          if (known.owners.at(-1) !== number) known.owners.push(number);
          owned.set(key, known);
        }
      }
    }
    const patterns: readonly SearchedPattern[] = [...owned.values()];
    if (patterns.length === 0) return undefined;
    return new StrideSearch(patterns, this.#chosen.length, this.#sample);
  }

  /** The part of a pattern with the rarest pair of bytes in its middle. */
  #rarestPart(pattern: BytePattern): BytePattern {
    if (pattern.length <= patternBytesMax) return pattern;
    const middle = this.#sample.rarestEnd(pattern) - patternBytesMax / 2;
    const from = Math.max(0, Math.min(middle, pattern.length - patternBytesMax));
    return pattern.slice(from, from + patternBytesMax);
  }
}

/** What the searches of all groups share. */
export function sharedPatterns(): Readonly<Record<TextForm, PatternsOf>> {
  return { plain: new PatternsOf('plain'), json: new PatternsOf('json') };
}

/** An event of unknown log type may belong to what it would belong to in a group of any type. */
function conditionFor(candidate: Candidate, logGroup: string): GroupCondition {
  const types = environmentOfUnknownTypeGroup(logGroup) === undefined ? [undefined] : logTypes;
  return anyOf(
    types.map((type) => {
      const typed = (log: string) => (type === undefined ? log : typedLog(log, type));
      return conditionInGroup(candidate, {
        log: typed(logOf(logGroup)),
        logGroup: typed(logGroup),
      });
    }),
  );
}

/**
 * How many messages of a sample contain a piece of one of the sets, and have to be read then. A piece of two
 * or three characters costs more than its candidates, because the search looks at more bytes for it.
 */
function costOf(
  sets: readonly PieceSet[],
  foundIn: (set: PieceSet) => ReadonlySet<number>,
  messages: number,
): number {
  const found = new Set<number>();
  let shortest = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const set of sets) {
    for (const message of foundIn(set)) found.add(message);
    for (const { length } of set) shortest = Math.min(shortest, length);
    count += set.length;
  }
  return found.size + (messages + 1) * 0.1 * 0.4 ** shortest + count * 1e-6;
}
