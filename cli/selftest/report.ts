import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logTypes } from '../../lambda/model/log-types.ts';

/**
 * `ok`: as the monitor expects; `note`: another behaviour that the monitor handles as well;
 * `differs`: not as the monitor expects; `unknown`: it could not be checked.
 */
const result = z.enum(['ok', 'note', 'differs', 'unknown']);

const check = z.object({
  id: z.string(),
  /** The expected behaviour. */
  title: z.string(),
  result,
  /** What was observed. */
  detail: z.string(),
});

const refusal = z.object({
  id: z.string(),
  message: z.string(),
  /** The part of the query at the position in AWS's message. */
  excerpt: z.string().optional(),
});

/** A time as its distance to the slice's start, in milliseconds. */
const offsetMs = z.int();

/**
 * What `selftest --json` prints. It contains no account and no names except those of the scratch
 * log groups, so that it can be shared with anybody.
 */
export const selftestReportSchema = z.object({
  schema: z.literal(1),
  /** The version of this project, which determines the events and queries. */
  version: z.string(),
  region: z.string(),
  observedAt: z.iso.datetime(),
  durationSeconds: z.number(),
  /** `differs` if any check does. */
  result: z.enum(['ok', 'differs']),
  logGroups: z.array(z.string()),
  /** Whether the log groups were not deleted (`--keep`). */
  kept: z.boolean(),
  planted: z.object({
    events: z.int(),
    bytes: z.int(),
    /** Seconds from the first PutLogEvents until a query counted all events. */
    visibleAfterSeconds: z.number(),
  }),
  slice: z.object({ seconds: z.int() }),
  texts: z.array(
    z.object({
      /** `documented` or `pack` */
      name: z.string(),
      characters: z.int(),
      sha256: z.string(),
      outcome: z.enum(['accepted', 'refused', 'failed']),
      /** AWS's message, if the text was not accepted. */
      message: z.string().optional(),
    }),
  ),
  /** AWS refuses every detection. */
  isPackRefused: z.boolean(),
  /** Each with AWS's message; if AWS refuses all, the message is about the first. */
  refusedDetections: z.array(refusal),
  verdicts: z.object({
    checked: z.int(),
    /** The number of lines of refused detections. */
    notChecked: z.int(),
    wrong: z.array(
      z.object({
        detection: z.string(),
        /** Its position in the detection's file: `tests.matches[3]`. */
        line: z.string(),
        logType: z.enum(logTypes),
        /** Whether it was put with a final line feed. */
        isEnded: z.boolean(),
        expected: z.enum(['found', 'not found']),
        /** The ids of the detections that the function found in it. */
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
        /** The times of the events found. */
        offsetsMs: z.array(offsetMs),
      }),
    ),
  }),
  /** The documented count of each slice, as the function counts it. */
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
  /** The values of statistics.logGroupsScanned for queries of five log groups. */
  logGroupsScanned: z.object({
    asked: z.int(),
    withEvents: z.number().optional(),
    /** Before any event was put. */
    empty: z.number().optional(),
  }),
  bytesScanned: z.int(),
  queries: z.int(),
  checks: z.array(check),
});

export type SelftestReport = z.output<typeof selftestReportSchema>;
export type Check = z.output<typeof check>;

/** Removes the account from AWS's messages: its ID, and all ARNs. */
export function withoutAccount(text: string): string {
  return text
    .replace(/\barn:[\w-]+:[\w-]*:[\w-]*:\d*:\S+/g, '<arn>')
    .replace(/(?<!\d)\d{12}(?!\d)/g, '<account>');
}

export const jsonSchemaFile = fileURLToPath(new URL('report.schema.json', import.meta.url));

/** The JSON Schema of what `selftest --json` prints; `npm run schemas` writes it to the file. */
export function selftestJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(selftestReportSchema), null, 2)}\n`;
}

if (import.meta.main) writeFileSync(jsonSchemaFile, selftestJsonSchema());
