import { InvalidArgumentError } from 'commander';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import type { DailyLogs } from './daily-scan.ts';

/** The command's options. */
export interface CostOptions {
  readonly env: string;
  readonly gbPerDay: DailyLogs;
  readonly region?: string;
  /** In US dollars. */
  readonly pricePerGb?: number;
  readonly json?: boolean;
}

const gbPerDayMax = 100_000;

/**
 * Parses `50`, or `Task=40,Scheduler=8`: log types that are not named take in nothing.
 *
 * @throws InvalidArgumentError for anything else, and for a sum of 0 or more than 100,000
 */
export function parseGbPerDay(text: string): DailyLogs {
  const gbByType = text.includes('=') ? byType(text) : undefined;
  const gb =
    gbByType === undefined
      ? numberIn(text)
      : Object.values(gbByType).reduce((sum, ofType) => sum + ofType, 0);
  if (!(gb > 0 && gb <= gbPerDayMax)) {
    throw new InvalidArgumentError(
      `It must be more than 0 GB a day, and at most ${gbPerDayMax.toLocaleString('en')}.`,
    );
  }
  return { gb, ...(gbByType !== undefined && { gbByType }) };
}

function byType(text: string): Record<LogType, number> {
  const given = new Map<string, number>();
  for (const part of text.split(',')) {
    const [type = '', number = '', ...more] = part.trim().split('=');
    const isType = logTypes.some((one) => one === type);
    if (!isType || more.length > 0) {
      throw new InvalidArgumentError(
        `It must name log types, such as Task=40,Scheduler=8 (one of ${logTypes.join(', ')}), got "${part}".`,
      );
    }
    if (given.has(type)) throw new InvalidArgumentError(`It must name ${type} once.`);
    given.set(type, numberIn(number));
  }
  return Object.fromEntries(logTypes.map((type) => [type, given.get(type) ?? 0])) as Record<
    LogType,
    number
  >;
}

function numberIn(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of GB a day, such as 50 or 0.5.');
}
