import { faultKinds } from './faults/fault-kinds.ts';
import { besideSteps, writeSteps } from './faults/steps.ts';
import type { ScheduleDigest } from './run-many.ts';

/** What many schedules came to. */
export interface Summary {
  readonly schedules: number;
  readonly ticks: number;
  readonly invocations: number;
  readonly events: number;
  readonly changes: number;
  readonly lost: number;
  readonly messages: number;
  readonly broken: number;
  readonly repeats: number;
  readonly unknownPublishes: number;
  readonly medians: { readonly ticks: number; readonly events: number; readonly faults: number };
  readonly ticksMin: number;
  readonly faultsMin: number;
  /** Every kind of fault, and every kill at every step that writes. */
  readonly struck: readonly (readonly [string, number])[];
}

const kills = ['killed-before-effect', 'killed-after-effect'] as const;

/** All that must have struck at least once for a run to mean anything. */
export const wantedStrikes: readonly string[] = [
  ...faultKinds,
  ...[...writeSteps, ...besideSteps].flatMap((step) => kills.map((kill) => `${kill} ${step}`)),
];

export function summarize(schedules: readonly ScheduleDigest[]): Summary {
  const sumOf = (numberOf: (schedule: ScheduleDigest) => number) =>
    schedules.reduce((sum, schedule) => sum + numberOf(schedule), 0);
  const struck = new Map<string, number>(wantedStrikes.map((kind) => [kind, 0]));
  for (const [kind, count] of schedules.flatMap(({ strikes }) => strikes)) {
    const before = struck.get(kind);
    if (before !== undefined) struck.set(kind, before + count);
  }
  return {
    schedules: schedules.length,
    ticks: sumOf(({ ticks }) => ticks),
    invocations: sumOf(({ invocations }) => invocations),
    events: sumOf(({ events }) => events),
    changes: sumOf(({ changes }) => changes),
    lost: sumOf(({ lost }) => lost),
    messages: sumOf(({ messages }) => messages),
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
  const { schedules, ticks, invocations, events, changes, messages, medians, struck } = summary;
  const number = (value: number) => value.toLocaleString('en');
  return [
    `${number(schedules)} schedules: ${number(ticks)} ticks, ${number(invocations)} invocations, ${number(events)} events, ${number(changes)} changes to tell, ${number(messages)} messages`,
    `medians a schedule: ${medians.ticks} ticks, ${medians.events} events, ${medians.faults} faults struck`,
    'faults struck:',
    ...struck.map(([kind, count]) => `  ${kind.padEnd(42)} ${number(count).padStart(12)}`),
    `lost ${summary.lost}; invariants broken ${summary.broken}`,
    `repeats ${summary.repeats}, each by the id of a finding with a counted publish of unknown outcome; such publishes ${summary.unknownPublishes}`,
  ].join('\n');
}
