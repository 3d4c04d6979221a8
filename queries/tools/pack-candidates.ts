import { logTypes } from '../../lambda/model/log-types.ts';
import type { Candidate } from '../../lambda/plan/scan-plan.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import { type FusibleQuery, readFusibleQuery } from '../../query-language/pack/fusible-query.ts';
import { candidateFilter, looseLiterals } from '../../query-language/pack/loose-literals.ts';
import { maxQueryCharacters } from '../../query-language/parser/parse-query.ts';
import { InputError } from './checked-yaml.ts';
import { withPrograms } from './compile-regexp.ts';
import type { Detection } from './detection-schema.ts';

/** Lengths to which a loosened detection's strings are cut; the longest that fits is used. */
const literalCharacters = [12, 11, 10, 9, 8] as const;

/**
 * Plans one query for the events of all detections, and how to assign them to detections.
 *
 * If they fit, the query contains the detections' own filters and finds only their events. If it
 * would be too long, as few detections as possible are loosened to strings that their events
 * contain, starting with the rarest strings: the query then finds more events, never fewer.
 *
 * @param charactersMax maximum length of the query
 * @throws QueryError for a query that cannot run together with others
 * @throws InputError if even loosened detections do not fit
 */
export function packCandidates(
  detections: readonly Pick<Detection, 'id' | 'query' | 'logTypes'>[],
  charactersMax = maxQueryCharacters,
): Candidate[] {
  const all = detections.map(readDetection);
  const fits = (candidates: readonly Candidate[]) =>
    candidates.length === 0 || packText(candidates).queryString.length <= charactersMax;
  const exact = all.map(({ candidate }) => candidate);
  if (fits(exact)) return exact;

  const loosened = all.map(loosenedBy);
  const order = loosened
    .flatMap((one, at) => (one === undefined ? [] : [{ at, cost: one.cost }]))
    .toSorted((a, b) => a.cost - b.cost);
  const loose = new Set<number>();
  for (const { at } of order) {
    loose.add(at);
    for (const [size] of literalCharacters.entries()) {
      const candidates = exact.map((candidate, one) =>
        loose.has(one) ? (loosened[one]?.candidates[size] ?? candidate) : candidate,
      );
      if (fits(candidates)) return candidates;
    }
  }
  throw tooLong(
    exact.map((candidate, at) => loosened[at]?.candidates.at(-1) ?? candidate),
    charactersMax,
  );
}

interface ReadDetection {
  readonly candidate: Candidate;
  readonly read: FusibleQuery;
}

function readDetection({
  id,
  query,
  logTypes: own,
}: Pick<Detection, 'id' | 'query' | 'logTypes'>): ReadDetection {
  const read = readFusibleQuery(query);
  const isOfAll = logTypes.every((logType) => own.includes(logType));
  const some = isOfAll ? undefined : own;
  const filter = candidateFilter(read, some);
  const condition = withPrograms(read.condition);
  return {
    candidate: { id, ...(some && { logTypes: [...some] }), filter, condition },
    read,
  };
}

interface Loosened {
  readonly cost: number;
  /** One candidate for each length of {@link literalCharacters}. */
  readonly candidates: readonly Candidate[];
}

/** Undefined for a detection whose strings are not shorter than its filter. */
function loosenedBy({ candidate, read }: ReadDetection): Loosened | undefined {
  const { filter: _, ...rest } = candidate;
  const literals = literalCharacters.flatMap((max) => looseLiterals(read, max) ?? []);
  const candidates = literals.map(({ regexps }) => ({ ...rest, literals: [...regexps] }));
  const [longest] = literals;
  const shortest = candidates.at(-1);
  if (longest === undefined || shortest === undefined) return undefined;
  if (charactersOf(shortest) >= charactersOf(candidate)) return undefined;
  return { cost: longest.cost, candidates };
}

/** The length of a candidate in the query, including the separator. */
function charactersOf({ filter, literals = [] }: Candidate): number {
  if (filter !== undefined) return filter.length + ' or '.length;
  return literals.reduce((sum, one) => sum + one.length + '|'.length, 0);
}

/** The error that names the longest candidates. */
function tooLong(shortest: readonly Candidate[], charactersMax: number): InputError {
  const { length } = packText(shortest).queryString;
  const longest = shortest
    .map((candidate) => ({ id: candidate.id, characters: charactersOf(candidate) }))
    .toSorted((a, b) => b.characters - a.characters)
    .slice(0, 3)
    .map(({ id, characters }) => `${id} (${characters} characters)`);
  return new InputError(
    `queries/: the filters of the detections need a query of at least ${length} characters, but StartQuery accepts ${charactersMax}; the longest filters that cannot be shortened: ${longest.join(', ')}`,
  );
}
