import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { pass, toDo, warn } from '../judgement.ts';
import { judgeGroups } from '../log-groups.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
const off = [undefined, 'DELETED', 'ARCHIVED', 'DISABLED'];

export const logDataProtection: Check = {
  id: 'log-data-protection',
  area: 'observability',
  title: 'No data protection policy masks what findings are made of',
  meaning:
    'A data protection policy shows asterisks in place of names and addresses: a detection then misses lines, or a finding cannot name who and whom.',
  look: (facts) =>
    judgeGroups(facts, ({ name, group }) => {
      const { dataProtectionStatus, inheritedProperties = [] } = group;
      const isInherited = inheritedProperties.includes('ACCOUNT_DATA_PROTECTION');
      if (off.includes(dataProtectionStatus) && !isInherited) {
        return [pass(`${name} has no active data protection policy`)];
      }
      const [where, command] = isInherited
        ? [
            'inherits the account’s data protection policy',
            'logs describe-account-policies --policy-type DATA_PROTECTION_POLICY',
          ]
        : [
            'has a data protection policy of its own',
            `logs get-data-protection-policy --log-group-identifier ${name}`,
          ];
      return [
        warn(
          `${name} ${where}`,
          toDo(
            'See which data identifiers it masks; names, addresses and anything in a command line must stay readable to whoever runs the monitor’s queries.',
            awsCommand(facts.observed, command),
          ),
        ),
      ];
    }),
};
