import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { minuteMs } from '../../../lambda/common/time.ts';
import { metricDefinitions, metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import type { EndTimeReading } from '../../insights-engine/end-time.ts';
import { logGroupsOfNoType, summarizeProblems } from '../../log-readers/report/problem-report.ts';
import type { MetricRecorder } from '../../metric-recorder.ts';
import type { Disturbance, FaultyPack } from '../disturb/disturb-session.ts';
import { packFaultDisagreements, packFaultFacts } from '../disturb/pack-fault.ts';
import type { DemoResult, TickResult } from '../result/demo-result.ts';
import type { SynthesizedMonitor } from '../run/cloud-assembly.ts';
import type { Replay } from '../run/live-through-session.ts';
import type { LoadedSession } from '../session/load-session.ts';
import { alarmResults, silentAlarm } from './alarm-results.ts';
import { findingResults } from './collect-findings.ts';
import { disturbanceDisagreements } from './disturbance-verdict.ts';
import { findingDisagreements } from './finding-verdict.ts';
import { logGroupResults } from './log-group-results.ts';
import { disagreements } from './verdict.ts';

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
