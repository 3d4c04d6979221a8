import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { packText } from '../../../lambda/query/pack-text.ts';
import type { QueryRunner } from '../../../local/replay/replay-logs.ts';

/**
 * Runs a plan's query once over everything and answers any part from that result: the rows are the
 * engine's, only their selection by time is not.
 */
export async function recordedAnswers(
  engine: QueryRunner,
  all: {
    readonly plan: Pick<ScanPlan, 'candidates' | 'packRowsMax'>;
    readonly logGroups: readonly string[];
    readonly startEpochMs: number;
    readonly endEpochMs: number;
    readonly nowEpochMs: number;
  },
): Promise<QueryRunner> {
  const { plan, logGroups, startEpochMs, endEpochMs, nowEpochMs } = all;
  const { queryString: recorded } = packText(plan.candidates, plan.packRowsMax);
  const range = {
    startEpochSeconds: startEpochMs / 1000,
    endEpochSeconds: endEpochMs / 1000 - 1,
  };
  const result = await engine.run({ queryString: recorded, logGroups, nowEpochMs, ...range });
  return {
    async run({ queryString, startEpochSeconds, endEpochSeconds }) {
      if (queryString !== recorded) throw new RangeError('this text was not recorded');
      const from = isoSecond(startEpochSeconds);
      const to = isoSecond(endEpochSeconds);
      return {
        ...result,
        rows: result.rows.filter((row) => {
          const time = row.find(({ field }) => field === '@timestamp')?.value ?? '';
          const second = time.slice(0, 19);
          return second >= from && second <= to;
        }),
      };
    },
  };
}

/** `2026-03-01 09:00:00`, the start of times in result rows. */
function isoSecond(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
