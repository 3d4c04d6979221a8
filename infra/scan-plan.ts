import { Annotations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logTypes } from '../lambda/log-types.ts';
import { type ScanPlan, scanPlanSchema } from '../lambda/scan-plan.ts';
import type { Detection } from '../queries/detection-schema.ts';
import { documentedDetection } from '../queries/load-detections.ts';
import { planDetection } from '../queries/plan-detection.ts';
import { fuseDetections, fusedQueryLimit } from '../query-language/fuse-detections.ts';
import { sourceText } from '../query-language/source-text.ts';
import { parseQuery } from '../query-language/parse-query.ts';
import type { EnvironmentConfig } from './environment-config.ts';

/** What the Lambda of one environment asks, from the detections that are enabled there. */
export function scanPlan(
  detections: readonly Detection[],
  { detections: { disable }, approvedChanges }: Pick<EnvironmentConfig, 'detections' | 'approvedChanges'>,
): ScanPlan {
  const documented = documentedDetection(detections);
  const enabled = detections.filter(
    (detection) => detection !== documented && !disable.includes(detection.id),
  );
  return scanPlanSchema.parse({
    schema: 1,
    documentedQuery: documented.query,
    // The documented literal is the first flag: evidence only, since no detection reads it.
    packQueries: [
      ...fuseDetections([{ ...documented, query: filterOf(documented) }, ...enabled], logTypes),
    ],
    packRowsMax: fusedQueryLimit,
    detections: enabled.map(planDetection),
    approvedChanges,
  } satisfies ScanPlan);
}

/** The documented query counts; what it counts is what its own filter lets through. */
function filterOf({ query: text }: Detection): string {
  const query = parseQuery(text);
  return query.commands
    .filter(({ kind }) => kind === 'filter')
    .map((command) => sourceText(query, command))
    .join(' | ');
}

/** Each text is one more scan of all bytes, which Logs Insights bills. */
export function notePasses(scope: Construct, { packQueries }: ScanPlan): void {
  if (packQueries.length <= 1) return;
  Annotations.of(scope).addInfoV2(
    'mwaa-privilege-monitor:passes',
    `The detections do not fit into one query text: each tick scans the log groups ${packQueries.length} times, and once more for the documented query`,
  );
}
