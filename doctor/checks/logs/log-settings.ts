import { shellWord } from '../../../lambda/common/text.ts';
import type { Check } from '../../facts/facts.ts';
import { judgeGroups } from '../../facts/log-groups.ts';
import {
  awsCommand,
  counted,
  fail,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';

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

const minutesPerDay = 1440;

/**
 * The shorter periods that CloudWatch Logs accepts.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90];
/** Long enough to investigate a finding that was reported a month ago. */
const proposedDaysMin = 30;

export const logRetention: Check = {
  id: 'log-retention',
  area: 'observability',
  title: 'Events are retained until the last sweep has read them',
  meaning:
    'The monitor reads each period again, a day later and more, to catch late events; it never sees those that CloudWatch Logs has deleted by then.',
  look: (facts) => {
    const { sweepMinutes } = facts.expectations;
    const neededDays = sweepMinutes / minutesPerDay;
    return judgeGroups(facts, ({ name, group }) => {
      const { retentionInDays } = group;
      if (retentionInDays === undefined) return [pass(`${name} never expires its events`)];
      const evidence = `${name} retains its events for ${counted(retentionInDays, 'day')}; the far sweep reads ${counted(neededDays, 'day')} back`;
      if (retentionInDays >= neededDays) return [pass(evidence)];
      const proposed = retentionDays.find((days) => days >= Math.max(neededDays, proposedDaysMin));
      return [
        fail(
          evidence,
          toDo(
            'Retain events for longer.',
            awsCommand(
              facts.observed,
              'logs put-retention-policy',
              `--log-group-name ${name}`,
              `--retention-in-days ${proposed}`,
            ),
          ),
        ),
      ];
    });
  },
};

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

export const logSubscriptionFilters: Check = {
  id: 'log-subscription-filters',
  area: 'observability',
  title: 'No subscription filter sends the logs to another account',
  meaning:
    'The logs show who has which role, and what DAGs print. A subscription filter forwards every event to its destination.',
  look: (facts) => {
    const { observed, account } = facts;
    return judgeGroups(facts, ({ name }) => {
      const filters = observed.subscriptionFilters[name];
      if (filters === undefined) {
        return [unanswered('logs:DescribeSubscriptionFilters', `answer for ${name}`)];
      }
      return judge(filters, (all) => {
        if (all.length > 0 && account === '') return judge(observed.environment, () => []);
        if (all.some(({ filterName, destinationArn }) => !filterName || !destinationArn)) {
          return [unanswered('logs:DescribeSubscriptionFilters', `destination for ${name}`)];
        }
        const outside = all.filter(
          ({ destinationArn = '' }) => accountOf(destinationArn) !== account,
        );
        if (outside.length === 0) {
          const to = all.map(({ destinationArn }) => destinationArn).join(', ');
          return [
            pass(to ? `${name} sends events to ${to}` : `${name} has no subscription filter`),
          ];
        }
        return outside.map(({ filterName, destinationArn }) =>
          warn(
            `${name} sends events to another account: filter "${filterName}" to ${destinationArn}`,
            toDo(
              'If nobody can justify the filter, delete it.',
              awsCommand(
                observed,
                'logs delete-subscription-filter',
                `--log-group-name ${name}`,
                `--filter-name ${shellWord(filterName ?? '')}`,
              ),
            ),
          ),
        );
      });
    });
  },
};

function accountOf(arn: string): string | undefined {
  return arn.split(':')[4];
}
