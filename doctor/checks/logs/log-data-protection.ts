import type { Check } from '../../facts/check.ts';
import { judgeGroups } from '../../facts/log-groups.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { pass, toDo, warn } from '../../shapes/judgement.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
const off = [undefined, 'DELETED', 'ARCHIVED', 'DISABLED'];

export const logDataProtection: Check = {
  id: 'log-data-protection',
  area: 'observability',
  title: 'No data protection policy masks what findings need',
  meaning:
    'A data protection policy replaces names and addresses with asterisks: detections then miss lines, or a finding cannot say who changed whose role.',
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
            'Check which data identifiers it masks: names, addresses and command lines must stay readable for the monitor’s queries.',
            awsCommand(facts.observed, command),
          ),
        ),
      ];
    }),
};
