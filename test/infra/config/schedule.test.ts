import fc from 'fast-check';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import {
  cronExpression,
  offsetsOf,
  regularPeriods,
  turnOf,
} from '../../../infra/config/schedule.ts';

const minutesPerDay = 1440;

/** The minutes of a day that a cron expression of EventBridge names. */
function minutesOf(cron: string): number[] {
  const [, minute = '', hour = ''] = /^cron\((\S+) (\S+) \* \* \? \*\)$/.exec(cron) ?? [];
  const valuesOf = (field: string, size: number) => {
    if (field === '*') return Array.from({ length: size }, (_, at) => at);
    const [first = 0, step] = field.split('/').map(Number);
    const count = step === undefined ? 1 : Math.ceil((size - first) / step);
    return Array.from({ length: count }, (_, at) => first + at * (step ?? 0));
  };
  return valuesOf(hour, 24).flatMap((h) => valuesOf(minute, 60).map((m) => h * 60 + m));
}

test('ticks are one period apart at every offset, also over midnight', () => {
  for (const everyMinutes of regularPeriods) {
    for (let offset = 0; offset < offsetsOf(everyMinutes); offset += 1) {
      const expected = Array.from(
        { length: minutesPerDay / everyMinutes },
        (_, at) => offset + at * everyMinutes,
      );
      expect([everyMinutes, minutesOf(cronExpression(everyMinutes, offset))]).toEqual([
        everyMinutes,
        expected,
      ]);
    }
  }
});

describe('the turn of a monitor', () => {
  // Written down: a name whose turn changes would move the schedule of every deployment.
  test.each([
    ['prod', 5, { offsetMinutes: 2, delaySeconds: 2 }],
    ['prod-airflow', 5, { offsetMinutes: 3, delaySeconds: 7 }],
    ['prod-airflow', 60, { offsetMinutes: 18, delaySeconds: 7 }],
  ])('%s, every %d minutes, is always the same', (name, everyMinutes, turn) => {
    expect(turnOf(name, everyMinutes)).toEqual(turn);
  });

  test('lies within its period', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...regularPeriods), (name, everyMinutes) => {
        const { offsetMinutes, delaySeconds } = turnOf(name, everyMinutes);
        expect(offsetMinutes).toBeLessThan(everyMinutes);
        expect(offsetMinutes).toBeLessThan(60);
        expect(delaySeconds).toBeLessThan(10);
      }),
    );
  });

  test('spreads 300 environments over the minutes, and over the seconds of each', () => {
    const names = Array.from({ length: 300 }, (_, at) => `team-${at}-airflow`);
    const turns = names.map((name) => turnOf(name, 5));
    const perMinute = countsOf(turns.map(({ offsetMinutes }) => String(offsetMinutes)));
    const perSecond = countsOf(turns.map((turn) => `${turn.offsetMinutes}:${turn.delaySeconds}`));
    // On average 60 a minute and 6 a second.
    expect(perMinute).toHaveLength(5);
    expect(Math.max(...perMinute)).toBeLessThanOrEqual(80);
    expect(perSecond).toHaveLength(50);
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(15);
  });

  test('is what an environment has by default, and each part can be set', () => {
    const config = (fields: object) => environmentSchema.parse({ mwaaEnvironment: 'p', ...fields });
    expect(config({})).toMatchObject(turnOf('p', 5));
    expect(config({ everyMinutes: 60 })).toMatchObject(turnOf('p', 60));
    expect(config({ offsetMinutes: 4, delaySeconds: 15 })).toMatchObject({
      ...{ offsetMinutes: 4, delaySeconds: 15 },
    });
  });
});

function countsOf(values: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts.values()];
}
