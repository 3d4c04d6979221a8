import { logTypes } from '../lambda/log-types.ts';
import { packText } from '../lambda/pack-text.ts';
import type { Candidate } from '../lambda/scan-plan.ts';
import { candidateFilter } from '../query-language/candidate-filter.ts';
import { type FusibleQuery, readFusibleQuery } from '../query-language/fusible-query.ts';
import { looseLiterals } from '../query-language/loose-literals.ts';
import { maxQueryCharacters } from '../query-language/parse-query.ts';
import { InputError } from './checked-yaml.ts';
import type { Detection } from './detection-schema.ts';

/** Characters that a loosened detection's strings are cut to, the longest that fit. */
const literalCharacters = [12, 11, 10, 9, 8] as const;
const shortest = 8;

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

  const loosened = all.flatMap(loosenedBy);
  const order = loosened.toSorted((a, b) => a.cost - b.cost).map(({ id }) => id);
  for (let count = 1; count <= order.length; count += 1) {
    const loose = new Set(order.slice(0, count));
    for (const characters of literalCharacters) {
      const candidates = all.map(({ candidate, read }) =>
        loose.has(candidate.id) ? loosen(candidate, read, characters) : candidate,
      );
      if (fits(candidates)) return candidates;
    }
  }
  throw tooLong(exact, loosened, charactersMax);
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
  return {
    candidate: { id, ...(some && { logTypes: [...some] }), filter, condition: read.condition },
    read,
  };
}

interface Loosened {
  readonly id: string;
  readonly cost: number;
  /** Of its strings, with what stands between them. */
  readonly characters: number;
}

/** None for a detection whose strings are no shorter than its filter. */
function loosenedBy({ candidate, read }: ReadDetection): Loosened[] {
  const literals = looseLiterals(read, shortest);
  const characters = literals?.regexps.reduce((sum, one) => sum + one.length + 1, 0) ?? 0;
  if (literals === undefined || characters >= (candidate.filter ?? '').length) return [];
  return [{ id: candidate.id, cost: literals.cost, characters }];
}

function loosen(candidate: Candidate, read: FusibleQuery, characters: number): Candidate {
  const literals = looseLiterals(read, characters);
  if (literals === undefined) return candidate;
  const { filter: _, ...rest } = candidate;
  return { ...rest, literals: [...literals.regexps] };
}

/** Names what takes the most room, however it is asked for. */
function tooLong(
  exact: readonly Candidate[],
  loosened: readonly Loosened[],
  charactersMax: number,
): InputError {
  const shorter = new Map(loosened.map(({ id, characters }) => [id, characters]));
  const longest = exact
    .map(({ id, filter = '' }) => ({ id, characters: shorter.get(id) ?? filter.length }))
    .toSorted((a, b) => b.characters - a.characters)
    .slice(0, 3)
    .map(({ id, characters }) => `${id} (${characters} characters)`);
  return new InputError(
    `queries/: the filters of the detections do not fit into one query of ${charactersMax} characters; those that take most of it, and can be made no shorter: ${longest.join(', ')}`,
  );
}
