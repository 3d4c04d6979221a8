import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { metricDefinitions, metricNamespace } from '../../lambda/metric-definitions.ts';
import type { MetricAlarm } from '../alarms/metric-alarm.ts';
import type { MetricRecorder } from '../aws-endpoints/cloudwatch/metric-recorder.ts';
import { alarmLabels } from './alarm-labels.ts';
import type { SynthesizedMonitor } from './cloud-assembly.ts';
import { findingResults } from './collect-findings.ts';
import type {
  AlarmResult,
  DemoResult,
  FindingResult,
  LateChangeResult,
  LogGroupResult,
  TickResult,
} from './demo-result.ts';
import { disturbanceDisagreements } from './disturbance-verdict.ts';
import { findingDisagreements } from './finding-verdict.ts';
import type { LoadedSession } from './load-session.ts';
import type { Replay } from './replay.ts';
import { disagreements } from './verdict.ts';

const minuteMs = 60_000;

/** What was done to a run, and what is found without. */
export interface Disturbance {
  readonly lateChanges: readonly LateChangeResult[];
  /** Ids of the findings that people would be told of otherwise. */
  readonly expectedIds: ReadonlySet<string>;
}

/** All that a run leaves behind. */
export interface DemoFindings {
  readonly session: LoadedSession;
  readonly monitor: SynthesizedMonitor;
  readonly replayed: Replay;
  readonly alarms: readonly MetricAlarm[];
  readonly metrics: MetricRecorder;
  /** Places of evidence that the input holds. */
  readonly evidenceInInput: ReadonlySet<string>;
  /** @default - everything came in order and in time */
  readonly disturbance?: Disturbance;
}

