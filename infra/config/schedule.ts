import { createHash } from 'node:crypto';
import { Duration } from 'aws-cdk-lib/core';
import { z } from 'zod';
import { dividesHourOrDay, type SweepConfig } from '../../lambda/plan/runtime-config.ts';

const minutesPerHour = 60;
const minutesPerDay = 1440;

/**
 * True for periods whose ticks fall on the same minutes of every hour, or hours of every day: only
 * these can be written as a cron expression without a short period at the end of the hour or day.
 */
function isRegularPeriod(everyMinutes: number): boolean {
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
export function cronExpression(everyMinutes: number, offsetMinutes = 0): string {
  if (everyMinutes < minutesPerHour) return `cron(${offsetMinutes}/${everyMinutes} * * * ? *)`;
  // A step of 24 lies outside of the field, whose values are 0 to 23.
  if (everyMinutes === minutesPerDay) return `cron(${offsetMinutes} 0 * * ? *)`;
  return `cron(${offsetMinutes} 0/${everyMinutes / minutesPerHour} * * ? *)`;
}

/** When the ticks of a monitor begin, after the multiples of its period. */
interface Turn {
  readonly offsetMinutes: number;
  readonly delaySeconds: number;
}

/** Seconds over which the monitors of one minute begin. */
const delaysSeconds = 10;

/**
 * The turn of a monitor among all others of its account, which share CloudWatch's quotas of queries at
 * once and of calls a second. It depends on the environment's name alone, so that no other monitor
 * changes it, and nobody has to hand out numbers.
 */
export function turnOf(mwaaEnvironment: string, everyMinutes: number): Turn {
  const hash = createHash('sha256').update(mwaaEnvironment).digest();
  return {
    offsetMinutes: hash.readUInt32BE(0) % offsetsOf(everyMinutes),
    delaySeconds: hash.readUInt32BE(4) % delaysSeconds,
  };
}

/** How many offsets a period has; with periods of hours, all ticks stay in the first hour. */
export function offsetsOf(everyMinutes: number): number {
  return Math.min(everyMinutes, minutesPerHour);
}

/**
 * How long a tick that could not run is retried: two periods, within a service's limit. By then
 * later ticks have started.
 */
export function maxTickAge(everyMinutes: number, limit: Duration): Duration {
  return Duration.minutes(Math.min(2 * everyMinutes, limit.toMinutes()));
}

export const regularMinutes = z
  .number()
  .refine(
    isRegularPeriod,
    `must divide the hour, or be whole hours that divide the day: one of ${regularPeriods.join(', ')}`,
  )
  .meta({ enum: regularPeriods });

/**
 * One sweep as a person writes it: every `everyMinutes` it reads again the span of that length
 * which ended `lagMinutes` before the tick.
 *
 * The longest lag is 14 days, since CloudWatch Logs accepts no event that is older:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
 */
export const sweepSchema = z.strictObject({
  everyMinutes: regularMinutes.optional(),
  lagMinutes: z.int('must be whole minutes, 1 to 20160').min(1).max(20_160).optional(),
});

type GivenSweep = z.output<typeof sweepSchema>;

const hour = 60;
const day = 1440;

interface SweepProblem {
  /** The field that breaks a rule; always one that was given. */
  readonly path: readonly ['nearSweep' | 'farSweep', 'everyMinutes' | 'lagMinutes'];
  readonly message: string;
}

/**
 * Fills in the defaults of the two sweeps, and checks both against the scan and each other.
 *
 * Both run every hour, or with every scan when scans are further apart: a sweep reads each byte once,
 * however often it runs, and an event that only the far sweep finds is found an hour after its lag
 * instead of a day. The defaults break no rule.
 */
export function resolveSweeps(given: {
  readonly everyMinutes: number;
  readonly settleMinutes: number;
  readonly nearSweep: GivenSweep;
  readonly farSweep: GivenSweep;
}): { nearSweep: SweepConfig; farSweep: SweepConfig; problems: SweepProblem[] } {
  const { everyMinutes, settleMinutes } = given;
  const seldom = Math.max(hour, everyMinutes);
  const nearSweep = {
    everyMinutes: given.nearSweep.everyMinutes ?? seldom,
    lagMinutes: given.nearSweep.lagMinutes ?? hour,
  };
  const farSweep = {
    everyMinutes: given.farSweep.everyMinutes ?? seldom,
    lagMinutes: given.farSweep.lagMinutes ?? day,
  };
  const problems: SweepProblem[] = [];
  for (const [name, sweep] of [
    ['nearSweep', nearSweep],
    ['farSweep', farSweep],
  ] as const) {
    if (sweep.everyMinutes % everyMinutes !== 0) {
      problems.push({
        path: [name, 'everyMinutes'],
        message: `must be a multiple of everyMinutes (${everyMinutes}), since a sweep runs within a scan's tick`,
      });
    }
    if (sweep.lagMinutes < settleMinutes) {
      problems.push({
        path: [name, 'lagMinutes'],
        message: `must be at least settleMinutes (${settleMinutes}), since a sweep reads again what a scan has read`,
      });
    }
  }
  if (farSweep.lagMinutes < nearSweep.lagMinutes) {
    problems.push(
      given.farSweep.lagMinutes === undefined
        ? {
            path: ['nearSweep', 'lagMinutes'],
            message: `must be at most farSweep.lagMinutes (${farSweep.lagMinutes})`,
          }
        : {
            path: ['farSweep', 'lagMinutes'],
            message: `must be at least nearSweep.lagMinutes (${nearSweep.lagMinutes})`,
          },
    );
  }
  return { nearSweep, farSweep, problems };
}
