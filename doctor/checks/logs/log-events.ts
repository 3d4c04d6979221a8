import { minuteMs } from '../../../lambda/common/time.ts';
import {
  type GroupPast,
  type GroupSilence,
  historyUntil,
  judgeSilence,
} from '../../../lambda/coverage/group-silence.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check, Facts } from '../../facts/facts.ts';
import {
  type EnvironmentGroup,
  environmentGroups,
  isRefused,
  judgeGroups,
  loggingMembers,
  newestEpochMs,
} from '../../facts/log-groups.ts';
import {
  awsCommand,
  counted,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';
import type { MetricDataResult } from '../../shapes/log-shapes.ts';

export const logEventsFresh: Check = {
  id: 'log-events-fresh',
  area: 'observability',
  title: 'The never-silent log types receive events',
  meaning:
    'DAGProcessing and Scheduler write all the time, as does every other log type that the environment’s file declares never-silent. Without new events everything else can look healthy while nothing can be detected, for example when the key may not be used.',
  look: (facts) =>
    judgeGroups(facts, (group) => {
      if (facts.expectations.logTypes[group.logType] !== 'never-silent') return [];
      return judge(facts.observed.incomingEvents, (series) => [
        judgeFreshness(facts, group, series),
      ]);
    }),
};

function judgeFreshness(
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

export const logEventsUsual: Check = {
  id: 'log-events-usual',
  area: 'observability',
  title: 'Each log type writes in its usual hours (of the last seven days)',
  meaning:
    'A log type that falls silent while the others write may have nothing to write, or somebody prevents it from being written. The monitor reports it once, as the finding log-group-silent.',
  look: (facts) => {
    const { incomingHours } = facts.observed;
    const silences =
      incomingHours.kind === 'known'
        ? judgeSilence(historyOf(facts, incomingHours.value), pastsOf(facts))
        : undefined;
    return judgeGroups(facts, ({ logType, name }) => {
      const setting = facts.environment?.LoggingConfiguration?.[loggingMembers[logType]];
      // `log-types-enabled` judges that.
      if (setting?.Enabled === false) return [];
      return judge(incomingHours, (series) => [
        judgeUsualHours(facts, name, series, silences?.get(name)),
      ]);
    });
  },
};

function judgeUsualHours(
  facts: Facts,
  name: string,
  series: readonly MetricDataResult[],
  silence: GroupSilence | undefined,
): Judgement {
  const one = series.find(({ Label }) => Label === name);
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
