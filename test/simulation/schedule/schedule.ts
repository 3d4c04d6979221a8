import type {
  CallFaultKind,
  GroupFaultKind,
  LedgerFaultKind,
  LedgerPlace,
  PackFaultKind,
  QueryFaultKind,
  ServiceName,
  TickFaultKind,
} from '../faults/fault-kinds.ts';
import type { Step } from '../faults/steps.ts';
import type { EndTime, SameSecond } from '../services/insights.ts';
import type { RowForms } from '../services/result-rows.ts';
import type { Attacker, HostileKind } from './hostile-grammar.ts';

/** A share of the time from the first tick to the last, in thousandths. */
export type Permille = number;

/** The settings of the monitor and of the world it runs in. */
export interface WorldSettings {
  readonly everyMinutes: number;
  readonly settleMinutes: number;
  readonly correlateSeconds: number;
  readonly maxSliceMinutes: number;
  readonly nearSweep: { readonly everyMinutes: number; readonly lagMinutes: number };
  readonly farSweep: { readonly everyMinutes: number; readonly lagMinutes: number };
  /** Ticks that are delivered before the faults end. */
  readonly ticks: number;
  readonly packRowsMax: number;
  /** How much the clocks of two containers differ at most. */
  readonly clockSkewMaxMs: number;
  readonly rowForms: RowForms;
  readonly endTime: EndTime;
  readonly sameSecond: SameSecond;
  /** How often the statistics of a query leave out a log group, per thousand. */
  readonly doubtfulPermille: number;
  /** A page of a ledger query ends behind so many bytes. */
  readonly pageBytes: number;
}

/** What one change of privileges leaves in the logs. */
export const storyKinds = [
  'echo-and-outcome',
  'echo-only',
  'outcome-only',
  'failed',
  /** A statement of a database hook, and how many rows it changed. */
  'sql',
  /** A line of Airflow's security manager that no command stands beside. */
  'security-manager',
  'web-form',
  'web-rest',
] as const;

export type StoryKind = (typeof storyKinds)[number];

/** By the index of the log group, the changes that can be seen there. */
export const kindsInGroup: readonly (readonly StoryKind[])[] = [
  ['outcome-only', 'sql', 'security-manager'],
  ['echo-and-outcome', 'echo-only', 'outcome-only', 'failed', 'sql', 'security-manager'],
  ['echo-and-outcome', 'echo-only', 'outcome-only', 'failed', 'sql', 'security-manager'],
  ['outcome-only', 'web-form', 'web-rest'],
  ['echo-and-outcome', 'echo-only', 'outcome-only', 'failed', 'sql', 'security-manager'],
];

/** One change of privileges, about a user of its own. */
export interface ChangeStory {
  readonly kind: StoryKind;
  /** Which of the log groups. */
  readonly group: number;
  /** Changes of one stream can be taken for one another. */
  readonly stream: number;
  readonly at: Permille;
  /** Moved to the end of a slice, and so many milliseconds from it. */
  readonly edge?: SliceEdge | undefined;
  /** From the echo to its outcome, in thousandths of `correlateSeconds`. */
  readonly gap: Permille;
  /** How late the first and the last line can be found, in thousandths of the far sweep's reach. */
  readonly lag: Permille;
  readonly lastLag: Permille;
  /** How often the last line is written. */
  readonly copies: number;
  readonly role: 'Admin' | 'Viewer';
}

/** Where slices of the scan end, or those of both sweeps. */
export interface SliceEdge {
  readonly of: 'scan' | 'sweeps';
  readonly ms: number;
}

/** Lines that match and say nothing: many in one second are a flood. */
export interface NoiseBurst {
  readonly group: number;
  readonly at: Permille;
  readonly lines: number;
  /** Over how many seconds the lines are spread. */
  readonly seconds: number;
}

/** Lines that somebody writes to stop the monitor, to hide a change or to make it look small. */
export interface HostileAct {
  readonly kind: HostileKind;
  readonly attacker: Attacker;
  /** Attackers with the same number share a stream. */
  readonly number: number;
  readonly at: Permille;
  /** The story it targets: the lines are written around it by somebody else. */
  readonly near?: number | undefined;
  /** Written into the stream of that story, by the one who makes the change. */
  readonly cover: boolean;
  readonly lines: number;
  /** In how many seconds they come. */
  readonly seconds: number;
}

