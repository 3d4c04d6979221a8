import { scanPlan } from '../../infra/scan-plan.ts';
import type { FindingMaker } from '../../lambda/findings/finding-maker.ts';
import { createFindingMaker } from '../../lambda/findings/make-findings.ts';
import { type LogType, logTypes } from '../../lambda/log-types.ts';
import type { PackEvent } from '../../lambda/pack-rows.ts';
import { type PackText, packText, partsOf } from '../../lambda/pack-text.ts';
import { readSlice, type SliceReading } from '../../lambda/read-slice.ts';
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
  readonly #plan: ScanPlan;
  readonly #scratch: ScratchGroups;
  readonly #maker: FindingMaker;

  constructor(detections: readonly Detection[], scratch: ScratchGroups) {
    this.#plan = scanPlan(detections, { detections: { disable: [] } });
    this.#scratch = scratch;
    const config = { mwaaEnvironment: 'selftest' };
    this.#maker = createFindingMaker({ config, plan: this.#plan, region: 'us-east-1' });
  }

  /** Of all detections, the documented one among them, in the plan's order. */
  get ids(): readonly string[] {
    return this.#plan.candidates.map(({ id }) => id);
  }

  get documentedQuery(): string {
    return this.#plan.documentedQuery;
  }

  /** The text that asks for some of the detections. */
  textOf(ids: readonly string[]): PackText {
    const asked = this.#plan.candidates.filter(({ id }) => ids.includes(id));
    return packText(asked, this.#plan.packRowsMax);
  }

  /** The text that asks for one detection in a second that is full of it. */
  textOfOne(id: string): PackText {
    const { candidates, packRowsMax } = this.#plan;
    const text = this.textOf([id]);
    return partsOf(text, candidates, packRowsMax)[0] ?? text;
  }

  /**
   * Reads the pack over a window of the scratch log groups.
   *
   * @param lists ids of detections that are asked together
   * @throws SelftestFailure where AWS says nothing about the query itself
   */
  async readPack(
    shell: SelftestShell,
    window: Window,
    lists: readonly (readonly string[])[],
  ): Promise<PackObservation> {
    const events = new Map<string, ReadEvent>();
    const observe = (event: PackEvent) => {
      const { logGroup, timestamp, message, detections } = event;
      const observed = this.#maker.observe(event);
      // A row that is read again, as after an answer that was cut off, is one event.
      events.set(observed.key, {
        ...{ logType: this.#logTypeOf(logGroup), timestamp, message, detections },
      });
      return observed;
    };
    const problems: string[] = [];
    for (const ids of lists) {
      const candidates = this.#plan.candidates.filter(({ id }) => ids.includes(id));
      const plan = { ...this.#plan, candidates };
      const readings = await readSlice(shell, plan, 'near', ...this.#place(shell, window), {
        observe,
      });
      throwIfInterrupted(shell);
      problems.push(...problemsOf(readings, window, 'reading the pack'));
    }
    return { window, events: [...events.values()], problems };
  }

  /**
   * Counts by the documented query over a window of the scratch log groups.
   *
   * @throws SelftestFailure where AWS says nothing about the query itself
   */
  async count(shell: SelftestShell, window: Window): Promise<Omit<CountObservation, 'slice'>> {
    const { observe } = this.#maker;
    const plan = { ...this.#plan, candidates: [] };
    const readings = await readSlice(shell, plan, 'scan', ...this.#place(shell, window), {
      observe,
    });
    throwIfInterrupted(shell);
    const problems = problemsOf(readings, window, 'counting by the documented query');
    const counts = new Map<LogType, number>();
    for (const [logGroup, count] of readings.flatMap(({ matches }) => [...(matches ?? [])])) {
      const logType = this.#logTypeOf(logGroup);
      if (logType !== undefined) counts.set(logType, (counts.get(logType) ?? 0) + count);
    }
    const doubts = readings.reduce((sum, reading) => sum + reading.doubts, 0);
    return { window, counts, problems, doubts };
  }

  #place(shell: SelftestShell, window: Window) {
    const slice = { logGroups: this.#scratch.names, window };
    return [slice, patience(shell, slicePatienceMs)] as const;
  }

  #logTypeOf(logGroup: string): LogType | undefined {
    return logTypes.find((logType) => this.#scratch.nameOf(logType) === logGroup);
  }
}

/** Errors that say what is wrong with the query, or with AWS's answer to it. */
const ofTheQuery = new Set(['MalformedQueryException', 'InvalidParameterException', 'QueryError']);

/**
 * What was not read of a window, as clauses.
 *
 * @throws SelftestFailure for an outcome that is none of the query's
 */
function problemsOf(readings: readonly SliceReading[], window: Window, doing: string): string[] {
  return readings.flatMap(({ outcomes, unreadable, window: read }) => [
    ...unreadable.map(({ count, problem }) => `${count} rows: the first ${problem}`),
    ...(read.endEpochMs < window.endEpochMs ? ['the answer was cut off'] : []),
    ...[...outcomes.values()].flatMap((outcome) => {
      if (outcome.kind === 'scanned') return [];
      const cause = rootCause(outcome.error);
      if (!(cause instanceof Error) || !ofTheQuery.has(cause.name)) {
        throw new SelftestFailure('logs:StartQuery', doing, outcome.error);
      }
      return [
        `${doing}: ${cause.name === 'QueryError' ? cause.message : `${cause.name}: ${cause.message}`}`,
      ];
    }),
  ]);
}
