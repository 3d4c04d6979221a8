import { minuteMs } from '../../../lambda/common/time.ts';
import type { Running } from './account-quota.ts';
import type { FleetResult } from './run-fleet.ts';

/** How the account's concurrency was used over a span of time. */
export interface Usage {
  /** The most queries that ran at once. */
  readonly most: number;
  readonly mean: number;
  /** The share of the time in which at least half of the account's queries were free. */
  readonly halfFreeShare: number;
}

/** The usage from one moment to another. */
export function usageIn(
  running: readonly Running[],
  queriesMax: number,
  fromEpochMs: number,
  toEpochMs: number,
): Usage {
  let [most, sum, halfFreeMs] = [0, 0, 0];
  for (const [at, { epochMs, queries }] of running.entries()) {
    const until = running[at + 1]?.epochMs ?? epochMs;
    const ms = Math.min(until, toEpochMs) - Math.max(epochMs, fromEpochMs);
    if (ms <= 0) continue;
    most = Math.max(most, queries);
    sum += queries * ms;
    if (queries > queriesMax / 2) halfFreeMs -= ms;
  }
  const lengthMs = toEpochMs - fromEpochMs;
  return { most, mean: sum / lengthMs, halfFreeShare: 1 + halfFreeMs / lengthMs };
}

/** The phases of a run, each with its name, begin and end. */
export function phasesOf({ times }: Pick<FleetResult, 'times'>): [string, number, number][] {
  const [begin, out, back, end] = times;
  const settled = Math.min(end, back + 10 * minuteMs);
  return [
    ['before the outage', begin, out],
    ['during the outage', out, back],
    ['the ten minutes after it', back, settled],
    ['from then on', settled, end],
  ];
}

/** The invariants that a run has broken. */
export function problemsOf(result: FleetResult, catchUpMaxMinutes: number): string[] {
  const { lost, repeated, behind, catchUpMinutes, running, plan } = result;
  const late = catchUpMinutes.filter((minutes) => minutes > catchUpMaxMinutes).length;
  const most = Math.max(0, ...running.map(({ queries }) => queries));
  return [
    ...listed('changes of which nobody was notified', lost),
    ...listed('changes with several notifications', repeated),
    ...listed('lanes that are behind at the end', behind),
    ...(late > 0 ? [`${late} monitors had a backlog after ${catchUpMaxMinutes} minutes`] : []),
    ...(most > plan.queriesMax ? [`${most} queries ran at once`] : []),
  ];
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${names.length} ${what}: ${names.slice(0, 3).join(', ')}`];
}

/** What a run shows, for people. */
export function fleetText(result: FleetResult): string {
  const { plan, changes, lost, worstLagSeconds, catchUpMinutes, running, refused, killed } = result;
  const sorted = catchUpMinutes.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const refusals = refused.map(([what, count]) => `${what} ${count}`).join(', ') || 'none';
  return [
    `${plan.monitors} monitors, ${plan.queriesMax} queries at once, ${plan.outageMinutes} minutes without ${plan.outage}, ${plan.turns} turns`,
    `  changes        ${changes}, ${lost.length} lost`,
    `  caught up      after ${middle.toFixed(0)} minutes (median), ${(sorted.at(-1) ?? 0).toFixed(0)} at the latest`,
    `  refused calls  ${refusals}`,
    `  killed runs    ${killed}`,
    '  queries at once                 most   mean   free at the peak   half free',
    ...phasesOf(result).map(([name, from, to]) => {
      const { most, mean, halfFreeShare } = usageIn(running, plan.queriesMax, from, to);
      const free = `${plan.queriesMax - most}`.padStart(14);
      const share = `${(100 * halfFreeShare).toFixed(1)} %`.padStart(15);
      return `    ${name.padEnd(26)}${String(most).padStart(6)}${mean.toFixed(1).padStart(7)}${free}${share}`;
    }),
    '  free at the peak of each minute',
    ...minuteLines(result),
    '  largest scan lag of a tick, in minutes, by the minute of the tick',
    ...chunked(worstLagSeconds.map(([minute, lag]) => `${minute}:${(lag / 60).toFixed(0)}`)),
  ].join('\n');
}

function minuteLines({ times: [begin, , , end], running, plan }: FleetResult): string[] {
  const peaks = Array.from({ length: Math.ceil((end - begin) / minuteMs) }, (_, minute) => {
    const from = begin + minute * minuteMs;
    return usageIn(running, plan.queriesMax, from, from + minuteMs).most;
  });
  return chunked(peaks.map((most) => String(plan.queriesMax - most)));
}

const perLine = 20;

function chunked(cells: readonly string[]): string[] {
  return Array.from(
    { length: Math.ceil(cells.length / perLine) },
    (_, line) =>
      `    ${cells
        .slice(line * perLine, (line + 1) * perLine)
        .map((cell) => cell.padStart(5))
        .join(' ')}`,
  );
}
