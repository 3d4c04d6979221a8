import * as z from 'zod/mini';
import type { FindingRecord } from '../findings/finding-record.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { isSweep, type Lane } from '../model/windows.ts';

/** What a slice is counted from. */
interface SliceContent {
  readonly lane: Lane;
  /** Matching events that the pack found. */
  readonly events: readonly { readonly seen: ObservedEvent }[];
  /** Findings at or above `alertAt` that count in this slice, approved ones included. */
  readonly findings: readonly FindingRecord[];
  /** Its share of the bytes that its queries scanned. */
  readonly bytes: number;
  /** What the documented query counted; absent for the pack. */
  readonly matches?: number | undefined;
}

interface SliceCount {
  readonly schema: z.ZodMiniType<number | undefined>;
  /** Undefined where the slice does not have the number. */
  readonly of: (slice: SliceContent) => number | undefined;
}

const count = z.int().check(z.minimum(0));

/**
 * Every number of a slice's record: its form in the ledger, and how a slice is counted. The sums over a
 * tick's slices are metrics: lambda/metrics/metric-definitions.ts.
 *
 * A new number is `z.optional(count)`, since the records of earlier versions of the monitor lack it.
 */
const sliceCounts = {
  rows: { schema: count, of: ({ events }) => events.length },
  bytes: { schema: count, of: ({ bytes }) => bytes },
  /**
   * The documented query's count, in its own lane; up to version 2 of the ledger in the scan's
   * records.
   */
  matches: { schema: z.optional(count), of: ({ matches }) => matches },
  /** Without approved ones. */
  privilegeChanges: {
    schema: count,
    of: ({ findings }) => findings.filter(({ approved }) => !approved).length,
  },
  suppressedChanges: {
    schema: count,
    of: ({ findings }) => findings.filter(({ approved }) => approved).length,
  },
  /** How many of both kinds a sweep found in lines that arrived late; it also finds what was there in time. */
  lateChanges: {
    schema: count,
    of: ({ lane, findings }) =>
      isSweep(lane) ? findings.filter(({ finding }) => finding.late).length : 0,
  },
} satisfies Record<string, SliceCount>;

type Definitions = typeof sliceCounts;
type SliceCountSchemas = { readonly [Key in keyof Definitions]: Definitions[Key]['schema'] };

/** The fields of the counts in the schema of a slice's record. */
export const sliceCountSchemas = Object.fromEntries(
  Object.entries(sliceCounts).map(([key, { schema }]) => [key, schema]),
) as SliceCountSchemas;

/** Counts a slice. */
export function countsOf(slice: SliceContent): z.infer<z.ZodMiniObject<SliceCountSchemas>> {
  const counts = Object.entries<SliceCount>(sliceCounts).map(([key, { of }]) => [key, of(slice)]);
  return Object.fromEntries(counts.filter(([, number]) => number !== undefined));
}
