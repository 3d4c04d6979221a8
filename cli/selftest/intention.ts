import type { Detection } from '../../queries/detection-schema.ts';
import { ingestedBytes } from './plant-events.ts';
import { planEvents } from './planted-events.ts';
import { scratchPrefix } from './scratch-groups.ts';

/** List prices of us-east-1, in dollars for a gigabyte; other Regions take up to twice as much. */
const putPerGigabyte = 0.5;
const scannedPerGigabyte = 0.005;
const gigabyte = 1e9;

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
    `It takes one to four minutes and costs less than ${dollars(costDollars(bytes))} at list prices ($${putPerGigabyte.toFixed(2)} a GB put,`,
    `$${scannedPerGigabyte} a GB scanned). It touches nothing that it did not make.`,
  ].join('\n');
}

/** At the most. */
export function costDollars(bytes: number): number {
  return (bytes * putPerGigabyte + queriesMax * bytes * scannedPerGigabyte) / gigabyte;
}

function dollars(amount: number): string {
  return amount < 0.01 ? 'a cent' : `$${amount.toFixed(2)}`;
}
