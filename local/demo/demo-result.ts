import type { Actor, Evidence, Outcome, Severity } from '../../lambda/findings/finding.ts';
import type { PackLane } from '../../lambda/lane.ts';
import type { AlarmStateValue } from '../alarms/metric-alarm.ts';
import type { EndTimeReading } from '../insights-engine/end-time.ts';
import type { TickReading } from './tick-reading.ts';

/** What a demo run found, as `result.json` holds it and the report shows it. Times are epoch ms. */
export interface DemoResult {
  readonly schema: 1;
  /** What was replayed, for a person. */
  readonly source: string;
  readonly mwaaEnvironment: string;
  readonly events: number;
  readonly badLines: number;
  /** What of the input could not be read for certain, as a clause. @default - it was read completely */
  readonly incomplete?: string;
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
  readonly everyMinutes: number;
  readonly settleMinutes: number;
  /** How the endpoints read a query's `endTime`. */
  readonly endTime: EndTimeReading;
  /** What Logs Insights did to the texts of the pack. @default - nothing */
  readonly packFault?: PackFault & {
    /** Findings that people are told of without that, and that the fault cost. */
    readonly missing: number;
  };
  /** The reaches of the sweeps, where they ran within the session. */
  readonly sweepReachMinutes?: { readonly near: number; readonly far: number };
  readonly ticks: readonly TickResult[];
  readonly logGroups: readonly LogGroupResult[];
  readonly alarms: readonly AlarmResult[];
  readonly notifications: readonly NotificationResult[];
  /** Privilege changes, each once, as it was notified last. */
  readonly findings: readonly FindingResult[];
  /** What the monitor told of itself, likewise: a log group is blind, a span was lost. */
  readonly ownFindings: readonly FindingResult[];
  /** The time in which the monitor was not invoked, half-open. @default - there was none */
  readonly outage?: {
    readonly startEpochMs: number;
    readonly endEpochMs: number;
    readonly ticks: number;
  };
  /** Privilege changes that were made to come late. */
  readonly lateChanges: readonly LateChangeResult[];
  /** Of LateChanges, as the monitor published it. */
  readonly sumOfLateChanges: number;
  /** Every address that the monitor's process connected to. */
  readonly connections: readonly string[];
  /** What does not agree; empty when the run proves what it claims. */
  readonly disagreements: readonly string[];
  readonly bundle: { readonly file: string; readonly bytes: number; readonly sha256: string };
  readonly elapsedSeconds: number;
}

/** What Logs Insights does to the texts of the pack; the documented query is never touched. */
export type PackFault =
  /** It refuses each text that asks for one of these detections. */
  | { readonly kind: 'refuse-detections'; readonly detections: readonly string[] }
  /** It refuses every text. */
  | { readonly kind: 'refuse-pack' }
  /** It takes every text, and each of the queries ends as Failed. */
  | { readonly kind: 'fail-pack' };

export interface TickResult {
  readonly tickEpochMs: number;
  /** The monitor was not invoked. */
  readonly missed?: true;
  /** Absent when the invocation succeeded. */
  readonly error?: string;
  /** 0 when it was not invoked. */
  readonly durationMs: number;
  /** Absent when it returned no report. */
  readonly reading?: TickReading;
}

/** A privilege change whose lines came in when the scan had passed their time. */
export interface LateChangeResult {
  readonly findingId: string;
  readonly title: string;
  readonly severity: Severity;
  /** The sweep that is to find it. */
  readonly lane: Exclude<PackLane, 'scan'>;
  readonly happenedEpochMs: number;
  readonly cameEpochMs: number;
  readonly scannedTickEpochMs: number;
  readonly foundTickEpochMs: number;
  readonly places: readonly {
    readonly logGroup: string;
    readonly logStream: string;
    readonly timestamp: number;
  }[];
  /** By log group, how many of its events hold add-role: the documented query cannot count them. */
  readonly addRoleEvents: Readonly<Record<string, number>>;
}

export interface LogGroupResult {
  readonly logGroup: string;
  readonly logType: string;
  readonly events: number;
  /** Counted from the input itself, by plain string search. */
  readonly eventsWithAddRole: number;
  /** Those of them that came late: the documented query is not asked again. */
  readonly lateWithAddRole: number;
  /** Maximum of AddRoleMatches by tick, as the monitor published it; a tick without one is absent. */
  readonly matchesByTick: readonly { readonly tickEpochMs: number; readonly matches: number }[];
  readonly sumOfMatches: number;
  /** @default - the template has no alarm on the group's matches */
  readonly alarmName?: string;
  readonly alarmedEpochMs?: number;
  readonly notifiedEpochMs?: number;
  /** Findings that were notified, of lines that stand here. */
  readonly findings: number;
  /** Of PrivilegeChanges, as the monitor published it. */
  readonly sumOfChanges: number;
  /** When the alarm on privilege changes rang. */
  readonly changesAlarmedEpochMs?: number;
  /** The first event of each kind that was counted, for a reader to judge; secrets are hidden. */
  readonly samples: readonly EventSample[];
}

/** A finding that people were told of. */
export interface FindingResult {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly outcome: Outcome;
  /** ISO 8601. */
  readonly firstSeen: string;
  /** Found by a sweep, after its time had been scanned; false for one that came in a digest alone. */
  readonly late: boolean;
  /** The monitor told it of itself. */
  readonly isOwn: boolean;
  /** Absent when nothing that was published names it. */
  readonly logGroup?: string;
  readonly notifiedEpochMs: number;
  readonly notifiedAs: readonly {
    readonly atEpochMs: number;
    readonly kind: 'finding' | 'update' | 'digest' | 'minimal';
    readonly severity: Severity;
    readonly subject: string;
  }[];
  /** Empty for one that came in a digest alone, as is the evidence. */
  readonly detections: readonly string[];
  readonly actor: Actor;
  readonly target?: string;
  readonly role?: string;
  readonly evidence: readonly Evidence[];
}

export interface EventSample {
  readonly logStream: string;
  readonly timestamp: number;
  readonly message: string;
}

export interface AlarmResult {
  readonly alarmName: string;
  /** The name without what all names begin with. */
  readonly label: string;
  readonly description: string;
  /** The log group that the alarm watches. @default - it watches the environment */
  readonly logGroup?: string;
  readonly metricName: string;
  readonly changes: readonly {
    readonly atEpochMs: number;
    readonly state: AlarmStateValue;
    readonly reason: string;
  }[];
}

export interface NotificationResult {
  readonly atEpochMs: number;
  readonly alarmName: string;
  readonly state: string;
  readonly subject: string;
  readonly reason: string;
  readonly topicArn: string;
  readonly message: string;
}
