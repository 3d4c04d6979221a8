import * as z from 'zod/mini';
import { floorTo, minuteMs } from '../common/time.ts';
import { logTypeDuties, logTypes } from '../model/log-types.ts';
import { severities } from '../model/severity.ts';
import type { Lane, Window } from '../model/windows.ts';

/** Whether ticks every N minutes, counted from midnight UTC, are always evenly spaced. */
export function dividesHourOrDay(minutes: number): boolean {
  return 60 % minutes === 0 || (minutes % 60 === 0 && 24 % (minutes / 60) === 0);
}

const regularMinutes = z
  .int()
  .check(
    z.minimum(1),
    z.maximum(1440),
    z.refine(dividesHourOrDay, 'must divide 60, or be whole hours that divide 24'),
  );

/** An address that mail programs show as one link; people follow it, so nothing in it needs escaping. */
export const runbookBaseUrlPattern =
  /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~%@+/-]*)?$/;

const httpsAddress = z.string().check(z.maxLength(300), z.regex(runbookBaseUrlPattern));

/**
 * A sweep reads again what was scanned, for events that came late: every `everyMinutes`, up to
 * `lagMinutes` before that time.
 */
const sweepSchema = z.strictObject({
  everyMinutes: regularMinutes,
  /** The sweep's reach: it finds each event that comes at most this late. */
  lagMinutes: z.int().check(z.minimum(1), z.maximum(20_160)),
});

/** A run of a monitor that ticks every minute must have most of that minute left. */
export const delaySecondsMax = 15;

/**
 * The configuration that the stack gives to a deployed monitor, as JSON in `MONITOR_CONFIG`.
 *
 * `infra/` writes it with this same type, so that a field cannot be misspelt on one side only.
 */
export const runtimeConfigSchema = z.strictObject({
  mwaaEnvironment: z.string().check(z.minLength(1), z.maxLength(80)),
  /** Minutes between two ticks, which is also the length of a window. */
  everyMinutes: regularMinutes,
  /**
   * How many minutes after the multiples of `everyMinutes` the ticks are, so that the monitors of an
   * account do not all tick in the same minute.
   * @default 0
   */
  offsetMinutes: z.optional(z.int().check(z.minimum(0), z.maximum(59))),
  /**
   * How long a run waits before it begins, so that the monitors of one minute do not all begin in the
   * same second.
   * @default 0
   */
  delaySeconds: z.optional(z.int().check(z.minimum(0), z.maximum(delaySecondsMax))),
  /** Minutes from a window's end to the tick, so that ordinary ingestion lag is over. */
  settleMinutes: z.int().check(z.minimum(0), z.maximum(60)),
  /**
   * The longest window of one query: after an outage the monitor catches up in slices of this
   * length.
   */
  maxSliceMinutes: z.int().check(z.minimum(1), z.maximum(1440)),
  /** Hours without an event after which a `never-silent` log type counts as blind. */
  silentAfterHours: z.int().check(z.minimum(1), z.maximum(168)),
  /**
   * What is expected of each log type.
   * @default - `defaultDuties`
   */
  logTypes: z.optional(z.record(z.enum(logTypes), z.enum(logTypeDuties))),
  /** How far before the first tick to read, once; findings from there are sent in digests. */
  initialLookbackHours: z.int().check(z.minimum(0), z.maximum(336)),
  nearSweep: sweepSchema,
  farSweep: sweepSchema,
  /** How long, in event time, an echoed command waits for its outcome. */
  correlateSeconds: z.int().check(z.minimum(10), z.maximum(3600)),
  /** Findings below this severity are recorded, not notified. */
  alertAt: z.enum(severities),
  /** A topic in the account and Region of the environment, which messages take from this ARN. */
  findingsTopicArn: z.string().check(z.minLength(1)),
  /** The event bus that gets each finding as an event, in the Region of the environment. */
  eventBusArn: z.optional(z.string().check(z.minLength(1))),
  /** The topic of Amazon Q Developer in chat applications, whose messages have a form of their own. */
  chatTopicArn: z.optional(z.string().check(z.minLength(1))),
  /**
   * How long findings and the record of what was read stay in the ledger, in days.
   * @default - `defaultLedgerRetentionDays`
   */
  ledgerRetentionDays: z.optional(z.int().check(z.minimum(30), z.maximum(3653))),
  /**
   * The address of the folder of runbooks, for the links in messages.
   * @default - messages name the runbook's file
   */
  runbookBaseUrl: z.optional(httpsAddress),
  /** The DynamoDB table in which the monitor stores its state. */
  ledgerTableName: z.string().check(z.minLength(1)),
  /**
   * What the second witness reads, and how often: a function of its own, see `lambda/witness/`. What it saw
   * is joined to the findings.
   * @default - there is no second witness
   */
  witness: z.optional(
    z.strictObject({
      auditLog: z.boolean(),
      snapshot: z.boolean(),
      everyMinutes: z.int().check(z.minimum(1), z.maximum(1440)),
    }),
  ),
});

