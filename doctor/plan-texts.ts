import { packText } from '../lambda/pack-text.ts';
import type { ScanPlan } from '../lambda/scan-plan.ts';
import type { QueryTrial } from './shapes/queries.ts';

/** One of the texts that the monitor asks Logs Insights, or would ask without the others. */
export interface PlanText extends Pick<QueryTrial, 'kind'> {
  readonly detections: readonly string[];
  readonly queryString: string;
}

/** What the monitor asks of an environment: the documented query, and the pack in one text. */
export function planTexts({ documentedQuery, candidates }: ScanPlan): PlanText[] {
  const documented = { kind: 'documented', detections: [], queryString: documentedQuery } as const;
  if (candidates.length === 0) return [documented];
  const { detections, queryString } = packText(candidates);
  return [documented, { kind: 'pack', detections, queryString }];
}

/** Each detection of the pack in a text of its own: which of them is it that AWS refuses? */
export function detectionTexts({ candidates }: ScanPlan): PlanText[] {
  return candidates.map((candidate) => {
    const { queryString } = packText([candidate]);
    return { kind: 'detection', detections: [candidate.id], queryString };
  });
}
