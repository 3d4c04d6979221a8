import { minuteMs } from '../../lambda/common/time.ts';
import { disturbanceFacts } from '../../local/demo/report/disturbance-facts.ts';
import type { DemoResult, LateChangeResult } from '../../local/demo/result/demo-result.ts';
import { countOf } from '../shared/count-of.ts';

/** The outage and the late changes of a run, as lines below its plan. */
export function disturbancePlan({
  missed,
  lateChanges,
  everyMinutes,
}: {
  readonly missed: ReadonlySet<number>;
  readonly lateChanges: readonly LateChangeResult[];
  readonly everyMinutes: number;
}): string[] {
  const times = [...missed].sort((a, b) => a - b);
  const [first] = times;
  const last = times.at(-1);
  const lateBy = lateChanges.map(({ cameEpochMs, happenedEpochMs }) =>
    Math.round((cameEpochMs - happenedEpochMs) / minuteMs),
  );
  return [
    ...(first === undefined || last === undefined
      ? []
      : [
          `outage   ${clock(first)} to ${clock(last + everyMinutes * minuteMs)}: ${countOf(missed.size, 'tick')} without the monitor`,
        ]),
    ...(lateBy.length === 0
      ? []
      : [
          `late     ${countOf(lateBy.length, 'privilege change')}, ${range(lateBy)} min late, after their time was scanned`,
        ]),
  ];
}

/** How the monitor caught up; printed only if nothing disagrees. */
export function disturbanceLines(result: DemoResult): string[] {
  const { outage, lateChanges, logGroups } = result;
  const { catchUp } = disturbanceFacts(result);
  const by = (lane: LateChangeResult['lane']) =>
    lateChanges.filter((change) => change.lane === lane).length;
  const lateMatches = logGroups.reduce((sum, { lateWithAddRole }) => sum + lateWithAddRole, 0);
  return [
    ...(outage === undefined || catchUp === undefined
      ? []
      : [
          `Outage: ${countOf(outage.ticks, 'tick')} missed; the next one read ${catchUp.readMs / minuteMs} min in ${countOf(catchUp.slices, 'slice')} and reported ${countOf(catchUp.findings, 'finding')}.`,
        ]),
    ...(lateChanges.length === 0
      ? []
      : [
          `Late: ${countOf(lateChanges.length, 'privilege change')} found, ${by('near')} by the near sweep, ${by('far')} by the far sweep.`,
        ]),
    ...(lateMatches === 0
      ? []
      : [
          `Not counted: ${countOf(lateMatches, 'late event')} with add-role, since the documented query is not repeated.`,
        ]),
    ...(outage === undefined && lateChanges.length === 0
      ? []
      : ['The findings are the same as without an outage and late events.']),
  ];
}

function range(numbers: readonly number[]): string {
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return min === max ? String(min) : `${min} to ${max}`;
}

function clock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 16);
}