/** More than a year, so that a yearly audit finds all of the year before it. */
export const defaultLedgerRetentionDays = 400;

export type SweepConfig = z.infer<typeof sweepSchema>;
export type RuntimeConfig = z.infer<typeof runtimeConfigSchema>;

/** Where findings may go beside the topic for people; the ledger remembers each by itself. */
export const sideDestinations = ['bus', 'chat'] as const;

export type SideDestination = (typeof sideDestinations)[number];

/** Where the findings of a monitor go beside the topic for people. */
export function sidesOf({
  eventBusArn,
  chatTopicArn,
}: Pick<RuntimeConfig, 'eventBusArn' | 'chatTopicArn'>): readonly SideDestination[] {
  return [
    ...(eventBusArn === undefined ? [] : (['bus'] as const)),
    ...(chatTopicArn === undefined ? [] : (['chat'] as const)),
  ];
}

export const runtimeConfigVariable = 'MONITOR_CONFIG';

/** The last moment of the schedule that is not after a moment, in epoch milliseconds. */
export function lastScheduled(
  epochMs: number,
  { everyMinutes, offsetMinutes = 0 }: Pick<RuntimeConfig, 'everyMinutes' | 'offsetMinutes'>,
): number {
  const offsetMs = offsetMinutes * minuteMs;
  return floorTo(epochMs - offsetMs, everyMinutes * minuteMs) + offsetMs;
}

/**
 * How far a lane should have read when a tick ends, in epoch milliseconds. It depends on the tick
 * alone, never on the clock.
 *
 * The documented query and the scan read up to `settleMinutes` before the tick. A sweep has its own
 * schedule: at each multiple of its period it reads up to its lag before that time, so that it
 * finds events that come at most `lagMinutes` late.
 */
export function laneTarget(
  lane: Lane,
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'settleMinutes' | 'nearSweep' | 'farSweep'>,
): number {
  if (lane === 'documented' || lane === 'scan') {
    return tickEpochMs - config.settleMinutes * minuteMs;
  }
  const { everyMinutes, lagMinutes } = lane === 'near' ? config.nearSweep : config.farSweep;
  const periodMs = everyMinutes * minuteMs;
  return Math.floor(tickEpochMs / periodMs) * periodMs - lagMinutes * minuteMs;
}

/** How far one log group is read in one lane. */
interface LanePosition {
  readonly logGroup: string;
  /** Everything before it has been read, or is a published gap. */
  readonly positionEpochMs: number;
}

/** A span of event time that log groups with the same position are to be read together. */
export interface Slice {
  readonly logGroups: readonly string[];
  readonly window: Window;
}

/**
 * What to read next in a lane: the groups with the earliest position, from there on, at most
 * `sliceMaxMs`.
 *
 * @param targetEpochMs gives the target of each group, see {@link laneTarget}
 * @returns undefined when every group has reached its target
 */
export function nextSlice(
  positions: readonly LanePosition[],
  targetEpochMs: (logGroup: string) => number,
  sliceMaxMs: number,
): Slice | undefined {
  const behind = positions.filter(
    ({ logGroup, positionEpochMs }) => positionEpochMs < targetEpochMs(logGroup),
  );
  if (behind.length === 0) return undefined;
  const startEpochMs = Math.min(...behind.map(({ positionEpochMs }) => positionEpochMs));
  const together = behind.filter(({ positionEpochMs }) => positionEpochMs === startEpochMs);
  const targets = together.map(({ logGroup }) => targetEpochMs(logGroup));
  // Groups with different targets are read together up to the nearest one.
  const endEpochMs = Math.min(startEpochMs + sliceMaxMs, ...targets);
  return {
    logGroups: together.map(({ logGroup }) => logGroup),
    window: { startEpochMs, endEpochMs },
  };
}

/** Where the very first tick starts: one period before its own target. */
export function firstPosition(
  tickEpochMs: number,
  config: Pick<RuntimeConfig, 'everyMinutes' | 'settleMinutes'>,
): number {
  return tickEpochMs - (config.settleMinutes + config.everyMinutes) * minuteMs;
}
