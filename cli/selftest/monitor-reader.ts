import { scanPlan } from '../../infra/function/scan-plan.ts';
import { observeEvent } from '../../lambda/lines/event-identity.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import {
  isAllRefused,
  type KnownTexts,
  type RefusedDetection,
} from '../../lambda/model/refused-texts.ts';
import type { Window } from '../../lambda/model/windows.ts';
import { type DetectionsById, detectionsById } from '../../lambda/plan/detections-by-id.ts';
import type { ScanPlan } from '../../lambda/plan/scan-plan.ts';
import { PackTexts } from '../../lambda/query/accepted-texts.ts';
import { type PackText, packText, partsOf } from '../../lambda/query/pack-text.ts';
import type { PackEvent } from '../../lambda/scan/pack-rows.ts';
import { readDocumented } from '../../lambda/scan/read-documented.ts';
import { readPackSlice, type SliceReading } from '../../lambda/scan/read-slice.ts';
import type { Detection } from '../../queries/tools/detection-schema.ts';
import { countOf } from '../common/output.ts';
import {
  patience,
  rootCause,
  SelftestFailure,
  type SelftestShell,
  throwIfInterrupted,
} from './call-logs.ts';
import type { CountObservation, PackObservation, ReadEvent } from './observation.ts';
import type { ScratchGroups } from './scratch-groups.ts';

/** The time limit for the function's own code to read one slice. */
const slicePatienceMs = 120_000;

/** Reads slices with the deployed function's own code and the plan that synth creates. */
export class MonitorReader {
  readonly #shell: SelftestShell;
  readonly #scratch: ScratchGroups;
  readonly #plan: ScanPlan;
  readonly #texts: PackTexts;
  readonly #detections: DetectionsById;
  #known: KnownTexts | undefined;

  constructor(shell: SelftestShell, detections: readonly Detection[], scratch: ScratchGroups) {
    this.#shell = shell;
    this.#scratch = scratch;
    this.#plan = scanPlan(detections, { detections: { disable: [] } });
    this.#texts = new PackTexts(shell, this.#plan, {
      onLearnt: async ({ known }) => {
        this.#known = known;
      },
    });
    this.#detections = detectionsById(this.#plan);
  }

  get documentedQuery(): string {
    return this.#plan.documentedQuery;
  }

  /** The query for all detections. */
  get wholeText(): PackText {
    const { candidates, packRowsMax } = this.#plan;
    return packText(candidates, packRowsMax);
  }

  /** The detections that AWS refuses, as found by {@link readPack}. */
  get refused(): readonly RefusedDetection[] {
    return this.#known?.refused ?? [];
  }

  /** Whether AWS refuses every detection. */
  get isPackRefused(): boolean {
    const known = this.#known;
    return known?.open.length === 0 && isAllRefused(known, this.#plan.detections);
  }

  /** The queries for the accepted detections. */
  get texts(): readonly PackText[] {
    return this.#texts.texts;
  }

  /** The query for one detection alone, as used for a second with very many matches. */
  textOfOne(id: string): PackText {
    const { candidates, packRowsMax } = this.#plan;
    const text = packText(
      candidates.filter((candidate) => candidate.id === id),
      packRowsMax,
    );
    return partsOf(text, candidates, packRowsMax)[0] ?? text;
  }

  /**
   * Reads the pack over a window of the scratch log groups; detections that AWS refuses are found
   * and left out.
   *
   * @throws SelftestFailure for an error that is not about the query itself
   */
  async readPack(window: Window): Promise<PackObservation> {
    const events = new Map<string, ReadEvent>();
    const observe = (event: PackEvent) => {
      const { logGroup, timestamp, message, detections } = event;
      const observed = observeEvent(event, { detections: this.#detections });
      // A row that is read again, for example after a truncated answer, is the same event.
      events.set(observed.key, {
        ...{ logType: this.#logTypeOf(logGroup), timestamp, message, detections },
      });
      return observed;
    };
    const readings = await readPackSlice(this.#shell, this.#plan, ...this.#place(window), {
      ...{ observe, texts: this.#texts },
    });
    throwIfInterrupted(this.#shell);
    return { ...readingOf(readings, window, 'reading the pack'), events: [...events.values()] };
  }

  /**
   * Runs the documented query over a window of the scratch log groups.
   *
   * @throws SelftestFailure for an error that is not about the query itself
   */
  async count(window: Window): Promise<Omit<CountObservation, 'slice'>> {
    const readings = await readDocumented(this.#shell, this.#plan, ...this.#place(window));
    throwIfInterrupted(this.#shell);
    const counts = new Map<LogType, number>();
    for (const [logGroup, count] of readings.flatMap(({ matches }) => [...(matches ?? [])])) {
      const logType = this.#logTypeOf(logGroup);
      if (logType !== undefined) counts.set(logType, (counts.get(logType) ?? 0) + count);
    }
    const doubts = readings.reduce((sum, reading) => sum + reading.doubts, 0);
    const doing = 'running the documented query';
    return { ...readingOf(readings, window, doing), counts, doubts };
  }

  #place(window: Window) {
    const slice = { logGroups: this.#scratch.names, window };
    return [slice, patience(this.#shell, slicePatienceMs)] as const;
  }

  #logTypeOf(logGroup: string): LogType | undefined {
    return logTypes.find((logType) => this.#scratch.nameOf(logType) === logGroup);
  }
}

/** Errors about the query, or about AWS's answer to it. */
const ofTheQuery = new Set([
  'InvalidParameterException',
  'MalformedQueryException',
  'PackRefusedError',
  'QueryError',
]);

/**
 * Whether a window was read completely, and the problems as clauses.
 *
 * @throws SelftestFailure for an error that is not about the query itself
 */
function readingOf(
  readings: readonly SliceReading[],
  window: Window,
  doing: string,
): { readonly window: Window; readonly isRead: boolean; readonly problems: readonly string[] } {
  const unread = readings.flatMap(({ outcomes, window: read }) => [
    ...(read.endEpochMs < window.endEpochMs ? [`${doing}: the answer was cut off`] : []),
    ...[...outcomes.values()].flatMap((outcome) => {
      if (outcome.kind === 'scanned') return [];
      const cause = rootCause(outcome.error);
      if (!(cause instanceof Error) || !ofTheQuery.has(cause.name)) {
        throw new SelftestFailure('logs:StartQuery', doing, outcome.error);
      }
      return [`${doing}: ${cause.message}`];
    }),
  ]);
  const unreadable = readings.flatMap((reading) =>
    reading.unreadable.map(
      ({ count, problem }) => `${doing}: ${countOf(count, 'unreadable row')}, the first ${problem}`,
    ),
  );
  return { window, isRead: unread.length === 0, problems: [...unread, ...unreadable] };
}
