import { z } from 'zod';
import type { Actor, Evidence, Outcome } from '../../../lambda/model/finding.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import { lanes, type PackLane } from '../../../lambda/model/windows.ts';
import type { AlarmStateValue } from '../../alarms/metric-alarm.ts';
import type { EndTimeReading } from '../../insights-engine/engine-types.ts';

const isoTime = z.iso.datetime().transform((time) => Date.parse(time));

/** The parts of an invocation's report that are shown. */
const tickReadingSchema = z.object({
  slices: z.array(
    z.object({ lane: z.enum(lanes), logGroup: z.string(), start: isoTime, end: isoTime }),
  ),
  scanLagSeconds: z.number().optional(),
});

/** A span of event time that a tick read in one lane, in one or several log groups. */
interface SpanRead {
  readonly lane: (typeof lanes)[number];
  readonly startEpochMs: number;
  readonly endEpochMs: number;
  readonly logGroups: number;
}

/** What a tick read, and its lag. */
interface TickReading {
  readonly spans: readonly SpanRead[];
  readonly scanLagSeconds?: number;
}

/** @returns undefined for an invocation without a report: it failed, or had nothing to do */
export function tickReading(returned: unknown): TickReading | undefined {
  const { success, data } = tickReadingSchema.safeParse(returned);
  if (!success) return undefined;
  const spans = Map.groupBy(data.slices, ({ lane, start, end }) => `${lane} ${start} ${end}`);
  return {
    spans: [...spans.values()].flatMap((slices) => {
      const [first] = slices;
      if (first === undefined) return [];
      const { lane, start: startEpochMs, end: endEpochMs } = first;
      return [{ lane, startEpochMs, endEpochMs, logGroups: slices.length }];
    }),
    ...(data.scanLagSeconds !== undefined && { scanLagSeconds: data.scanLagSeconds }),
  };
}

/** The result of a demo run, as in `result.json` and in the report. Times are epoch ms. */
export interface DemoResult {
  readonly schema: 1;
  /** A description of the replayed logs. */
  readonly source: string;
  readonly mwaaEnvironment: string;
  readonly events: number;
  readonly badLines: number;
  /** What could not be read of the input, as a clause. @default - it was read completely */
  readonly incomplete?: string;
  readonly firstEventEpochMs: number;
  readonly lastEventEpochMs: number;
  readonly everyMinutes: number;
  readonly settleMinutes: number;
  /** How the endpoints read a query's `endTime`. */
  readonly endTime: EndTimeReading;
  /** The fault injected into the pack's queries. @default - none */
  readonly packFault?: PackFault & {
    /** Number of findings that would be notified without the fault, and are lost to it. */
    readonly missing: number;
  };
  /** The reaches of the sweeps, if they ran within the session. */
  readonly sweepReachMinutes?: { readonly near: number; readonly far: number };
  readonly ticks: readonly TickResult[];
  readonly logGroups: readonly LogGroupResult[];
  readonly alarms: readonly AlarmResult[];
  readonly notifications: readonly NotificationResult[];
  /** Privilege changes, each once, as last notified. */
  readonly findings: readonly FindingResult[];
  /** The monitor's findings about itself, likewise: a log group is blind, a span was lost. */
  readonly ownFindings: readonly FindingResult[];
  /** All mails of an address that is subscribed to both topics, in the order in which they were sent. */
  readonly mails: readonly MailResult[];
  readonly mailCounts: MailCounts;
  /** The time without invocations, half-open. @default - none */
  readonly outage?: {
    readonly startEpochMs: number;
    readonly endEpochMs: number;
    readonly ticks: number;
  };
  /** Privilege changes whose lines were delayed. */
  readonly lateChanges: readonly LateChangeResult[];
  /** Sum of the published LateChanges metric. */
  readonly sumOfLateChanges: number;
  /** Every address to which the monitor's process connected. */
  readonly connections: readonly string[];
  /** Disagreements between the run and its input, as sentences; empty when the run is correct. */
  readonly disagreements: readonly string[];
  readonly bundle: { readonly file: string; readonly bytes: number; readonly sha256: string };
  readonly elapsedSeconds: number;
}

