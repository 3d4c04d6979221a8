import type { Observed } from './observed.ts';
import { mapPart, type Part } from './part.ts';

/** Where the monitor's alarms and findings go, ARNs; none of a monitor that is not deployed. */
export function alarmTopics({ monitor }: Pick<Observed, 'monitor'>): Part<string[]> {
  return mapPart(monitor.alarms, (alarms) => {
    const actions = alarms.flatMap(({ AlarmActions = [] }) => AlarmActions);
    return [...new Set(actions)].filter((arn) => arn.split(':')[2] === 'sns');
  });
}

export function findingsTopic({ monitor }: Pick<Observed, 'monitor'>): Part<string | undefined> {
  return mapPart(
    monitor.stack,
    (stack) =>
      stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'FindingsTopicArn')?.OutputValue,
  );
}

export const notDeployed = 'no monitor of this environment is deployed';

/** False only when AWS says so: a monitor that nobody may see counts as one. */
export function isDeployed({ monitor }: Pick<Observed, 'monitor'>): boolean {
  return monitor.alarms.kind !== 'known' || monitor.alarms.value.length > 0;
}
