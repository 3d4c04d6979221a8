import { minuteMs } from '../../../lambda/common/time.ts';
import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { type EnvironmentGroup, judgeGroups } from '../../facts/log-groups.ts';
import { isRefused, newestEpochMs } from '../../facts/metric-age.ts';
import type { MetricDataResult } from '../../shapes/cloudwatch.ts';
import { awsCommand } from '../../shapes/commands.ts';
import {
  counted,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
} from '../../shapes/judgement.ts';

export const logEventsFresh: Check = {
  id: 'log-events-fresh',
  area: 'observability',
  title: 'The never-silent log types receive events',
  meaning:
    'DAGProcessing and Scheduler write all the time, as does every other log type that the environment’s file declares never-silent. Without new events everything else can look healthy while nothing can be detected, for example when the key may not be used.',
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
    return pass(
      `the newest events of ${name} arrived ${counted(ageMinutes(newest), 'minute')} ago`,
    );
  }
  const groupAge = ageMinutes(group?.creationTime ?? 0);
  if (groupAge <= silentAfterMinutes) {
    return pass(`${name} was created ${counted(groupAge, 'minute')} ago: too young to be silent`);
  }
  const last =
    newest === undefined ? '' : `; the last arrived at ${new Date(newest).toISOString()}`;
  return fail(
    `no event arrived in ${name} in the last ${counted(silentAfterMinutes, 'minute')}${last}`,
    toDo(
      'Make sure that the environment is available, and that its execution role and its key let it write (see their checks); this command shows what it wrote last.',
      awsCommand(
        observed,
        'logs describe-log-streams',
        `--log-group-name ${name}`,
        '--order-by LastEventTime --descending --max-items 3',
      ),
    ),
  );
}
