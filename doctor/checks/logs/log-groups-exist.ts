import { logTypes } from '../../../lambda/model/log-types.ts';
import { type Check, environmentKey, type Facts, withEnvironment } from '../../facts/facts.ts';
import {
  type EnvironmentGroup,
  environmentGroups,
  loggingMembers,
  unseenLogTypes,
} from '../../facts/log-groups.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  judge,
  notice,
  pass,
  shellJson,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';
import type { Observed } from '../../shapes/observation.ts';

export const logGroupsExist: Check = {
  id: 'log-groups-exist',
  area: 'observability',
  title: 'All five log groups exist, except those of optional log types',
  meaning:
    'MWAA creates them itself. If it may not, or may not use its key, it writes no logs at all.',
  look: (facts) => {
    const { logGroups, mwaaEnvironment } = facts.observed;
    return judge(logGroups, (groups) =>
      environmentGroups(mwaaEnvironment, groups).map((group) => judgeGroup(facts, group)),
    );
  },
};

function judgeGroup(facts: Facts, { logType, name, group }: EnvironmentGroup): Judgement {
  const { observed, environment, expectations } = facts;
  if (group === undefined && expectations.logTypes[logType] === 'optional') {
    return notice(`there is no log group ${name}, which the environment’s file allows`);
  }
  if (group === undefined) {
    const key = environmentKey(facts)?.arn;
    return fail(
      `there is no log group ${name}`,
      toDo(
        'Make sure that CloudWatch Logs may use the environment’s key (check key-policy-logs), then create the group; MWAA finds it by its name.',
        awsCommand(
          observed,
          'logs create-log-group',
          `--log-group-name ${name}`,
          ...(key ? [`--kms-key-id ${key}`] : []),
        ),
      ),
    );
  }
  const arn = environment?.LoggingConfiguration?.[loggingMembers[logType]]?.CloudWatchLogGroupArn;
  const reported = arn === undefined ? name : nameInArn(arn);
  if (reported === name) return pass(`${name} exists`);
  return warn(
    `${name} exists, but MWAA reports that it writes to ${reported}`,
    toDo(
      'The monitor reads the groups with the documented names: find out which of the two receives the events.',
      awsCommand(
        observed,
        'logs describe-log-streams',
        `--log-group-name ${reported}`,
        '--order-by LastEventTime --descending --max-items 1',
      ),
    ),
  );
}

/** The name in a log group's ARN, which may lack Region and account or end in `:*`. */
function nameInArn(arn: string): string {
  return /:log-group:([^:]+)/.exec(arn)?.[1] ?? arn;
}

export const logTypesEnabled: Check = {
  id: 'log-types-enabled',
  area: 'observability',
  title: 'All five log types are published at INFO or lower, except optional ones',
  meaning:
    'AWS’s recipe and every detection read the five log groups at INFO; what is not published can never be found.',
  look: withEnvironment(({ LoggingConfiguration }, { observed, expectations }) => {
    if (LoggingConfiguration === undefined) {
      return [unanswered('airflow:GetEnvironment', 'LoggingConfiguration')];
    }
    return logTypes.map((logType) => {
      const { Enabled, LogLevel } = LoggingConfiguration[loggingMembers[logType]] ?? {};
      if (Enabled === undefined) {
        return unanswered('airflow:GetEnvironment', `${loggingMembers[logType]}.Enabled`);
      }
      const isOptional = expectations.logTypes[logType] === 'optional';
      const off = (evidence: string) =>
        isOptional
          ? notice(`${evidence}, which the environment’s file allows`)
          : fail(evidence, enableAll(observed));
      if (!Enabled) return off(`${logType} logs are not published`);
      if (LogLevel === undefined) {
        return unanswered('airflow:GetEnvironment', `${loggingMembers[logType]}.LogLevel`);
      }
      return unseenLogTypes(LoggingConfiguration).some((unseen) => unseen.logType === logType)
        ? off(`${logType} logs are published at ${LogLevel} only`)
        : pass(`${logType} logs are published at ${LogLevel}`);
    });
  }),
};

function enableAll(observed: Observed): Fix {
  const setting = { Enabled: true, LogLevel: 'INFO' };
  const all = Object.fromEntries(logTypes.map((logType) => [loggingMembers[logType], setting]));
  return toDo(
    'Publish all five at INFO. This updates the environment, which takes some minutes.',
    awsCommand(
      observed,
      'mwaa update-environment',
      `--name ${observed.mwaaEnvironment}`,
      `--logging-configuration ${shellJson(all)}`,
    ),
  );
}
