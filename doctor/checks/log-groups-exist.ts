import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { environmentKey, type Facts } from '../facts.ts';
import { fail, type Judgement, judge, notice, pass, toDo, warn } from '../judgement.ts';
import { type EnvironmentGroup, environmentGroups, loggingMembers } from '../log-groups.ts';

export const logGroupsExist: Check = {
  id: 'log-groups-exist',
  area: 'observability',
  title: 'All five log groups exist, but for those of log types that may be off',
  meaning:
    'MWAA makes them itself; when it may not, or its key may not be used, it writes nowhere.',
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
        'See that CloudWatch Logs may use the environment’s key (check key-policy-logs), then make the group; MWAA writes to it by its name.',
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
  const written = arn === undefined ? name : nameInArn(arn);
  if (written === name) return pass(`${name} exists`);
  return warn(
    `${name} exists, but MWAA says that it writes to ${written}`,
    toDo(
      'The monitor reads the documented names: see which of the two groups gets the events.',
      awsCommand(
        observed,
        'logs describe-log-streams',
        `--log-group-name ${written}`,
        '--order-by LastEventTime --descending --max-items 1',
      ),
    ),
  );
}

/** The name in a log group's ARN, of which there are several forms: no Region, `:*` at the end. */
function nameInArn(arn: string): string {
  return /:log-group:([^:]+)/.exec(arn)?.[1] ?? arn;
}
