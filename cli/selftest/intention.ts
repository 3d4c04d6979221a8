import type { Detection } from '../../queries/tools/detection-schema.ts';
import { costUsd, usdPerGb, usdText } from '../shared/prices.ts';
import { ingestedBytes } from './plant-events.ts';
import { planEvents } from './planted-events.ts';
import { scratchPrefix } from './scratch-groups.ts';

/**
 * An upper limit of the queries that scan all events, including the polls until all are visible.
 */
const queriesMax = 100;

export interface Intended {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly detections: readonly Detection[];
  readonly keep: boolean;
}

/** What a run will do and cost, as shown before the confirmation. */
export function intention({ region, profile, detections, keep }: Intended): string {
  const { events } = planEvents(detections, 0);
  const bytes = events.reduce((sum, event) => sum + ingestedBytes(event), 0);
  const kilobytes = Math.ceil(bytes / 1000);
  const as = profile === undefined ? '' : `, as profile ${profile}`;
  const end = keep ? 'leave the groups (--keep; their events expire after a day)' : 'delete them';
  return [
    `selftest will, in ${region}${as}:`,
    `  create five log groups ${scratchPrefix}<id>-*, put ${events.length} events (${kilobytes} kB) into them,`,
    `  run some thirty queries over them, and ${end}.`,
    `It takes one to four minutes and costs ${usdText(selftestUsd(bytes))} at list prices (${usdPerGb.put} USD per GB put,`,
    `${usdPerGb.scanned} USD per GB scanned). It changes nothing that it did not create.`,
  ].join('\n');
}

/** The maximum cost in US dollars. */
export function selftestUsd(bytes: number): number {
  return costUsd(bytes, usdPerGb.put) + costUsd(queriesMax * bytes, usdPerGb.scanned);
}
