import { scanPlan } from '../../infra/scan-plan.ts';
import type { FindingMaker } from '../../lambda/findings/finding-maker.ts';
import { createFindingMaker } from '../../lambda/findings/make-findings.ts';
import { type LogType, logTypes } from '../../lambda/log-types.ts';
import type { PackEvent } from '../../lambda/pack-rows.ts';
import { readSlice } from '../../lambda/read-slice.ts';
import type { Window } from '../../lambda/windows.ts';
import type { Detection } from '../../queries/detection-schema.ts';
import { patience, type SelftestShell, throwIfInterrupted } from './call-logs.ts';
import type { CountObservation, PackObservation, ReadEvent } from './observation.ts';
import type { ScratchGroups } from './scratch-groups.ts';

const slicePatienceMs = 120_000;

/** Reads slices as the deployed function does: its own code, with the plan that is made at synth. */
export class MonitorReader {
  readonly #detections: readonly Detection[];
  readonly #scratch: Pick<ScratchGroups, 'names' | 'nameOf'>;
  readonly #maker: FindingMaker;

  constructor(detections: readonly Detection[], scratch: Pick<ScratchGroups, 'names' | 'nameOf'>) {
    this.#detections = detections;
    this.#scratch = scratch;
    const config = { mwaaEnvironment: 'selftest' };
    this.#maker = createFindingMaker({ config, plan: this.#planOf(this.ids), region: 'us-east-1' });
  }

  get ids(): readonly string[] {
    return this.#detections.map(({ id }) => id);
  }

  get documentedQuery(): string {
    return this.#planOf(this.ids).documentedQuery;
  }

  textOf(ids: readonly string[]): string {
    return this.#planOf(ids).packQueries[0]?.queryString ?? '';
  }

  textOfOne(id: string): { readonly queryString: string; readonly limit: number } {
    return { queryString: this.textOf([id]), limit: 100_000 };
  }

  async readPack(
    shell: SelftestShell,
    window: Window,
    lists: readonly (readonly string[])[],
  ): Promise<PackObservation> {
    const events: ReadEvent[] = [];
    const problems: string[] = [];
    for (const ids of lists) {
      const observe = (event: PackEvent) => {
        events.push({ ...event, logType: this.#logTypeOf(event.logGroup) });
        return this.#maker.observe(event);
      };
      const slice = { logGroups: this.#scratch.names, window };
      const deadline = patience(shell, slicePatienceMs);
      const plan = this.#planOf(ids);
      const readings = await readSlice(shell, plan, 'near', slice, deadline, { observe });
      throwIfInterrupted(shell);
      for (const { outcomes, unreadable } of readings) {
        problems.push(...unreadable.map(({ problem }) => problem));
        for (const outcome of outcomes.values()) if (outcome.kind !== 'scanned') problems.push(outcome.error.message);
      }
    }
    return { window, events, problems };
  }

  async count(shell: SelftestShell, window: Window): Promise<Omit<CountObservation, 'slice'>> {
    const slice = { logGroups: this.#scratch.names, window };
    const deadline = patience(shell, slicePatienceMs);
    const { observe } = this.#maker;
    const readings = await readSlice(shell, this.#planOf(['add-role']), 'scan', slice, deadline, { observe });
    throwIfInterrupted(shell);
    const counts = new Map<LogType, number>();
    for (const { matches } of readings)
      for (const [group, count] of matches ?? []) counts.set(this.#logTypeOf(group) ?? 'Task', count);
    return { window, counts, problems: [], doubts: 0 };
  }

  #logTypeOf(logGroup: string): LogType | undefined {
    return logTypes.find((logType) => this.#scratch.nameOf(logType) === logGroup);
  }

  #planOf(ids: readonly string[]) {
    const disable = this.ids.filter((id) => !ids.includes(id));
    return scanPlan(this.#detections, { detections: { disable } });
  }
}
