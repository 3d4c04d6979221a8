import type { MetricAlarm } from '../../../local/alarms/metric-alarm.ts';

export const topic = 'arn:aws:sns:us-east-1:000000000000:alarms';

/** Fires at 1 or more add-role lines within a minute. */
export function baseAlarm(changes: Partial<MetricAlarm> = {}): MetricAlarm {
  return {
    name: 'add-role-Task',
    arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:add-role-Task',
    region: 'us-east-1',
    accountId: '000000000000',
    description: 'somebody may have given a role',
    actionsEnabled: true,
    actions: { ALARM: [topic], OK: [], INSUFFICIENT_DATA: [] },
    metric: {
      namespace: 'MwaaPrivilegeMonitor',
      metricName: 'AddRoleMatches',
      dimensions: { Environment: 'prod', LogGroup: 'airflow-prod-Task' },
    },
    unit: undefined,
    statistic: 'Maximum',
    periodSeconds: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: 'GreaterThanOrEqualToThreshold',
    threshold: 1,
    treatMissingData: 'missing',
    ...changes,
  };
}
