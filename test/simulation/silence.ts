import { AlarmEvaluator } from '../../local/alarms/alarm-evaluator.ts';
import { evaluationRangeExtraPeriods } from '../../local/alarms/evaluation-range.ts';
import type { MetricAlarm } from '../../local/alarms/metric-alarm.ts';
import { environment, minuteMs } from './config.ts';
import type { FinishedWorld } from './run-schedule.ts';

/** How many periods without a heartbeat the alarm waits for. */
const silentPeriods = 3;

/**
 * The monitor's silence rings within the stated number of periods, and those more that an alarm is
 * assumed to look back further.
 */
export function silenceRings({
  services,
  config,
  firstTickEpochMs,
  lastTickEpochMs,
}: FinishedWorld): string[] {
  const periodMs = config.everyMinutes * minuteMs;
  const alarm = silentAlarm(config.everyMinutes);
  const isHeard = (tickEpochMs: number) =>
    services.metrics.read(alarm.metric, tickEpochMs, tickEpochMs + periodMs) !== undefined;
  let silent = 0;
  for (let tick = firstTickEpochMs; tick <= lastTickEpochMs; tick += periodMs) {
    silent = isHeard(tick) ? 0 : silent + 1;
    if (silent !== silentPeriods + evaluationRangeExtraPeriods) continue;
    const evaluator = new AlarmEvaluator([alarm], services.metrics);
    evaluator.evaluate(tick + periodMs);
    const [state] = evaluator.states();
    if (state?.state !== 'ALARM') return [`no alarm at ${new Date(tick + periodMs).toISOString()}`];
  }
  return [];
}

/** As the stack has it: no heartbeat in three periods, where missing data is breaching. */
function silentAlarm(everyMinutes: number): MetricAlarm {
  return {
    ...{ name: 'silent', arn: 'arn', region: 'eu-west-1', accountId: '1', description: undefined },
    ...{ actionsEnabled: true, actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [] } },
    metric: {
      namespace: 'MwaaPrivilegeMonitor',
      metricName: 'ScanCompleted',
      dimensions: { Environment: environment },
    },
    ...{ unit: undefined, statistic: 'Maximum', periodSeconds: everyMinutes * 60 },
    ...{ evaluationPeriods: silentPeriods, datapointsToAlarm: silentPeriods },
    ...{ comparisonOperator: 'LessThanThreshold', threshold: 1, treatMissingData: 'breaching' },
  };
}
