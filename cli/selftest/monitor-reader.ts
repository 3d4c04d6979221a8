import { scanPlan } from '../../infra/scan-plan.ts';
import { type DetectionsById, detectionsById } from '../../lambda/findings/detection-in-plan.ts';
import { observeEvent } from '../../lambda/findings/event-identity.ts';
import { type LogType, logTypes } from '../../lambda/log-types.ts';
import type { PackEvent } from '../../lambda/pack-rows.ts';
import { type PackText, packText, partsOf } from '../../lambda/pack-text.ts';
import { PackTexts } from '../../lambda/pack-texts.ts';
import { readDocumented } from '../../lambda/read-documented.ts';
import { readPackSlice, type SliceReading } from '../../lambda/read-slice.ts';
import { isAllRefused } from '../../lambda/refusal-findings.ts';
import type { KnownTexts, RefusedDetection } from '../../lambda/refused-texts.ts';
import type { ScanPlan } from '../../lambda/scan-plan.ts';
import type { Window } from '../../lambda/windows.ts';
import type { Detection } from '../../queries/detection-schema.ts';
import { patience, type SelftestShell, throwIfInterrupted } from './call-logs.ts';
import type { CountObservation, PackObservation, ReadEvent } from './observation.ts';
import type { ScratchGroups } from './scratch-groups.ts';
import { rootCause, SelftestFailure } from './selftest-failure.ts';

/** How long the function's own code may take for one slice. */
const slicePatienceMs = 120_000;

/** Reads slices as the deployed function does: by its own code, with the plan that is made at synth. */
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

  /** The text that asks for all detections. */
  get wholeText(): PackText {
    const { candidates, packRowsMax } = this.#plan;
    return packText(candidates, packRowsMax);
  }

  /** Detections that AWS refuses, as far as {@link readPack} has found them. */
  get refused(): readonly RefusedDetection[] {
    return this.#known?.refused ?? [];
  }

  /** Whether AWS takes the text of none. */
  get isPackRefused(): boolean {
    const known = this.#known;
    return known?.open.length === 0 && isAllRefused(known, this.#plan.detections);
  }

  /** By which the others are asked. */
  get texts(): readonly PackText[] {
    return this.#texts.texts;
  }

  /** The text that asks for one detection in a second that is full of it. */
  textOfOne(id: string): PackText {
    const { candidates, packRowsMax } = this.#plan;
    const text = packText(
      candidates.filter((candidate) => candidate.id === id),
      packRowsMax,
    );
    return partsOf(text, candidates, packRowsMax)[0] ?? text;
  }

  /**
   * Reads the pack over a window of the scratch log groups, without the detections that AWS refuses,
   * which it finds.
   *
   * @throws SelftestFailure where AWS says nothing about the query itself
   */
  async readPack(window: Window): Promise<PackObservation> {
    const events = new Map<string, ReadEvent>();
    const observe = (event: PackEvent) => {
      const { logGroup, timestamp, message, detections } = event;
      const observed = observeEvent(event, { detections: this.#detections });
      // A row that is read again, as after an answer that was cut off, is one event.
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
   * Counts by the documented query over a window of the scratch log groups.
   *
   * @throws SelftestFailure where AWS says nothing about the query itself
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
    const doing = 'counting by the documented query';
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

/** Errors that say what is wrong with the query, or with AWS's answer to it. */
const ofTheQuery = new Set([
  'InvalidParameterException',
  'MalformedQueryException',
  'PackRefusedError',
  'QueryError',
]);

/**
 * What was not read of a window, as clauses.
 *
 * @throws SelftestFailure for an outcome that is none of the query's
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
    reading.unreadable.map(({ count, problem }) => `${doing}: ${count} rows, the first ${problem}`),
  );
  return { window, isRead: unread.length === 0, problems: [...unread, ...unreadable] };
}
