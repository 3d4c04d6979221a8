import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { minuteMs } from '../../../lambda/common/time.ts';
import { isOwnDetection } from '../../../lambda/findings/own-finding.ts';
import { metricDefinitions, metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import { evaluationRangeExtraPeriods } from '../../alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import type { EndTimeReading } from '../../insights-engine/engine-types.ts';
import { logGroupsOfNoType, summarizeProblems } from '../../log-readers/report/read-report.ts';
import type { MetricRecorder } from '../../recorders.ts';
import type { Disturbance, FaultyPack } from '../disturb/disturb-session.ts';
import { packFaultDisagreements, packFaultFacts } from '../disturb/pack-fault.ts';
import type {
  AlarmResult,
  DemoResult,
  FindingResult,
  LateChangeResult,
  TickResult,
} from '../result/demo-result.ts';
import type { SynthesizedMonitor } from '../run/cloud-assembly.ts';
import type { FindingNotification, Replay } from '../run/live-through.ts';
import type { LoadedSession } from '../session/load-session.ts';
import { placeKey } from '../session/session.ts';
import { alarmResults, logGroupResults, silentAlarm } from './log-group-results.ts';
import { allMails, countMails } from './mail-results.ts';
import { disagreements, findingDisagreements } from './verdict.ts';

/** What one message says about one finding. */
type Reported = Omit<FindingResult, 'notifiedEpochMs' | 'notifiedAs'>;

/** Every notified finding once, in the state of its last notification. */
export function findingResults(notifications: readonly FindingNotification[]): FindingResult[] {
  const findings = new Map<string, FindingResult>();
  for (const notification of notifications) {
    const { atEpochMs, subject, published } = notification;
    for (const reported of reportedBy(notification)) {
      const before = findings.get(reported.id);
      findings.set(reported.id, {
        ...reported,
        notifiedEpochMs: before?.notifiedEpochMs ?? atEpochMs,
        notifiedAs: [
          ...(before?.notifiedAs ?? []),
          { atEpochMs, kind: published.kind, severity: reported.severity, subject },
        ],
      });
    }
  }
  return [...findings.values()].sort(
    (a, b) => Date.parse(a.firstSeen) - Date.parse(b.firstSeen) || (a.id < b.id ? -1 : 1),
  );
}

function reportedBy({ atEpochMs, published }: FindingNotification): Reported[] {
  const unknown = { detections: [], evidence: [], late: false, isOwn: false };
  switch (published.kind) {
    case 'digest':
      return published.findings.map(({ logStreamLink, ...entry }) => {
        const logGroup = logGroupOf(logStreamLink);
        const isOwn = !logStreamLink.includes('/log-events/');
        return { ...unknown, ...entry, isOwn, ...(logGroup !== undefined && { logGroup }) };
      });
    case 'minimal':
      return published.findings.map(({ id, severity }) => ({
        ...unknown,
        ...{ id, severity, actor: {} },
        title: `finding ${id}, of which only the id was sent`,
        outcome: 'unknown' as const,
        firstSeen: new Date(atEpochMs).toISOString(),
      }));
    default: {
      const { id, severity, title, outcome, firstSeen, late, detections, actor, evidence } =
        published;
      const logGroup = evidence[0]?.logGroup;
      return [
        {
          ...{ id, severity, title, outcome, firstSeen, late, detections, actor, evidence },
          isOwn: isOwnDetection(detections[0]),
          ...(logGroup !== undefined && { logGroup }),
          ...(published.target !== undefined && { target: published.target }),
          ...(published.role !== undefined && { role: published.role }),
        },
      ];
    }
  }
}

/**
 * A digest names the log group only in its link to the console; a finding of the monitor itself has
 * no stream.
 */
function logGroupOf(link: string): string | undefined {
  return /\/log-group\/([\w-]+)/.exec(link)?.[1];
}

/** A run with an outage or late changes, and what is expected of it. */
export interface DisturbedRun
  extends Pick<DemoResult, 'ticks' | 'findings' | 'lateChanges' | 'sumOfLateChanges' | 'outage'> {
  /** Ids of the findings that an undisturbed run notifies. */
  readonly expectedIds: ReadonlySet<string>;
  /** The alarm on the heartbeat, and its state changes. */
  readonly silent?: {
    readonly alarm: Pick<MetricAlarm, 'evaluationPeriods'>;
    readonly changes: AlarmResult['changes'];
  };
}

/**
 * Compares a disturbed run with an undisturbed one.
 *
 * @returns one sentence per disagreement; none when the same findings were notified, each late
 *   one by the expected sweep, everything was read, and a long outage fired the alarm
 */
export function disturbanceDisagreements(run: DisturbedRun): string[] {
  const { findings, lateChanges, sumOfLateChanges } = run;
  const late = findings.filter((finding) => finding.late).length;
  const lateSum = metricDefinitions.lateChanges.name;
  return [
    ...differences(run),
    ...lateChanges.flatMap((change) => lateDisagreements(change, findings)),
    ...(sumOfLateChanges === late
      ? []
      : [`${lateSum} adds up to ${sumOfLateChanges}, but findings notified as late: ${late}`]),
    ...holes(run),
    ...unnoticed(run),
  ];
}

function differences({ findings, expectedIds }: DisturbedRun): string[] {
  const notified = new Set(findings.map(({ id }) => id));
  return [
    ...[...expectedIds]
      .filter((id) => !notified.has(id))
      .map((id) => `finding ${id}: an undisturbed run finds it, but it was not notified`),
    ...[...notified]
      .filter((id) => !expectedIds.has(id))
      .map((id) => `finding ${id}: it was notified, but an undisturbed run does not find it`),
  ];
}

function lateDisagreements(
  { findingId, lane, places, foundTickEpochMs }: LateChangeResult,
  findings: readonly FindingResult[],
): string[] {
  const found = findings.find(({ id }) => id === findingId);
  // A missing finding is already reported.
  if (found === undefined) return [];
  const shown = new Set(found.evidence.map(placeKey));
  const notified = found.notifiedEpochMs;
  return [
    ...(found.late
      ? []
      : [`finding ${findingId}: its lines arrived late, but it is not marked as late`]),
    ...(notified === foundTickEpochMs
      ? []
      : [
          `finding ${findingId}: the ${lane} sweep should find it at ${iso(foundTickEpochMs)}, but it was notified at ${iso(notified)}`,
        ]),
    ...(places.every((place) => shown.has(placeKey({ ...place })))
      ? []
      : [`finding ${findingId}: some of its late lines are missing from its evidence`]),
  ];
}

/** The spans that a lane read must leave no gap. */
function holes({ ticks }: DisturbedRun): string[] {
  const spans = ticks.flatMap(({ reading }) => reading?.spans ?? []);
  return [...Map.groupBy(spans, ({ lane }) => lane)].flatMap(([lane, read]) => {
    const sorted = read.toSorted((a, b) => a.startEpochMs - b.startEpochMs);
    let end = sorted[0]?.startEpochMs ?? 0;
    return sorted.flatMap(({ startEpochMs, endEpochMs }) => {
      const before = end;
      end = Math.max(end, endEpochMs);
      return startEpochMs <= before
        ? []
        : [`lane ${lane}: ${iso(before)} to ${iso(startEpochMs)} was not read`];
    });
  });
}

/** When periods without a heartbeat fill the alarm's range, it must have fired. */
function unnoticed({ outage, silent }: DisturbedRun): string[] {
  if (outage === undefined || silent === undefined) return [];
  const { alarm, changes } = silent;
  if (outage.ticks < alarm.evaluationPeriods + evaluationRangeExtraPeriods) return [];
  const rang = changes.some(
    ({ state, atEpochMs }) =>
      state === 'ALARM' && atEpochMs > outage.startEpochMs && atEpochMs <= outage.endEpochMs,
  );
  return rang ? [] : [`no alarm fired during the ${outage.ticks} ticks without the monitor`];
}

function iso(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16)}Z`;
}

/** Everything that a run produced. */
export interface DemoFindings {
  readonly session: LoadedSession;
  readonly monitor: SynthesizedMonitor;
  readonly replayed: Replay;
  readonly alarms: readonly MetricAlarm[];
  readonly metrics: MetricRecorder;
  readonly endTime: EndTimeReading;
  /** Places of evidence that exist in the input. */
  readonly evidenceInInput: ReadonlySet<string>;
  /** @default - Logs Insights answers every query */
  readonly pack?: FaultyPack;
  /** @default - everything arrived in order and on time */
  readonly disturbance?: Disturbance;
}

/** @param source a description of the logs */
export async function demoResult(
  source: string,
  run: DemoFindings,
  elapsedSeconds: number,
): Promise<DemoResult> {
  const { session, monitor, replayed, alarms, metrics, evidenceInInput, disturbance, pack } = run;
  const { tally, report, mwaaEnvironment } = session;
  const missing = [
    ...(report.isComplete ? [] : [summarizeProblems(report)]),
    ...logGroupsOfNoType(session.ignored),
  ];
  const { ticks } = replayed;
  const { nearSweep, farSweep } = monitor.config;
  const notified = findingResults(replayed.findings);
  const mails = allMails(replayed);
  const findings = notified.filter(({ isOwn }) => !isOwn);
  const ownFindings = notified.filter(({ isOwn }) => isOwn);
  const lateChanges = disturbance?.lateChanges ?? [];
  const isStopped = pack !== undefined && pack.fault.kind !== 'refuse-detections';
  const published = { alarms, metrics, lateChanges };
  const logGroups = logGroupResults(session, replayed, findings, published);
  const alarmsRung = alarmResults(alarms, replayed.changes);
  const outage = outageOf(ticks, monitor.config.everyMinutes * minuteMs);
  const sumOfLateChanges = lateSum(ticks, mwaaEnvironment, metrics);
  for (const { subject, email, published } of replayed.findings) {
    tally.secrets.look('a notification', `${subject}\n${email}\n${JSON.stringify(published)}`);
  }
  const bundle = await readFile(monitor.bundleFile);
  return {
    schema: 1,
    source,
    mwaaEnvironment,
    events: tally.events,
    badLines: report.badLineCount,
    ...(missing.length > 0 && { incomplete: missing.join(', ') }),
    firstEventEpochMs: tally.firstEventEpochMs,
    lastEventEpochMs: tally.lastEventEpochMs,
    everyMinutes: monitor.config.everyMinutes,
    settleMinutes: monitor.config.settleMinutes,
    endTime: run.endTime,
    ...(pack && { packFault: packFaultFacts(pack.fault, pack.undisturbedIds, pack.expectedIds) }),
    ...(disturbance && {
      sweepReachMinutes: { near: nearSweep.lagMinutes, far: farSweep.lagMinutes },
    }),
    ticks,
    logGroups,
    alarms: alarmsRung,
    notifications: replayed.notifications,
    findings,
    ownFindings,
    mails,
    mailCounts: countMails(mails, findings.length),
    ...(outage && { outage }),
    lateChanges,
    sumOfLateChanges,
    connections: replayed.connections,
    disagreements: [
      ...disagreements(logGroups, isStopped ? ticks.map(withoutError) : ticks),
      ...(pack === undefined
        ? []
        : packFaultDisagreements({
            ...{ ...pack, ticks, findings, ownFindings },
            detectionsRefused: refusedInLast(ticks, mwaaEnvironment, metrics),
          })),
      ...findingDisagreements(findings, logGroups, evidenceInInput),
      ...(disturbance === undefined
        ? []
        : disturbanceDisagreements({
            ...{ ticks, findings, lateChanges, sumOfLateChanges, outage },
            expectedIds: disturbance.expectedIds,
            ...silentAlarm(alarms, alarmsRung),
          })),
      ...tally.secrets.leaks.map((where) => `a password of the input is in ${where}`),
      ...replayed.refusedConnections.map(
        (address) => `the monitor tried to connect to ${address}, which was refused`,
      ),
    ],
    bundle: {
      file: basename(monitor.bundleFile),
      bytes: bundle.length,
      sha256: createHash('sha256').update(bundle).digest('hex'),
    },
    elapsedSeconds,
  };
}

/** The ticks without an invocation, which are consecutive. */
function outageOf(ticks: readonly TickResult[], periodMs: number): DemoResult['outage'] {
  const missed = ticks.filter((tick) => tick.missed).map(({ tickEpochMs }) => tickEpochMs);
  const [startEpochMs, last] = [missed[0], missed.at(-1)];
  if (startEpochMs === undefined || last === undefined) return undefined;
  return { startEpochMs, endEpochMs: last + periodMs, ticks: missed.length };
}

/** With a pack that cannot be read, each tick is expected to fail. */
function withoutError({ error: _, ...tick }: TickResult): TickResult {
  return tick;
}

function refusedInLast(
  ticks: readonly TickResult[],
  mwaaEnvironment: string,
  metrics: MetricRecorder,
): number | undefined {
  const last = ticks.at(-1)?.tickEpochMs ?? 0;
  const metric = {
    namespace: metricNamespace,
    metricName: metricDefinitions.detectionsRefused.name,
    dimensions: { Environment: mwaaEnvironment },
  };
  return metrics.read(metric, last, last + minuteMs)?.maximum;
}

function lateSum(
  ticks: readonly TickResult[],
  mwaaEnvironment: string,
  metrics: MetricRecorder,
): number {
  const metric = {
    namespace: metricNamespace,
    metricName: metricDefinitions.lateChanges.name,
    dimensions: { Environment: mwaaEnvironment },
  };
  return ticks
    .map(({ tickEpochMs }) => metrics.read(metric, tickEpochMs, tickEpochMs + minuteMs))
    .reduce((total, values) => total + (values?.maximum ?? 0), 0);
}
