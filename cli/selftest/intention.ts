import type { Detection } from '../../queries/detection-schema.ts';
import { costUsd, usdPerGb, usdText } from '../prices.ts';
import { ingestedBytes } from './plant-events.ts';
import { planEvents } from './planted-events.ts';
import { scratchPrefix } from './scratch-groups.ts';

/** Queries of a run that scan all that was put, with many looks until all events are found. */
const queriesMax = 100;

export interface Intended {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly detections: readonly Detection[];
  readonly keep: boolean;
}

/** What a run will do and cost, for whoever is asked. */
export function intention({ region, profile, detections, keep }: Intended): string {
  const { events } = planEvents(detections, 0);
  const bytes = events.reduce((sum, event) => sum + ingestedBytes(event), 0);
  const kilobytes = Math.ceil(bytes / 1000);
  const as = profile === undefined ? '' : `, as profile ${profile}`;
  const end = keep ? 'leave the groups (--keep; they hold nothing after a day)' : 'delete them';
  return [
    `selftest will, in ${region}${as}:`,
    `  make five log groups ${scratchPrefix}<id>-*, put ${events.length} events (${kilobytes} kB) into them,`,
    `  run some thirty queries over them, and ${end}.`,
    `It takes one to four minutes and costs ${usdText(selftestUsd(bytes))} at list prices (${usdPerGb.put} USD a GB put,`,
    `${usdPerGb.scanned} USD a GB scanned). It touches nothing that it did not make.`,
  ].join('\n');
}

/** At the most. */
export function selftestUsd(bytes: number): number {
  return costUsd(bytes, usdPerGb.put) + costUsd(queriesMax * bytes, usdPerGb.scanned);
}
