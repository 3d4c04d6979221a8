import type { Check } from '../../facts/check.ts';
import { judgeGroups } from '../../facts/log-groups.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { counted, fail, pass, toDo } from '../../shapes/judgement.ts';

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
