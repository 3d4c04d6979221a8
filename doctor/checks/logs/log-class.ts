import type { Check } from '../../facts/check.ts';
import { judgeGroups } from '../../facts/log-groups.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const logClass: Check = {
  id: 'log-class',
  area: 'observability',
  title: 'The log groups have the class Standard',
  meaning:
    'Logs Insights supports every command on Standard groups, fewer on Infrequent Access, and none on Delivery; the class of a group can never be changed.',
  look: (facts) =>
    judgeGroups(facts, ({ name, group }) => {
      if (group.logGroupClass === undefined) {
        return [unanswered('logs:DescribeLogGroups', `logGroupClass of ${name}`)];
      }
      const evidence = `${name} has class ${group.logGroupClass}`;
      if (group.logGroupClass === 'STANDARD') return [pass(evidence)];
      const recreate = toDo(
        'Export the events that you still need, delete the group, and recreate it as STANDARD with its key and retention.',
        awsCommand(facts.observed, 'logs delete-log-group', `--log-group-name ${name}`),
        awsCommand(
          facts.observed,
          'logs create-log-group',
          `--log-group-name ${name}`,
          '--log-group-class STANDARD',
          ...(group.kmsKeyId ? [`--kms-key-id ${group.kmsKeyId}`] : []),
        ),
      );
      return [
        group.logGroupClass === 'DELIVERY' ? fail(evidence, recreate) : warn(evidence, recreate),
      ];
    }),
};
