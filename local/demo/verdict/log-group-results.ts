import { minuteMs } from '../../../lambda/common/time.ts';
import { metricDefinitions, metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import type { MetricRecorder } from '../../recorders.ts';
import type {
  AlarmResult,
  DemoResult,
  FindingResult,
  LogGroupResult,
} from '../result/demo-result.ts';
import type { Replay } from '../run/live-through.ts';
import type { LoadedSession } from '../session/load-session.ts';

/** Alarm names without their common prefix of whole words, up to a hyphen. */
export function alarmLabels(names: readonly string[]): string[] {
  const [first = '', ...others] = names;
  let shared = 0;
  for (let end = first.indexOf('-') + 1; end > 0; end = first.indexOf('-', end) + 1) {
    if (others.length === 0 || !others.every((name) => name.startsWith(first.slice(0, end)))) break;
    shared = end;
  }
  return names.map((name) => name.slice(shared));
}

/** The alarm that fires when no scan completes. */
export function silentAlarm(alarms: readonly MetricAlarm[], results: readonly AlarmResult[]) {
  const alarm = alarms.find(
    ({ metric, treatMissingData }) =>
      metric.metricName === metricDefinitions.scanCompleted.name &&
      treatMissingData === 'breaching',
  );
  const changes = results.find(({ alarmName }) => alarmName === alarm?.name)?.changes;
  return alarm && changes ? { silent: { alarm, changes } } : {};
}

/** The state changes of every alarm. */
export function alarmResults(
  alarms: readonly MetricAlarm[],
  changes: Replay['changes'],
): AlarmResult[] {
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

/** The log group that an alarm watches; undefined when it watches the environment. */
function watchedLogGroup({ metric }: MetricAlarm): string | undefined {
  return metric.dimensions.LogGroup;
}

/** Published values and alarms for every log group of the session. */
export function logGroupResults(
  { logGroups, mwaaEnvironment, tally }: LoadedSession,
  { ticks, changes, notifications }: Replay,
  findings: readonly FindingResult[],
  {
    alarms,
    metrics,
    lateChanges,
  }: {
    readonly alarms: readonly MetricAlarm[];
    readonly metrics: MetricRecorder;
    readonly lateChanges: DemoResult['lateChanges'];
  },
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