/** A fault of Logs Insights on the pack's queries; the documented query is not affected. */
export type PackFault =
  /** It refuses each query for one of these detections. */
  | { readonly kind: 'refuse-detections'; readonly detections: readonly string[] }
  /** It refuses every query. */
  | { readonly kind: 'refuse-pack' }
  /** It accepts every query, and each ends as Failed. */
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

/** A privilege change whose lines arrived after the scan had passed their time. */
export interface LateChangeResult {
  readonly findingId: string;
  readonly title: string;
  readonly severity: Severity;
  /** The sweep that should find it. */
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
  /** By log group, the number of its events with add-role, which the documented query misses. */
  readonly addRoleEvents: Readonly<Record<string, number>>;
}

export interface LogGroupResult {
  readonly logGroup: string;
  readonly logType: string;
  readonly events: number;
  /** Counted in the input by plain string search. */
  readonly eventsWithAddRole: number;
  /** The number of them that arrived late; the documented query does not run again for them. */
  readonly lateWithAddRole: number;
  /** Published maximum of AddRoleMatches by tick; ticks without a value are absent. */
  readonly matchesByTick: readonly { readonly tickEpochMs: number; readonly matches: number }[];
  readonly sumOfMatches: number;
  /** @default - the template has no alarm on the group's matches */
  readonly alarmName?: string;
  readonly alarmedEpochMs?: number;
  readonly notifiedEpochMs?: number;
  /** Number of notified findings about lines of this group. */
  readonly findings: number;
  /** Sum of the published PrivilegeChanges metric. */
  readonly sumOfChanges: number;
  /** When the alarm on privilege changes fired. */
  readonly changesAlarmedEpochMs?: number;
  /** The first event of each kind that was counted, for review; secrets are hidden. */
  readonly samples: readonly EventSample[];
}

/** A notified finding. */
export interface FindingResult {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  readonly outcome: Outcome;
  /** ISO 8601. */
  readonly firstSeen: string;
  /**
   * Found by a sweep, after its time had been scanned; false for a finding that appeared only in a
   * digest.
   */
  readonly late: boolean;
  /** A finding of the monitor about itself. */
  readonly isOwn: boolean;
  /** Absent when no message names it. */
  readonly logGroup?: string;
  readonly notifiedEpochMs: number;
  readonly notifiedAs: readonly {
    readonly atEpochMs: number;
    readonly kind: 'finding' | 'update' | 'digest' | 'minimal';
    readonly severity: Severity;
    readonly subject: string;
  }[];
  /** Empty for a finding that appeared only in a digest, as is the evidence. */
  readonly detections: readonly string[];
  readonly actor: Actor;
  readonly target?: string;
  readonly role?: string;
  readonly evidence: readonly Evidence[];
}

/** A mail as it would arrive, without what SNS adds about the subscription. */
export interface MailResult {
  readonly atEpochMs: number;
  readonly subject: string;
  readonly text: string;
  readonly kind: 'finding' | 'update' | 'digest' | 'minimal' | 'alarm' | 'recovery';
  /** Absent in a mail of an alarm. */
  readonly severity?: Severity;
  /** The findings that it names. */
  readonly findingIds: readonly string[];
}

/** How many mails one address gets. */
export interface MailCounts {
  /** Privilege changes that people were notified of. */
  readonly changes: number;
  /** Mails about findings: one for a change, or a digest for many. */
  readonly aboutFindings: number;
  /** Mails of alarms that rang. */
  readonly ofAlarms: number;
  /** Mails of alarms that are over. */
  readonly ofRecoveries: number;
}

export interface EventSample {
  readonly logStream: string;
  readonly timestamp: number;
  readonly message: string;
}

export interface AlarmResult {
  readonly alarmName: string;
  /** The name without the prefix that all names share. */
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
  /** The text that subscribers by mail get in place of the message. */
  readonly email: string;
}
