import type { AlarmStateChange } from './alarm-evaluator.ts';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
];

/**
 * The text that CloudWatch writes for subscribers by mail; all other subscribers get the JSON. AWS does not document
 * it: its form is that of mails that people show in public, of 2021 to 2026.
 *
 * @param regionName `US East (N. Virginia)`
 */
export function alarmMail(change: AlarmStateChange, regionName: string): string {
  const { alarm, oldState, newState, reason, epochMs } = change;
  const { metric, region, datapointsToAlarm, evaluationPeriods, periodSeconds } = alarm;
  const time = writtenTime(epochMs);
  const dimensions = Object.entries(metric.dimensions).map(
    ([name, value]) => `[${name} = ${value}]`,
  );
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${alarm.name}" in the ${regionName} region has entered the ${newState} state, because "${reason}" at "${time}".`,
    '',
    'View this alarm in the AWS Management Console:',
    `https://${region}.console.aws.amazon.com/cloudwatch/deeplink.js?region=${region}#alarmsV2:alarm/${encodeURIComponent(alarm.name)}`,
    '',
    'Alarm Details:',
    ...table(28, [
      ['Name', alarm.name],
      ['Description', alarm.description ?? ''],
      ['State Change', `${oldState} -> ${newState}`],
      ['Reason for State Change', reason],
      ['Timestamp', time],
      ['AWS Account', alarm.accountId],
      ['Alarm Arn', alarm.arn],
    ]),
    '',
    'Threshold:',
    `- The alarm is in the ALARM state when the metric is ${alarm.comparisonOperator} ${withPoint(alarm.threshold)} for at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${periodSeconds} seconds.`,
    '',
    'Monitored Metric:',
    ...table(37, [
      ['MetricNamespace', metric.namespace],
      ['MetricName', metric.metricName],
      ['Dimensions', dimensions.join(' ')],
      ['Period', `${periodSeconds} seconds`],
      ['Statistic', alarm.statistic],
      ['Unit', alarm.unit ?? 'not specified'],
      ['TreatMissingData', alarm.treatMissingData],
    ]),
    '',
    '',
    'State Change Actions:',
    ...(['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const).map(
      (state) => `- ${state}: ${alarm.actions[state].map((arn) => `[${arn}]`).join(' ')}`,
    ),
    '',
  ].join('\n');
}

/** `- Name:      x`, the values below each other. */
function table(width: number, rows: readonly (readonly [name: string, value: string])[]): string[] {
  return rows.map(([name, value]) => `- ${`${name}:`.padEnd(width)}${value}`);
}

/** `Sunday 22 November, 2026 05:54:00 UTC` */
function writtenTime(epochMs: number): string {
  const date = new Date(epochMs);
  const day = String(date.getUTCDate()).padStart(2, '0');
  const clock = date.toISOString().slice(11, 19);
  return `${weekdays[date.getUTCDay()]} ${day} ${months[date.getUTCMonth()]}, ${date.getUTCFullYear()} ${clock} UTC`;
}

/** `1.0` */
function withPoint(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
