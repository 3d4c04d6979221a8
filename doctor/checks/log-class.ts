import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, pass, toDo, unanswered, warn } from '../judgement.ts';
import { judgeGroups } from '../log-groups.ts';

export const logClass: Check = {
  id: 'log-class',
  area: 'observability',
  title: 'The log groups are of the class Standard',
  meaning:
    'Logs Insights reads Standard in full, Infrequent Access with fewer commands, and Delivery not at all; the class of a group can never be changed.',
  look: (facts) =>
    judgeGroups(facts, ({ name, group }) => {
      if (group.logGroupClass === undefined) {
        return [unanswered('logs:DescribeLogGroups', `logGroupClass of ${name}`)];
      }
      const evidence = `${name} is of class ${group.logGroupClass}`;
      if (group.logGroupClass === 'STANDARD') return [pass(evidence)];
      const anew = toDo(
        'Export what you want to keep, delete the group, and make it anew as STANDARD with its key and retention.',
        awsCommand(facts.observed, 'logs delete-log-group', `--log-group-name ${name}`),
        awsCommand(
          facts.observed,
          'logs create-log-group',
          `--log-group-name ${name}`,
          '--log-group-class STANDARD',
          ...(group.kmsKeyId ? [`--kms-key-id ${group.kmsKeyId}`] : []),
        ),
      );
      return [group.logGroupClass === 'DELIVERY' ? fail(evidence, anew) : warn(evidence, anew)];
    }),
};