/** A fault of an item of the ledger, just before a tick. */
export interface LedgerFault {
  readonly kind: LedgerFaultKind;
  readonly place: LedgerPlace;
  readonly tick: number;
  /** Which item of its place, and how much of it. */
  readonly amount: Permille;
}

export interface TickFault {
  readonly kind: TickFaultKind;
  readonly tick: number;
  /** How much of it: what that means depends on the kind. */
  readonly amount: Permille;
}

export interface CallFault {
  readonly kind: CallFaultKind | QueryFaultKind;
  /** It strikes the first such call from this tick on, or a later one. */
  readonly tick: number;
  readonly step: Step;
  /** How many such calls it lets pass. */
  readonly skip: number;
}

export interface GroupFault {
  readonly kind: GroupFaultKind;
  readonly group: number;
  readonly from: Permille;
  readonly to: Permille;
}

/** A temporary fault of the texts of the pack. */
export interface PackFault {
  readonly kind: PackFaultKind;
  /** Which detections, by their positions among those that can be refused. */
  readonly detections: readonly number[];
  /** Detections that a text may ask for. */
  readonly most: number;
  readonly from: Permille;
  /** 1000 means permanently, where the monitor can cope with that. */
  readonly to: Permille;
}

export const downtimeManners = ['unavailable', 'server-error', 'times-out', 'denied'] as const;

export interface Downtime {
  readonly service: ServiceName;
  readonly manner: (typeof downtimeManners)[number];
  readonly from: Permille;
  readonly minutes: number;
}

/** A time in which any fault may strike any call. */
export interface Storm {
  readonly from: Permille;
  readonly to: Permille;
  readonly struckPermille: Permille;
}

/**
 * An invocation hangs, like a sandbox starved of its processor: nothing planned for its last
 * seconds happens, and Lambda kills it when its time is up.
 */
export interface Stall {
  /** It strikes the first invocation from this tick on that makes this many calls. */
  readonly tick: number;
  readonly callsBefore: number;
}

/** A time in which an invocation is killed when one answer exceeds its memory. */
export interface ScarceMemorySpan {
  readonly from: Permille;
  readonly to: Permille;
  readonly answerBytesMax: number;
}

/** Everything that happens to one simulated monitor, as plain data. */
export interface Schedule {
  /** The seed of all that is drawn while it runs: latencies, containers, durations of queries. */
  readonly seed: number;
  readonly settings: WorldSettings;
  readonly stories: readonly ChangeStory[];
  readonly noise: readonly NoiseBurst[];
  readonly hostileActs: readonly HostileAct[];
  readonly ledgerFaults: readonly LedgerFault[];
  readonly tickFaults: readonly TickFault[];
  /** No tick for some hours, before this tick. */
  readonly outages: readonly { readonly beforeTick: number; readonly hours: number }[];
  readonly callFaults: readonly CallFault[];
  readonly groupFaults: readonly GroupFault[];
  readonly packFaults: readonly PackFault[];
  readonly downtimes: readonly Downtime[];
  readonly storms: readonly Storm[];
  readonly scarceMemory: readonly ScarceMemorySpan[];
  /** Retention of the log groups in days; undefined for no limit. */
  readonly retentionDays?: number | undefined;
  readonly stalls: readonly Stall[];
  /** The event bus, a chat, and what happens to them; undefined for a monitor without a bus. */
  readonly bus?:
    | {
        readonly callFaults: readonly CallFault[];
        readonly downtimes: readonly Downtime[];
        readonly hasChat: boolean;
      }
    | undefined;
}

/** Whether the only faults of a schedule are its lines and its ledger. */
export function isCalm(schedule: Schedule): boolean {
  const { packFaults, scarceMemory } = schedule;
  return packFaults.length === 0 && scarceMemory.length === 0 && isCalmBesidePack(schedule);
}

/** The same, apart from faults of the pack: its texts, and the memory its answers need. */
export function isCalmBesidePack(schedule: Schedule): boolean {
  const { tickFaults, outages, callFaults, groupFaults, downtimes, storms, stalls } = schedule;
  const { callFaults: putFaults = [], downtimes: busDowntimes = [] } = schedule.bus ?? {};
  const faults = [
    ...[tickFaults, outages, callFaults, groupFaults, downtimes, storms, stalls],
    ...[putFaults, busDowntimes],
  ];
  return faults.every(({ length }) => length === 0) && schedule.retentionDays === undefined;
}
