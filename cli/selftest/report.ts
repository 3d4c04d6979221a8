import { z } from 'zod';
import { logTypes } from '../../lambda/log-types.ts';

/**
 * `ok`: as the monitor relies on it; `note`: AWS may do either, and the monitor copes with both;
 * `differs`: the monitor relies on something else; `unknown`: it could not be looked at.
 */
const result = z.enum(['ok', 'note', 'differs', 'unknown']);

const check = z.object({
  id: z.string(),
  /** What should be. */
  title: z.string(),
  result,
  /** What was seen. */
  detail: z.string(),
});

const refusal = z.object({
  id: z.string(),
  message: z.string(),
  /** What AWS's position in the text points at. */
  excerpt: z.string().optional(),
});

/** Epoch milliseconds are told as their distance to the slice's start: they say nothing else. */
const offsetMs = z.int();

/**
 * What `selftest --json` prints. It holds no account and no name but those of the scratch log groups,
 * so that it can be shown to anybody.
 */
export const selftestReportSchema = z.object({
  schema: z.literal(1),
  /** Of this project, which says what was put and asked. */
  version: z.string(),
  region: z.string(),
  observedAt: z.iso.datetime(),
  durationSeconds: z.number(),
  /** `differs` when a check does. */
  result: z.enum(['ok', 'differs']),
  logGroups: z.array(z.string()),
  /** Whether the log groups were left (`--keep`). */
  kept: z.boolean(),
  planted: z.object({
    events: z.int(),
    bytes: z.int(),
    /** From the first PutLogEvents until a query counted all events. */
    visibleAfterSeconds: z.number(),
  }),
  slice: z.object({ seconds: z.int() }),
  texts: z.array(
    z.object({
      /** `documented` or `pack`. */
      name: z.string(),
      characters: z.int(),
      sha256: z.string(),
      outcome: z.enum(['accepted', 'refused', 'failed']),
      /** AWS's, where it was not accepted. */
      message: z.string().optional(),
    }),
  ),
  /** AWS takes the text of no detection. */
  isPackRefused: z.boolean(),
  /** Each with what AWS said of it, or of the first of them where it takes none. */
  refusedDetections: z.array(refusal),
  verdicts: z.object({
    checked: z.int(),
    /** Lines of refused detections. */
    notChecked: z.int(),
    wrong: z.array(
      z.object({
        detection: z.string(),
        /** Its place in the detection's file: `tests.matches[3]`. */
        line: z.string(),
        logType: z.enum(logTypes),
        /** With a line feed put behind it. */
        isEnded: z.boolean(),
        expected: z.enum(['found', 'not found']),
        /** The detections that the function found in it. */
        found: z.array(z.string()),
      }),
    ),
  }),
  endTime: z.object({
    /** How far StartQuery's `endTime` reaches. */
    reading: z.enum(['second', 'millisecond', 'exclusive', 'unknown']),
    queries: z.array(
      z.object({
        name: z.string(),
        outcome: z.enum(['answered', 'refused', 'failed']),
        message: z.string().optional(),
        /** Of the events that it found. */
        offsetsMs: z.array(offsetMs),
      }),
    ),
  }),
  /** The documented count of each slice, by the function's own way. */
  documentedCounts: z.array(
    z.object({
      slice: z.string(),
      logType: z.enum(logTypes),
      planted: z.int(),
      counted: z.int().optional(),
    }),
  ),
  cells: z.object({
    fields: z.array(z.string()),
    timestamp: z.string().optional(),
    ingestionTime: z.string().optional(),
    log: z.string().optional(),
  }),
  /** What statistics.logGroupsScanned said of five log groups. */
  logGroupsScanned: z.object({
    asked: z.int(),
    withEvents: z.number().optional(),
    /** Before anything was put. */
    empty: z.number().optional(),
  }),
  bytesScanned: z.int(),
  queries: z.int(),
  checks: z.array(check),
});

export type SelftestReport = z.output<typeof selftestReportSchema>;
export type Check = z.output<typeof check>;

/** Takes the account out of what AWS says: its number, and the names in ARNs. */
export function withoutAccount(text: string): string {
  return text
    .replace(/\barn:[\w-]+:[\w-]*:[\w-]*:\d*:\S+/g, '<arn>')
    .replace(/(?<!\d)\d{12}(?!\d)/g, '<account>');
}
