import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { logOf } from '../log-event.ts';
import { environmentOfUnknownTypeGroup, typedLog } from '../log-readers/report/read-report.ts';
import { type BytePattern, bytePatterns } from './byte-patterns.ts';
import {
  anyOf,
  choosePieces,
  conditionInGroup,
  type GroupCondition,
  type GroupNames,
} from './group-condition.ts';
import { type PlacedLiterals, placeLiterals } from './literal-search.ts';
import type { Piece } from './required-pieces.ts';
import type { SampleIndex } from './sample-index.ts';
import type { SearchedPattern } from './written-pattern.ts';

/** Sets of pieces that a condition requires, by regexp and thus by identity. */
type PieceSet = readonly Piece[];

/** A longer pattern is hardly rarer, and takes longer to compare. */
const patternLengthMax = 12;

/** What the messages of one log group are searched for; candidates by their numbers. */
export interface ChosenLiterals {
  /** The candidates whose events have nothing in common: every message may be one. */
  readonly always: readonly number[];
  /** A message of another candidate contains one that it owns. */
  readonly literals: PlacedLiterals;
}

/** The same, before it is known by which bytes each pattern is found. */
export interface ChosenPatterns {
  readonly always: readonly number[];
  readonly patterns: readonly SearchedPattern[];
}

/** All byte patterns of sets of pieces, made once. */
export class PatternsOfPieces {
  readonly #known = new Map<PieceSet, readonly BytePattern[]>();

  of(pieces: PieceSet): readonly BytePattern[] {
    const known = this.#known.get(pieces);
    if (known !== undefined) return known;
    const patterns = pieces.flatMap((piece) => bytePatterns(piece));
    this.#known.set(pieces, patterns);
    return patterns;
  }
}

/**
 * Derives from each condition which strings its messages must contain, as
 * `query-language/pack/required-strings.ts` does for the query in AWS. A message without any of them belongs to no
 * detection; the others are to be decided.
 *
 * @param sample some of the group's messages as JSON with their quotes, in which the chosen strings are the rarest;
 *   the choice changes the speed alone
 */
export function choosePatterns(
  candidates: readonly Candidate[],
  logGroup: string,
  sample: SampleIndex,
  patternsOfPieces: PatternsOfPieces,
): ChosenPatterns {
  const found = new Map<PieceSet, ReadonlySet<number>>();
  const foundIn = (set: PieceSet) => {
    const known = found.get(set) ?? sample.messagesWith(patternsOfPieces.of(set));
    found.set(set, known);
    return known;
  };
  const always: number[] = [];
  const owned = new Map<string, { readonly pattern: BytePattern; readonly owners: number[] }>();
  for (const [number, candidate] of candidates.entries()) {
    const sets = choosePieces(conditionFor(candidate, logGroup), (some) =>
      costOf(some, foundIn, sample),
    );
    if (sets === undefined) always.push(number);
    for (const set of sets ?? []) {
      for (const pattern of patternsOfPieces.of(set)) {
        const part = rarestPart(pattern, sample);
        const key = part.join(' ');
        const known = owned.get(key) ?? { pattern: part, owners: [] };
        if (known.owners.at(-1) !== number) known.owners.push(number);
        owned.set(key, known);
      }
    }
  }
  return { always, patterns: [...owned.values()] };
}

/** @param tries as {@link placeLiterals} takes it */
export function placeChosen(
  { always, patterns }: ChosenPatterns,
  sample: SampleIndex,
  tries?: number,
): ChosenLiterals {
  return { always, literals: placeLiterals(patterns, sample, tries) };
}

/** An event of unknown log type may belong to what it would belong to in a group of any type. */
export function namesOf(logGroup: string): readonly GroupNames[] {
  if (environmentOfUnknownTypeGroup(logGroup) === undefined) {
    return [{ log: logOf(logGroup), logGroup }];
  }
  return logTypes.map((type) => ({
    log: typedLog(logOf(logGroup), type),
    logGroup: typedLog(logGroup, type),
  }));
}

function conditionFor(candidate: Candidate, logGroup: string): GroupCondition {
  return anyOf(namesOf(logGroup).map((names) => conditionInGroup(candidate, names)));
}

/** The part of a pattern with the rarest pair of bytes in its middle. */
function rarestPart(pattern: BytePattern, sample: SampleIndex): BytePattern {
  if (pattern.length <= patternLengthMax) return pattern;
  const middle = sample.rarestEnd(pattern) - patternLengthMax / 2;
  const from = Math.max(0, Math.min(middle, pattern.length - patternLengthMax));
  return pattern.slice(from, from + patternLengthMax);
}

/**
 * How many messages of a sample contain a piece of one of the sets, and have to be read then. A piece of two
 * or three characters costs more than its candidates, because the search looks at more bytes for it.
 */
function costOf(
  sets: readonly PieceSet[],
  foundIn: (set: PieceSet) => ReadonlySet<number>,
  sample: SampleIndex,
): number {
  const found = new Set<number>();
  let shortest = Number.POSITIVE_INFINITY;
  let count = 0;
  for (const set of sets) {
    for (const message of foundIn(set)) found.add(message);
    for (const { length } of set) shortest = Math.min(shortest, length);
    count += set.length;
  }
  let bytes = 0;
  for (const message of found) bytes += sample.lengthOf(message);
  return (
    bytes / sample.meanLength + (sample.messagesCount + 1) * 0.1 * 0.4 ** shortest + count * 1e-6
  );
}
