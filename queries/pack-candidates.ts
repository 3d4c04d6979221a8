import { logTypes } from '../lambda/log-types.ts';
import { packText } from '../lambda/pack-text.ts';
import type { Candidate } from '../lambda/scan-plan.ts';
import { candidateFilter } from '../query-language/candidate-filter.ts';
import { type FusibleQuery, readFusibleQuery } from '../query-language/fusible-query.ts';
import { looseLiterals } from '../query-language/loose-literals.ts';
import { maxQueryCharacters } from '../query-language/parse-query.ts';
import { InputError } from './checked-yaml.ts';
import type { Detection } from './detection-schema.ts';
import { withPrograms } from './with-programs.ts';

/** Characters that a loosened detection's strings are cut to, the longest that fit. */
const literalCharacters = [12, 11, 10, 9, 8] as const;

/**
 * How the events of detections are asked for in one text, and told apart.
 *
 * As long as they fit, the text holds the detections' own filters, and finds their events alone. Where it
 * would be too long, as few detections as possible are loosened to strings that their events
 * contain, those first whose strings are the rarest: the text finds more events then, never fewer.
 *
 * @param charactersMax of the text
 * @throws QueryError for a query that cannot be asked together with others
 * @throws InputError where even loosened detections do not fit
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
  /** With strings of at most so many characters as there are {@link literalCharacters}. */
  readonly candidates: readonly Candidate[];
}

/** Undefined for a detection whose strings are no shorter than its filter. */
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

/** Of the text, with what stands between it and its neighbour. */
function charactersOf({ filter, literals = [] }: Candidate): number {
  if (filter !== undefined) return filter.length + ' or '.length;
  return literals.reduce((sum, one) => sum + one.length + '|'.length, 0);
}

/** Names what takes the most room, however it is asked for. */
function tooLong(shortest: readonly Candidate[], charactersMax: number): InputError {
  const { length } = packText(shortest).queryString;
  const longest = shortest
    .map((candidate) => ({ id: candidate.id, characters: charactersOf(candidate) }))
    .toSorted((a, b) => b.characters - a.characters)
    .slice(0, 3)
    .map(({ id, characters }) => `${id} (${characters} characters)`);
  return new InputError(
    `queries/: the filters of the detections make a query of ${length} characters at the least, more than the ${charactersMax} that StartQuery takes; the longest that can be made no shorter: ${longest.join(', ')}`,
  );
}
