import {
  type GroupPast,
  type GroupSilence,
  historyUntil,
  judgeSilence,
} from '../../../lambda/coverage/group-silence.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { environmentGroups, judgeGroups, loggingMembers } from '../../facts/log-groups.ts';
import { isRefused } from '../../facts/metric-age.ts';
import type { MetricDataResult } from '../../shapes/cloudwatch.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { type Judgement, judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const logEventsUsual: Check = {
  id: 'log-events-usual',
  area: 'observability',
  title: 'Each log type writes in its usual hours (of the last seven days)',
  meaning:
    'A log type that falls silent while the others write may have nothing to write, or somebody prevents it from being written. The monitor reports it once, as the finding log-group-silent.',
  look: (facts) =>
    judgeGroups(facts, ({ logType, name }) => {
      const setting = facts.environment?.LoggingConfiguration?.[loggingMembers[logType]];
      // `log-types-enabled` judges that.
      if (setting?.Enabled === false) return [];
      return judge(facts.observed.incomingHours, (series) => [judgeGroup(facts, name, series)]);
    }),
};

function judgeGroup(facts: Facts, name: string, series: readonly MetricDataResult[]): Judgement {
  const one = series.find(({ Label }) => Label === name);
  const silence = judgeSilence(historyOf(facts, series), pastsOf(facts)).get(name);
  if (one === undefined || isRefused(one) || silence === undefined) {
    return unanswered('cloudwatch:GetMetricData', `values of ${name}`);
  }
  return judgementOf(facts, name, silence);
}

function historyOf({ observed }: Facts, series: readonly MetricDataResult[]) {
  const untilEpochMs = historyUntil(observed.nowEpochMs);
  const wroteEpochMs = new Map(
    logTypes.map((logType) => {
      const name = logGroupName(observed.mwaaEnvironment, logType);
      const { Timestamps = [], Values = [] } = series.find(({ Label }) => Label === name) ?? {};
      const hours = Timestamps.filter((_, at) => (Values[at] ?? 0) > 0);
      return [name, new Set(hours.map((time) => Date.parse(time)))];
    }),
  );
  return { untilEpochMs, wroteEpochMs };
}

function pastsOf({ observed }: Facts): ReadonlyMap<string, GroupPast> {
  if (observed.logGroups.kind !== 'known') return new Map();
  return new Map(
    environmentGroups(observed.mwaaEnvironment, observed.logGroups.value).map(({ name, group }) => [
      name,
      { createdEpochMs: group?.creationTime },
    ]),
  );
}

function judgementOf({ observed }: Facts, name: string, silence: GroupSilence): Judgement {
  switch (silence.kind) {
    case 'as-usual':
      return pass(`${name} writes as usual`);
    case 'not-enough-history':
      return pass(`${name} has less than seven days of history`);
    case 'all-silent':
      return pass(`${name} is silent, and so are the others: see check log-events-fresh`);
    case 'silent':
      return warn(
        `no event has arrived in ${name} since ${new Date(silence.sinceEpochMs).toISOString()}, although it usually writes in these hours and ${silence.aliveGroups.join(', ')} kept writing`,
        toDo(
          'Find out whether a DAG was paused, or something prevents the log from being written (docs/runbooks/log-group-silent.md); this command shows what it wrote last.',
          awsCommand(
            observed,
            'logs describe-log-streams',
            `--log-group-name ${name}`,
            '--order-by LastEventTime --descending --max-items 3',
          ),
        ),
      );
  }
}