/** @param source what the logs are, for a person */
export async function demoResult(
  source: string,
  { session, monitor, replayed, alarms, metrics, evidenceInInput, disturbance }: DemoFindings,
  elapsedSeconds: number,
): Promise<DemoResult> {
  const { tally, report, mwaaEnvironment } = session;
  const { ticks } = replayed;
  const { nearSweep, farSweep } = monitor.config;
  const told = findingResults(replayed.findings);
  const findings = told.filter(({ isOwn }) => !isOwn);
  const lateChanges = disturbance?.lateChanges ?? [];
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
    firstEventEpochMs: tally.firstEventEpochMs,
    lastEventEpochMs: tally.lastEventEpochMs,
    everyMinutes: monitor.config.everyMinutes,
    settleMinutes: monitor.config.settleMinutes,
    ...(disturbance && {
      sweepReachMinutes: { near: nearSweep.lagMinutes, far: farSweep.lagMinutes },
    }),
    ticks,
    logGroups,
    alarms: alarmsRung,
    notifications: replayed.notifications,
    findings,
    ownFindings: told.filter(({ isOwn }) => isOwn),
    ...(outage && { outage }),
    lateChanges,
    sumOfLateChanges,
    connections: replayed.connections,
    disagreements: [
      ...disagreements(logGroups, ticks),
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
        (address) => `the monitor wanted to connect to ${address}, which was refused`,
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

/** What was published and what rang for every log group of the session. */
function logGroupResults(
  { logGroups, mwaaEnvironment, tally }: LoadedSession,
  { ticks, changes, notifications }: Replay,
  findings: readonly FindingResult[],
  {
    alarms,
    metrics,
    lateChanges,
  }: Pick<DemoFindings, 'alarms' | 'metrics'> & Pick<DemoResult, 'lateChanges'>,
): LogGroupResult[] {
  const findingsIn = Map.groupBy(findings, ({ logGroup }) => logGroup);
  return logGroups.map(({ logGroup, logType }) => {
    const valuesByTick = (metricName: string) =>
      ticks.flatMap(({ tickEpochMs }) => {
        const dimensions = { Environment: mwaaEnvironment, LogGroup: logGroup };
        const metric = { namespace: metricNamespace, metricName, dimensions };
        const values = metrics.read(metric, tickEpochMs, tickEpochMs + minuteMs);
        return values ? [{ tickEpochMs, matches: values.maximum }] : [];
      });
    const alarmOn = (metricName: string) =>
      alarms.find(
        (alarm) => alarm.metric.metricName === metricName && watchedLogGroup(alarm) === logGroup,
      )?.name;
    const alarmedAt = (alarmName: string | undefined) =>
      changes.find(({ alarm, newState }) => alarm.name === alarmName && newState === 'ALARM')
        ?.epochMs;
    const { addRoleMatches, privilegeChanges } = metricDefinitions;
    const matchesByTick = valuesByTick(addRoleMatches.name);
    const changesByTick = valuesByTick(privilegeChanges.name);
    const sum = (values: readonly { readonly matches: number }[]) =>
      values.reduce((total, { matches }) => total + matches, 0);
    const alarmName = alarmOn(addRoleMatches.name);
    const alarmedEpochMs = alarmedAt(alarmName);
    const changesAlarmedEpochMs = alarmedAt(alarmOn(privilegeChanges.name));
    const notified = notifications.find(
      (notification) => notification.alarmName === alarmName && notification.state === 'ALARM',
    );
    const counted = tally.groups.get(logGroup);
    return {
      logGroup,
      logType,
      events: counted?.events ?? 0,
      eventsWithAddRole: counted?.eventsWithAddRole ?? 0,
      lateWithAddRole: lateChanges.reduce(
        (total, { addRoleEvents }) => total + (addRoleEvents[logGroup] ?? 0),
        0,
      ),
      matchesByTick,
      sumOfMatches: sum(matchesByTick),
      ...(alarmName && { alarmName }),
      ...(alarmedEpochMs !== undefined && { alarmedEpochMs }),
      ...(notified && { notifiedEpochMs: notified.atEpochMs }),
      findings: findingsIn.get(logGroup)?.length ?? 0,
      sumOfChanges: sum(changesByTick),
      ...(changesAlarmedEpochMs !== undefined && { changesAlarmedEpochMs }),
      samples: [...(counted?.samples.values() ?? [])],
    };
  });
}

/** The ticks at which nothing was invoked: they stand together. */
function outageOf(ticks: readonly TickResult[], periodMs: number): DemoResult['outage'] {
  const missed = ticks.filter((tick) => tick.missed).map(({ tickEpochMs }) => tickEpochMs);
  const [startEpochMs, last] = [missed[0], missed.at(-1)];
  if (startEpochMs === undefined || last === undefined) return undefined;
  return { startEpochMs, endEpochMs: last + periodMs, ticks: missed.length };
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

/** The alarm that rings when no scan completes. */
function silentAlarm(alarms: readonly MetricAlarm[], results: readonly AlarmResult[]) {
  const alarm = alarms.find(
    ({ metric, treatMissingData }) =>
      metric.metricName === metricDefinitions.scanCompleted.name &&
      treatMissingData === 'breaching',
  );
  const changes = results.find(({ alarmName }) => alarmName === alarm?.name)?.changes;
  return alarm && changes ? { silent: { alarm, changes } } : {};
}

function alarmResults(alarms: readonly MetricAlarm[], changes: Replay['changes']): AlarmResult[] {
  const labels = alarmLabels(alarms.map(({ name }) => name));
  return alarms.map((alarm, index) => {
    const logGroup = watchedLogGroup(alarm);
    return {
      alarmName: alarm.name,
      label: labels[index] ?? alarm.name,
      description: alarm.description ?? '',
      metricName: alarm.metric.metricName,
      ...(logGroup && { logGroup }),
      changes: changes
        .filter((change) => change.alarm.name === alarm.name)
        .map(({ epochMs, newState, reason }) => ({ atEpochMs: epochMs, state: newState, reason })),
    };
  });
}

function watchedLogGroup({ metric }: MetricAlarm): string | undefined {
  return metric.dimensions.LogGroup;
}
