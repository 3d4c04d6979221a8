import { z } from 'zod';
import { isAllRefused, type KnownTexts } from '../../lambda/model/refused-texts.ts';
import { type ObservedEvent, observedEventSchema } from '../../lambda/model/signal.ts';
import type { Window } from '../../lambda/model/windows.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import type { UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import { UserError } from '../common/output.ts';
import { addSpan, type Spans } from './spans.ts';

const epochMs = z.int().min(0);
const count = z.int().min(0);
const name = z.string().min(1);

const windowSchema = z
  .strictObject({ startEpochMs: epochMs, endEpochMs: epochMs })
  .refine(
    ({ startEpochMs, endEpochMs }) =>
      startEpochMs < endEpochMs && startEpochMs % 1000 === 0 && endEpochMs % 1000 === 0,
    'must end after its start, both on whole seconds',
  );

/** The documented query and the detections are read separately, as the monitor does. */
export const auditLanes = ['documented', 'pack'] as const;
export type AuditLane = (typeof auditLanes)[number];

/** What one run audits; a run that continues it must audit the same. */
const aboutSchema = z.strictObject({
  environment: name,
  region: name,
  /** The account of the log groups. */
  account: name,
  /** A hash of everything that determines the result of reading a line. */
  planHash: name,
  range: windowSchema,
  /** How much log time one query covers. */
  sliceMs: z
    .int()
    .min(1000)
    .refine((ms) => ms % 1000 === 0, 'must be whole seconds'),
});

/** A part of the range that was read, with the log groups that were read in full. */
const readingSchema = z.strictObject({
  lane: z.enum(auditLanes),
  window: windowSchema,
  /** Empty if only the scanned bytes of the reading are of use. */
  logGroups: z.array(name),
  /** Log groups for which CloudWatch Logs no longer has data of that time. */
  outOfReach: z.array(name),
  /** Log groups that CloudWatch Logs reports as not scanned, so that their zero is not certain. */
  unsure: z.array(name),
  /** The documented query's counts, by log group. */
  matches: z.record(name, count),
  /** Whether this is one second of one log group with more matching events than can be read. */
  flooded: z.boolean(),
  unreadable: z.array(
    z.strictObject({
      logGroup: name.optional(),
      count,
      problem: z.string(),
      fields: z.array(z.string()),
    }),
  ),
  bytesScanned: count,
  /** The number of queries that scanned fewer log groups than requested, or may count too much. */
  doubts: count,
  /** The lines that findings have as evidence: redacted, and cut to 1 kB. */
  lines: z.array(observedEventSchema),
  /**
   * Such lines of log groups that were not read in full, from the queries that completed. The same
   * events appear again when the groups are read; see {@link totalsOf}.
   */
  partialLines: z.array(observedEventSchema).exactOptional(),
});

const ids = z.array(name).min(1);

/** See KnownTexts; each detection is in exactly one list, once. */
const textsSchema = z.strictObject({
  refused: z.array(
    z.strictObject({ id: name, message: z.string(), excerpt: z.string().exactOptional() }),
  ),
  accepted: z.array(ids),
  open: z.array(ids),
  isSettled: z.boolean(),
});

export const auditStateSchema = z.strictObject({
  schema: z.literal(1),
  about: aboutSchema,
  /** Missing until AWS refuses a text. */
  texts: textsSchema.optional(),
  readings: z.array(readingSchema),
});

export type AuditAbout = z.output<typeof aboutSchema>;
export type AuditReading = z.output<typeof readingSchema>;
export interface AuditState {
  readonly schema: 1;
  readonly about: AuditAbout;
  readonly texts?: KnownTexts | undefined;
  readonly readings: readonly AuditReading[];
}

export function newState(about: AuditAbout): AuditState {
  return { schema: 1, about, readings: [] };
}

/**
 * Refuses to continue a state file of another audit.
 *
 * @throws UserError with the file, field, rule and value
 */
export function checkSameAudit(
  path: string,
  { about, texts }: AuditState,
  now: AuditAbout,
  { candidates }: Pick<ScanPlan, 'candidates'>,
): void {
  const fields = ['environment', 'region', 'account', 'range', 'planHash'] as const;
  for (const field of fields) {
    const [kept, asked] = [about[field], now[field]].map((value) => shown(value));
    if (kept === asked) continue;
    const other = field === 'planHash' ? ' (the detections have changed since)' : '';
    throw new UserError(
      `--state ${path}: about.${field}: must be ${asked} for this audit, got ${kept}${other}; give another file, or delete this one`,
    );
  }
  if (texts === undefined) return;
  const { refused, accepted, open } = texts;
  const held = [...refused.map(({ id }) => id), ...accepted.flat(), ...open.flat()].sort();
  const all = candidates.map(({ id }) => id).sort();
  if (JSON.stringify(held) !== JSON.stringify(all)) {
    throw new UserError(
      `--state ${path}: texts: must have each of the ${all.length} detections once, got ${held.length}; give another file, or delete this one`,
    );
  }
}

/** One or more detections that were not searched for, and why. */
export interface Refused {
  /** `detection cli-role-granted`, `all 25 detections` */
  readonly who: string;
  readonly reason: string;
}

