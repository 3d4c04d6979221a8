import { logTypes } from '../lambda/log-types.ts';
import { type ScanPlan, scanPlanSchema } from '../lambda/scan-plan.ts';
import { InputError } from '../queries/checked-yaml.ts';
import type { Detection } from '../queries/detection-schema.ts';
import { documentedDetection } from '../queries/load-detections.ts';
import { planDetection } from '../queries/plan-detection.ts';
import { fuseDetections, fusedQueryLimit } from '../query-language/fuse-detections.ts';
import { parseQuery } from '../query-language/parse-query.ts';
import { sourceText } from '../query-language/source-text.ts';
import type { EnvironmentConfig } from './environment-config.ts';

/** What the Lambda of one environment asks, from the detections that are enabled there. */
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
    // The documented literal is the first flag: evidence only, since no detection reads it.
    packQueries: fuse([{ ...documented, query: filterOf(documented) }, ...enabled]),
    packRowsMax: fusedQueryLimit,
    detections: enabled.map(planDetection),
    approvedChanges: approvedChanges,
  } satisfies ScanPlan);
}

/** @throws InputError for a filter that is too long for a text of its own */
function fuse(detections: readonly Detection[]): ScanPlan['packQueries'] {
  try {
    return [...fuseDetections(detections, logTypes)];
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`queries/: ${cause.message}`, { cause });
  }
}

/** The documented query counts; what it counts is what its own filter lets through. */
function filterOf({ query: text }: Detection): string {
  const query = parseQuery(text);
  return query.commands
    .filter(({ kind }) => kind === 'filter')
    .map((command) => sourceText(query, command))
    .join(' | ');
}

/** What to say at synth about the cost of a plan; undefined for one text, which is no news. */
export function passesNote({ packQueries: { length } }: Pick<ScanPlan, 'packQueries'>) {
  // Each text is one more scan of all bytes, which Logs Insights bills.
  return length <= 1
    ? undefined
    : `the detections do not fit into one query text: each tick scans the log groups ${length} times for them, and once for the documented query; each of the two sweeps scans them ${length} times more`;
}
