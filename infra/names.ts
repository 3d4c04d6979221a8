import { type LogType, logTypes } from '../lambda/log-types.ts';

/**
 * Names that people meet in the console and in mails. Each holds the environment's name, so that
 * several monitors live in one account; everything else is named by CloudFormation.
 */
export function namesFor(mwaaEnvironment: string) {
  const prefix = `mwaa-privilege-monitor-${mwaaEnvironment}`;
  return {
    prefix,
    dashboard: prefix,
    /** At most 100 characters: the sender's name in mails. */
    topicDisplayName: `Privilege monitor ${mwaaEnvironment}`,
    findingsTopicDisplayName: `Privilege changes ${mwaaEnvironment}`,
    scannerLogGroup: `/mwaa-privilege-monitor/${mwaaEnvironment}`,
    savedQuery: (detectionId: string) => `mwaa-privilege-monitor/${mwaaEnvironment}/${detectionId}`,
    alarms: {
      addRole: (logType: LogType) => `${prefix}-add-role-${logType}`,
      privilegeChange: (logType: LogType) => `${prefix}-privilege-change-${logType}`,
      blind: (logType: LogType) => `${prefix}-blind-${logType}`,
      silent: `${prefix}-silent`,
      failingErrors: `${prefix}-failing-errors`,
      failingDelivery: `${prefix}-failing-delivery`,
      failingRuns: `${prefix}-failing-runs`,
      documentedBehind: `${prefix}-documented-behind`,
      behind: `${prefix}-behind`,
      undelivered: `${prefix}-undelivered`,
      late: `${prefix}-late`,
      detectionsRefused: `${prefix}-detections-refused`,
      test: `${prefix}-test`,
    },
  };
}

export type MonitorNames = ReturnType<typeof namesFor>;

/** Of all the alarms of an environment: `prod` has none of `prod-2`, whose names begin alike. */
export function alarmNames(mwaaEnvironment: string): string[] {
  return Object.values(namesFor(mwaaEnvironment).alarms).flatMap((name) =>
    typeof name === 'string' ? [name] : logTypes.map((logType) => name(logType)),
  );
}

/** CloudFormation allows letters, digits and hyphens; MWAA's names may hold underscores too. */
export function stackName(
  kind: 'MonitorStack' | 'AirflowEnvironment' | 'AirflowKey',
  environmentName: string,
): string {
  return `${kind}-${environmentName.replaceAll('_', '-')}`;
}
