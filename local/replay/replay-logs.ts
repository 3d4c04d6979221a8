import { observeEvent } from '../../lambda/lines/event-identity.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { ObservedEvent } from '../../lambda/model/signal.ts';
import { queryTimes } from '../../lambda/model/windows.ts';
import { detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { Slice } from '../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { packText } from '../../lambda/query/pack-text.ts';
import type { Verdicts } from '../../lambda/scan/pack-rows.ts';
import { type AskText, readPack as readPackSlice } from '../../lambda/scan/read-pack.ts';
import type { ObservedRow, RowReader, UnreadableRows } from '../../lambda/scan/slice-rows.ts';
import type { InsightsEngine } from '../insights-engine/engine.ts';
import type { EngineResult } from '../insights-engine/engine-types.ts';
import { AnyTypeVerdicts } from '../log-threads/any-type-verdicts.ts';
import { cutWindows } from './derive-findings.ts';
import { findingsOfLines, type ReplayedFiles, type ReplayFilesOptions } from './replay-files.ts';

/** What the pack found in a slice. */
interface PackReading {
  readonly events: readonly ObservedRow[];
  readonly bytesScanned: number;
  /** Log groups in which a single second contains more events than a query can return. */
  readonly cutOff: readonly Slice[];
  readonly unreadable: readonly UnreadableRows[];
}

export type QueryRunner = Pick<InsightsEngine, 'run'>;

/**
 * Runs the pack's query over a slice with the monitor's own function, which continues where a
 * result was truncated.
 *
 * @param nowEpochMs events ingested later are not visible yet
 */
export async function readPack(
  engine: QueryRunner,
  plan: Pick<ScanPlan, 'candidates' | 'packRowsMax'>,
  { logGroups, window }: Slice,
  nowEpochMs: number,
  rowReader: RowReader,
): Promise<PackReading> {
  const ask: AskText = async ({ queryString, rowsMax }, slice, openSink) => {
    const { startTime, endTime } = queryTimes(slice.window);
    const { rows, statistics } = await engine.run({
      ...{ queryString, nowEpochMs, logGroups: slice.logGroups },
      ...{ startEpochSeconds: startTime, endEpochSeconds: endTime },
      ...(rowsMax !== undefined && { limit: rowsMax }),
    });
    const sink = openSink();
    const isCutOff = sink.take(rows) === 'enough';
    return {
      outcomes: new Map(slice.logGroups.map((group) => [group, { kind: 'scanned' }])),
      answers: [{ sink, isCutOff, logGroups: slice.logGroups }],
      bytesScanned: statistics.bytesScanned,
      doubts: 0,
    };
  };
  if (plan.candidates.length === 0)
    return { events: [], bytesScanned: 0, cutOff: [], unreadable: [] };
  const texts = [packText(plan.candidates, plan.packRowsMax)];
  const events: ObservedRow[] = [];
  const cutOff: Slice[] = [];
  const unreadable: UnreadableRows[] = [];
  let bytesScanned = 0;
  for (let { startEpochMs } = window; startEpochMs < window.endEpochMs; ) {
    const slice = { logGroups, window: { startEpochMs, endEpochMs: window.endEpochMs } };
    const readings = await readPackSlice({ ...rowReader, ask, texts, plan }, slice);
    for (const reading of readings) {
      for (const ofGroup of reading.events.values()) {
        for (const row of ofGroup) events.push(row);
      }
      unreadable.push(...reading.unreadable);
      bytesScanned += reading.bytesScanned;
      if (reading.flooded) cutOff.push({ logGroups: reading.logGroups, window: reading.window });
      startEpochMs = reading.window.endEpochMs;
    }
  }
  return { events, bytesScanned, cutOff, unreadable };
}

/**
 * Runs each query once per log type, each time as if the log group were of that type. Each event
 * that one of them finds appears once, in order of time and, within a millisecond, in the order in
 * which it was loaded. A truncated result stays truncated: it contains the oldest rows, and the
 * combined rows are no fewer and no younger.
 *
 * @param engine queried for the log group of unknown type only
 */
export function askedAsAnyType(engine: QueryRunner): QueryRunner {
  return {
    async run(options) {
      const [first, ...others] = logTypes.map((logType) => ofType(options.queryString, logType));
      // The texts are longer than the one that StartQuery has to accept.
      const charactersMax = Math.max(...[first, ...others].map((text = '') => text.length));
      const answer = await engine.run({
        ...{ ...options, charactersMax },
        queryString: first ?? options.queryString,
      });
      const rows = new Map(answer.rows.map((row) => [pointerOf(row), row]));
      for (const queryString of others) {
        for (const row of (await engine.run({ ...options, charactersMax, queryString })).rows) {
          rows.set(pointerOf(row), row);
        }
      }
      const inOrder = [...rows].toSorted(([a, one], [b, other]) => {
        return compare(timeOf(one), timeOf(other)) || a - b;
      });
      return {
        ...answer,
        rows: inOrder.map(([, row]) => row.filter(({ field }) => field !== typed)),
      };
    },
  };
}

type Row = EngineResult['rows'][number];

function cell(row: Row, name: string): string {
  return row.find(({ field }) => field === name)?.value ?? '';
}

/** The number that the engine gave an event at loading: `event-17` in base64. */
function pointerOf(row: Row): number {
  const pointer = Buffer.from(cell(row, '@ptr'), 'base64').toString();
  return Number(pointer.slice(pointer.lastIndexOf('-') + 1));
}

function timeOf(row: Row): string {
  return cell(row, '@timestamp');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Matches `@log` in a condition, not in a list of fields. */
const asksForLog = /@log(?= (?:not )?(?:like|in|=~|=|!=|<|>))/g;

/** Replaces `@log` and is not longer: a text may be close to the limit of Logs Insights. */
const typed = 'typ';

function ofType(queryString: string, logType: LogType): string {
  const text = queryString.replace(asksForLog, typed);
  return `fields replace(@log, "-Unknown", "-${logType}") as ${typed} | ${text}`;
}

export interface ReplayOptions extends ReplayFilesOptions {
  readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax' | 'detections'>;
  /** Which detections an event belongs to. @default the plan's candidates decide */
  readonly verdicts?: Pick<Verdicts, 'decide'>;
  /** Which Airflow wrote the lines: `2.10.3`. @default unknown: what a line says of its version counts */
  readonly airflowVersion?: string | undefined;
  readonly logGroups: readonly string[];
  /** The log group of lines of unknown log type. @default - there is none */
  readonly unknownTypeGroup?: string;
  /** The length of a slice, in whole seconds; it does not affect the findings. */
  readonly sliceMs: number;
  /** The ingestion time up to which events are visible; also the findings' detection time. */
  readonly nowEpochMs: number;
}

/** The pack's result on the logs of an engine. */
export interface Replayed extends ReplayedFiles {
  readonly bytesScanned: number;
  /** Slices in which not every matching event could be read. */
  readonly cutOff: readonly Slice[];
}

/**
 * Runs the detections over the logs of an engine, slice by slice as the monitor does: the same
 * queries, the same reading of their rows, the same correlation. Changes still pending at the end
 * are resolved as if no further lines followed.
 *
 * @param onProgress called with the number of slices done and in total
 */
export async function replayLogs(
  engine: QueryRunner,
  options: ReplayOptions,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<Replayed> {
  const { plan, nowEpochMs, airflowVersion } = options;
  const detections = detectionsById(plan);
  const rowReader: RowReader = {
    verdicts: options.verdicts ?? new AnyTypeVerdicts(plan.candidates),
    observe: (event) => observeEvent(event, { detections, airflowVersion }),
  };
  const lines: ObservedEvent[] = [];
  const windows = cutWindows(options.range, options.sliceMs);
  const cutOff: Slice[] = [];
  const unreadable: UnreadableRows[] = [];
  let bytesScanned = 0;
  for (const [at, window] of windows.entries()) {
    for (const { asked, logGroups } of askedGroups(engine, options)) {
      const reading = await readPack(asked, plan, { logGroups, window }, nowEpochMs, rowReader);
      const observed = reading.events
        .map(({ seen }) => seen)
        .filter(({ signals }) => signals.length > 0);
      for (const event of observed) lines.push(event);
      bytesScanned += reading.bytesScanned;
      cutOff.push(...reading.cutOff);
      unreadable.push(...reading.unreadable);
    }
    onProgress(at + 1, windows.length);
  }
  return { ...findingsOfLines(lines, options), bytesScanned, cutOff, unreadable };
}

/** The engine for each existing set of log groups. */
function askedGroups(
  engine: QueryRunner,
  { logGroups, unknownTypeGroup }: ReplayOptions,
): { readonly asked: QueryRunner; readonly logGroups: readonly string[] }[] {
  return [
    { asked: engine, logGroups },
    {
      asked: askedAsAnyType(engine),
      logGroups: unknownTypeGroup === undefined ? [] : [unknownTypeGroup],
    },
  ].filter((one) => one.logGroups.length > 0);
}
