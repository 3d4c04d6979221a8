import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import type { Facts } from '../facts.ts';
import { fail, type Judgement, judge, pass, toDo, unanswered } from '../judgement.ts';
import { type EnvironmentGroup, judgeGroups } from '../log-groups.ts';
import { isRefused, newestEpochMs } from '../metric-age.ts';
import type { MetricDataResult } from '../shapes/cloudwatch.ts';

const minuteMs = 60_000;

export const logEventsFresh: Check = {
  id: 'log-events-fresh',
  area: 'observability',
  title: 'Events come into the log types that are never silent',
  meaning:
    'DAGProcessing and Scheduler write all the time, and whatever else the environment’s file calls never-silent. Without new events all else can look well while nobody sees anything: a key that may not be used does that.',
  look: (facts) =>
    judgeGroups(facts, (group) => {
      if (facts.expectations.logTypes[group.logType] !== 'never-silent') return [];
      return judge(facts.observed.incomingEvents, (series) => [judgeGroup(facts, group, series)]);
    }),
};

function judgeGroup(
  { observed, expectations }: Facts,
  { name, group }: EnvironmentGroup,
  series: readonly MetricDataResult[],
): Judgement {
  const one = series.find(({ Label }) => Label === name);
  if (one === undefined) return unanswered('cloudwatch:GetMetricData', `values of ${name}`);
  if (isRefused(one)) return unanswered('cloudwatch:GetMetricData', `values of ${name}`);
  const { silentAfterMinutes } = expectations;
  const newest = newestEpochMs(one);
  const ageMinutes = (epochMs: number) => Math.floor((observed.nowEpochMs - epochMs) / minuteMs);
  if (newest !== undefined && ageMinutes(newest) <= silentAfterMinutes) {
    return pass(`the newest events of ${name} came ${ageMinutes(newest)} minutes ago`);
  }
  const groupAge = ageMinutes(group?.creationTime ?? 0);
  if (groupAge <= silentAfterMinutes) {
    return pass(`${name} was made ${groupAge} minutes ago: too young to be silent`);
  }
  const last = newest === undefined ? '' : `; the last came ${new Date(newest).toISOString()}`;
  return fail(
    `no event came into ${name} in the last ${silentAfterMinutes} minutes${last}`,
    toDo(
      'See that the environment is available, and that its execution role and its key let it write (the checks of both); this shows what it wrote last.',
      awsCommand(
        observed,
        'logs describe-log-streams',
        `--log-group-name ${name}`,
        '--order-by LastEventTime --descending --max-items 3',
      ),
    ),
  );
}
