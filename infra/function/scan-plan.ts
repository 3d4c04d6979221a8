import { type ScanPlan, scanPlanSchema } from '../../lambda/plan/scan-plan.ts';
import { packRowsMax } from '../../lambda/query/pack-text.ts';
import { planDetection } from '../../queries/tools/check-detection.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { documentedDetection } from '../../queries/tools/load-detections.ts';
import { packCandidates } from '../../queries/tools/pack-candidates.ts';
import { parseQuery } from '../../query-language/parser/parse-query.ts';
import { sourceText } from '../../query-language/syntax/query-error.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';

/** What the Lambda of one environment queries: the detections that are enabled there. */
export function scanPlan(
  detections: readonly Detection[],
  {
    detections: { disable },
    approvedChanges = [],
  }: Pick<EnvironmentConfig, 'detections'> & Partial<Pick<EnvironmentConfig, 'approvedChanges'>>,
): ScanPlan {
  const documented = documentedDetection(detections);
  const enabled = detections.filter(
    (detection) => detection !== documented && !disable.includes(detection.id),
  );
  return scanPlanSchema.parse({
    schema: 1,
    documentedQuery: documented.query,
    // The documented literal comes first: it is evidence only, since no detection reads it. Without
    // a detection there is nothing to give evidence for, and the logs would be scanned three times
    // more.
    candidates:
      enabled.length === 0
        ? []
        : packCandidates([{ ...documented, query: filterOf(documented) }, ...enabled]),
    packRowsMax,
    detections: enabled.map(planDetection),
    approvedChanges: approvedChanges,
  } satisfies ScanPlan);
}

/** The filter of the documented query, without its counting. */
function filterOf({ query: text }: Detection): string {
  const query = parseQuery(text);
  return query.commands
    .filter(({ kind }) => kind === 'filter')
    .map((command) => sourceText(query, command))
    .join(' | ');
}
