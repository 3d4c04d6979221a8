import { type FaultKind, faultKinds } from './faults.ts';
import type { ScheduleResult } from './run-schedule.ts';

/** What is told of one schedule when many are run. */
export interface ScheduleDigest extends Omit<ScheduleResult, 'strikes' | 'story'> {
  readonly strikes: readonly (readonly [FaultKind, number])[];
  /** Only of a schedule that broke an invariant. */
  readonly story: readonly string[];
}

export function digestOf(result: ScheduleResult): ScheduleDigest {
  const story = result.violations.length > 0 ? result.story : [];
  return { ...result, strikes: [...result.strikes], story };
}

/** What many schedules came to. */
export interface Summary {
  readonly schedules: number;
  readonly ticks: number;
  readonly events: number;
  readonly changes: number;
  readonly notified: number;
  /** Invariants that did not hold; none of them is a change that was lost or a finding told twice. */
  readonly broken: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  readonly medians: { readonly ticks: number; readonly events: number; readonly faults: number };
  readonly ticksMin: number;
  readonly faultsMin: number;
  readonly struck: readonly (readonly [FaultKind, number])[];
}

export function summarize(schedules: readonly ScheduleDigest[]): Summary {
  const sumOf = (numberOf: (schedule: ScheduleDigest) => number) =>
    schedules.reduce((sum, schedule) => sum + numberOf(schedule), 0);
  const struck = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
  for (const [kind, count] of schedules.flatMap(({ strikes }) => strikes)) {
    struck.set(kind, (struck.get(kind) ?? 0) + count);
  }
  return {
    schedules: schedules.length,
    ticks: sumOf(({ ticks }) => ticks),
    events: sumOf(({ events }) => events),
    changes: sumOf(({ changes }) => changes),
    notified: sumOf(({ notified }) => notified),
    broken: sumOf(({ violations }) => violations.length),
    repeats: sumOf(({ repeats }) => repeats),
    unknownPublishes: sumOf(({ unknownPublishes }) => unknownPublishes),
    medians: {
      ticks: median(schedules.map(({ ticks }) => ticks)),
      events: median(schedules.map(({ events }) => events)),
      faults: median(schedules.map(({ faults }) => faults)),
    },
    ticksMin: Math.min(...schedules.map(({ ticks }) => ticks)),
    faultsMin: Math.min(...schedules.map(({ faults }) => faults)),
    struck: [...struck],
  };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** For a person: what ran, what struck, what was lost, and what explains every repeat. */
export function summaryText(summary: Summary): string {
  const { schedules, ticks, events, changes, notified, medians, struck } = summary;
  const number = (value: number) => value.toLocaleString('en');
  return [
    `${number(schedules)} schedules, ${number(ticks)} ticks, ${number(events)} events, ${number(changes)} changes, ${number(notified)} findings notified`,
    `medians a schedule: ${medians.ticks} ticks, ${medians.events} events, ${medians.faults} faults`,
    'faults struck:',
    ...struck.map(([kind, count]) => `  ${kind.padEnd(38)} ${number(count).padStart(12)}`),
    `invariants broken: ${summary.broken}; lost 0 unless one is named above`,
    `repeats: ${summary.repeats}, each by the id of a finding with a publish of unknown outcome; unknown publishes: ${summary.unknownPublishes}`,
  ].join('\n');
}
