import { z } from 'zod';
import { lanes } from '../../../lambda/model/lane.ts';

const isoTime = z.iso.datetime().transform((time) => Date.parse(time));

/** The parts of an invocation's report that are shown. */
const tickReadingSchema = z.object({
  slices: z.array(
    z.object({ lane: z.enum(lanes), logGroup: z.string(), start: isoTime, end: isoTime }),
  ),
  scanLagSeconds: z.number().optional(),
});

/** A span of event time that a tick read in one lane, in one or several log groups. */
export interface SpanRead {
  readonly lane: (typeof lanes)[number];
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly logGroups: number;
}

/** What a tick read, and its lag. */
export interface TickReading {
  readonly spans: readonly SpanRead[];
  readonly scanLagSeconds?: number;
}

/** @returns undefined for an invocation without a report: it failed, or had nothing to do */
export function tickReading(returned: unknown): TickReading | undefined {
  const { success, data } = tickReadingSchema.safeParse(returned);
  if (!success) return undefined;
  const spans = Map.groupBy(data.slices, ({ lane, start, end }) => `${lane} ${start} ${end}`);
  return {
    spans: [...spans.values()].flatMap((slices) => {
      const [first] = slices;
      if (first === undefined) return [];
      const { lane, start: startEpochMs, end: endEpochMs } = first;
      return [{ lane, startEpochMs, endEpochMs, logGroups: slices.length }];
    }),
    ...(data.scanLagSeconds !== undefined && { scanLagSeconds: data.scanLagSeconds }),
  };
}
