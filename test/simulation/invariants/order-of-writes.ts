import type { SliceRecord } from '../../../lambda/ledger/marks.ts';
import { dataOf, markView } from '../ledger-view.ts';
import type { Write } from '../services/dynamo.ts';
import type { Item } from '../services/dynamo-expression.ts';
import type { World } from '../world/world.ts';
import { fine, type Invariant } from './invariant.ts';

export const recordAndMetricsFirst: Invariant = {
  rule: 'a position moves only after the record of its slice is stored and the metrics of its tick are put',
  watch: (world) => {
    /** By tick, how many calls took place before its numbers were put last. */
    const put = new Map<number, number>();
    const kept = new Map<string, number>();
    let calls = 0;
    return {
      see: ({ step, writes, input, error }) => {
        calls += 1;
        if (step === 'PutMetricData' && error === undefined) put.set(tickOf(input), calls);
        if (step === 'save-slice-record') {
          for (const { pk, sk } of writes) kept.set(`${pk} ${sk}`, calls);
        }
        if (step !== 'move-mark') return fine;
        return writes.flatMap(({ before }) => {
          const claim = before && markView(before).claim;
          return claim === undefined ? [] : problemsOf(world, claim, { put, kept });
        });
      },
    };
  },
};

function tickOf(input: object): number {
  const [datum] = (input as { MetricData: { Timestamp: Date; MetricName: string }[] }).MetricData;
  return datum?.Timestamp.getTime() ?? 0;
}

function problemsOf(
  { cloudWatch }: World,
  claim: SliceRecord,
  {
    put,
    kept,
  }: { readonly put: ReadonlyMap<number, number>; readonly kept: ReadonlyMap<string, number> },
): string[] {
  const { lane, logGroup, startEpochMs, tickEpochMs, matches = 0, privilegeChanges } = claim;
  const name = `the slice of ${logGroup} in lane ${lane} from ${new Date(startEpochMs).toISOString()}`;
  const partition = `tick#${new Date(tickEpochMs).toISOString()}`;
  const keptAt = kept.get(
    `${partition} slice#${lane}#${logGroup}#${String(startEpochMs).padStart(13, '0')}`,
  );
  if (keptAt === undefined) return [`the position moved before the record of ${name}`];
  if ((put.get(tickEpochMs) ?? 0) < keptAt) return [`the position moved before ${name} was put`];
  const isTooLow = (metric: string, least: number) =>
    least > 0 && (cloudWatch.maxima(metric, logGroup).get(tickEpochMs) ?? 0) < least;
  return isTooLow('AddRoleMatches', matches) || isTooLow('PrivilegeChanges', privilegeChanges)
    ? [`what was put for ${name} is less than it holds`]
    : [];
}

const outcome = /User \\*"(user\d{3})\\*" added to role/;

export const findingsBeforeLines: Invariant = {
  rule: 'a line is stored as seen only after the finding it leads to is stored',
  watch: ({ dynamo }) => ({
    see: ({ step, writes }) =>
      step === 'save-seen-events' ? writes.flatMap((write) => unfounded(write, dynamo)) : fine,
  }),
};

function unfounded({ pk, after }: Write, dynamo: World['dynamo']): string[] {
  const { message = '' } = after === undefined ? {} : dataOf<{ message?: string }>(after);
  const user = outcome.exec(message)?.[1];
  if (user === undefined) return [];
  const isFound = (item: Item) =>
    item.sk?.S?.startsWith('finding#') && item.data?.S?.includes(user);
  return dynamo.partition(pk).some(isFound)
    ? []
    : [`a line about ${user} was kept before its finding`];
}
