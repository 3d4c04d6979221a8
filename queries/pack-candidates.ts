import { logTypes } from '../lambda/log-types.ts';
import type { Candidate } from '../lambda/scan-plan.ts';
import { candidateFilter } from '../query-language/candidate-filter.ts';
import { readFusibleQuery } from '../query-language/fusible-query.ts';
import type { Detection } from './detection-schema.ts';

/**
 * How the events of detections are asked for in one text, and told apart.
 *
 * @throws QueryError for a query that cannot be asked together with others
 */
export function packCandidates(
  detections: readonly Pick<Detection, 'id' | 'query' | 'logTypes'>[],
): Candidate[] {
  return detections.map((detection) => {
    const read = readFusibleQuery(detection.query);
    const isOfAll = logTypes.every((logType) => detection.logTypes.includes(logType));
    const own = isOfAll ? undefined : detection.logTypes;
    return {
      id: detection.id,
      ...(own && { logTypes: [...own] }),
      filter: candidateFilter(read, own),
      condition: read.condition,
    };
  });
}