/** One entry for each refused detection, or a single one if AWS refuses all. */
export function refusalsOf(
  { texts }: Pick<AuditState, 'texts'>,
  { detections }: { readonly detections: readonly { readonly id: string }[] },
): Refused[] {
  if (texts === undefined) return [];
  const { refused, open } = texts;
  const [first] = refused;
  if (first !== undefined && open.length === 0 && isAllRefused(texts, detections)) {
    const who = `all ${detections.length} detections`;
    return [{ who, reason: `AWS refuses their queries: ${first.message}` }];
  }
  const named = (id: string) => `detection ${id}`;
  return [
    ...refused.map(({ id, message }) => ({
      who: named(id),
      reason: `AWS refuses its query: ${message}`,
    })),
    ...open.flat().map((id) => ({
      who: named(id),
      reason: 'it is not known whether AWS accepts its query',
    })),
  ];
}

function shown(value: string | Window): string {
  if (typeof value === 'string') return value;
  const [from, to] = [value.startEpochMs, value.endEpochMs].map((ms) => new Date(ms).toISOString());
  return `${from} to ${to}`;
}

/** The spans that have been read, by lane and log group. */
export function doneSpans(
  readings: readonly AuditReading[],
): (lane: AuditLane, logGroup: string) => Spans {
  const done = new Map<string, Window[]>();
  const key = (lane: AuditLane, logGroup: string) => `${lane} ${logGroup}`;
  for (const { lane, window, logGroups, outOfReach } of readings) {
    for (const logGroup of [...logGroups, ...outOfReach]) {
      const of = key(lane, logGroup);
      done.set(of, addSpan(done.get(of) ?? [], window));
    }
  }
  return (lane, logGroup) => done.get(key(lane, logGroup)) ?? [];
}

/** The merged results of all readings. */
export interface AuditTotals {
  /**
   * Each event once, in the order of time; events of the same millisecond in the order read. For
   * what was not read in full, the events of the queries that completed.
   */
  readonly lines: readonly ObservedEvent[];
  readonly matches: ReadonlyMap<string, number>;
  readonly floods: readonly { readonly logGroup: string; readonly window: Window }[];
  readonly unreadable: readonly Pick<UnreadableRows, 'logGroup' | 'count' | 'problem'>[];
  readonly outOfReach: readonly { readonly logGroup: string; readonly window: Window }[];
  /** Log groups for which a zero of the documented query is not certain. */
  readonly unsure: ReadonlySet<string>;
  readonly bytesScanned: number;
  readonly doubts: number;
}

export function totalsOf({ readings }: Pick<AuditState, 'readings'>): AuditTotals {
  const matches = new Map<string, number>();
  for (const reading of readings) {
    for (const [logGroup, counted] of Object.entries(reading.matches)) {
      matches.set(logGroup, (matches.get(logGroup) ?? 0) + counted);
    }
  }
  const sum = (of: (reading: AuditReading) => number) =>
    readings.reduce((total, reading) => total + of(reading), 0);
  return {
    lines: eachOnce([
      ...readings.flatMap(({ lines }) => lines),
      ...readings.flatMap(({ partialLines = [] }) => partialLines),
    ]).sort((a, b) => a.timestamp - b.timestamp),
    matches,
    floods: readings
      .filter(({ flooded }) => flooded)
      .flatMap(({ logGroups, window }) => logGroups.map((logGroup) => ({ logGroup, window }))),
    unreadable: unreadableOf(readings),
    outOfReach: [...Map.groupBy(outOfReachOf(readings), ({ logGroup }) => logGroup)].flatMap(
      ([logGroup, each]) =>
        each
          .reduce<Window[]>((spans, { window }) => addSpan(spans, window), [])
          .map((window) => ({ logGroup, window })),
    ),
    unsure: new Set(readings.flatMap(({ unsure }) => unsure)),
    bytesScanned: sum(({ bytesScanned }) => bytesScanned),
    doubts: sum(({ doubts }) => doubts),
  };
}

/** Deduplicates events by key, with the highest number of occurrences. */
function eachOnce(lines: readonly ObservedEvent[]): ObservedEvent[] {
  const known = new Map<string, ObservedEvent>();
  for (const line of lines) {
    const before = known.get(line.key);
    if (before === undefined || before.occurrences < line.occurrences) known.set(line.key, line);
  }
  return [...known.values()];
}

/** Sums up unreadable rows by log group and problem. */
function unreadableOf(readings: readonly AuditReading[]): AuditTotals['unreadable'] {
  const all = readings.flatMap(({ unreadable }) => unreadable);
  const alike = Map.groupBy(all, ({ logGroup, problem }) => JSON.stringify([logGroup, problem]));
  return [...alike.values()].flatMap((each) => {
    const [first] = each;
    if (first === undefined) return [];
    const { logGroup, problem } = first;
    const count = each.reduce((sum, rows) => sum + rows.count, 0);
    return [{ ...(logGroup !== undefined && { logGroup }), count, problem }];
  });
}

function outOfReachOf(readings: readonly AuditReading[]) {
  return readings.flatMap(({ outOfReach, window }) =>
    outOfReach.map((logGroup) => ({ logGroup, window })),
  );
}
