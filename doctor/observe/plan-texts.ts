import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import type { QueryTrial } from '../shapes/queries.ts';

/** A query of the monitor, or the query that it would run for one detection alone. */
export interface PlanText extends Pick<QueryTrial, 'kind'> {
  readonly detections: readonly string[];
  readonly queryString: string;
}

/** The queries that the monitor runs: the documented one, and the pack of all detections. */
export function planTexts({ documentedQuery, candidates }: ScanPlan): PlanText[] {
  const documented = { kind: 'documented', detections: [], queryString: documentedQuery } as const;
  if (candidates.length === 0) return [documented];
  const { detections, queryString } = packText(candidates);
  return [documented, { kind: 'pack', detections, queryString }];
}

/** A query for each detection of the pack alone, to find the one that AWS refuses. */
export function detectionTexts({ candidates }: ScanPlan): PlanText[] {
  return candidates.map((candidate) => {
    const { queryString } = packText([candidate]);
    return { kind: 'detection', detections: [candidate.id], queryString };
  });
}
