import { metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import type { MetricAlarm } from '../../alarms/metric-alarm.ts';
import type { AlarmResult } from '../result/demo-result.ts';
import type { Replay } from '../run/live-through-session.ts';
import { alarmLabels } from './alarm-labels.ts';

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
export function watchedLogGroup({ metric }: MetricAlarm): string | undefined {
  return metric.dimensions.LogGroup;
}
