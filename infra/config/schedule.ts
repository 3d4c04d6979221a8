import { Duration } from 'aws-cdk-lib/core';
import { dividesHourOrDay } from '../../lambda/plan/runtime-config.ts';

const minutesPerHour = 60;
const minutesPerDay = 1440;

/**
 * True for periods whose ticks fall on the same minutes of every hour, or hours of every day: only
 * these can be written as a cron expression without a short period at the end of the hour or day.
 */
export function isRegularPeriod(everyMinutes: number): boolean {
  return Number.isInteger(everyMinutes) && everyMinutes > 0 && dividesHourOrDay(everyMinutes);
}

export const regularPeriods = Array.from({ length: minutesPerDay }, (_, index) => index + 1).filter(
  isRegularPeriod,
);

/**
 * EventBridge's cron expression (UTC) for a regular period. A `rate()` would start counting when
 * the rule is created and tick at any second; cron's ticks are whole minutes, on which the scan's
 * windows rely.
 */
export function cronExpression(everyMinutes: number): string {
  if (everyMinutes < minutesPerHour) return `cron(0/${everyMinutes} * * * ? *)`;
  // A step of 24 lies outside of the field, whose values are 0 to 23.
  if (everyMinutes === minutesPerDay) return 'cron(0 0 * * ? *)';
  return `cron(0 0/${everyMinutes / minutesPerHour} * * ? *)`;
}

/**
 * How long a tick that could not run is retried: two periods, within a service's limit. By then
 * later ticks have started.
 */
export function maxTickAge(everyMinutes: number, limit: Duration): Duration {
  return Duration.minutes(Math.min(2 * everyMinutes, limit.toMinutes()));
}
