import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, pass, toDo } from '../judgement.ts';
import { judgeGroups } from '../log-groups.ts';

const minutesPerDay = 1440;

/**
 * What CloudWatch Logs takes.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90];
/** Long enough to look back at what was told a month ago. */
const proposedDaysMin = 30;

export const logRetention: Check = {
  id: 'log-retention',
  area: 'observability',
  title: 'Events are kept until the last sweep has read them',
  meaning:
    'The monitor reads again what came late, a day later and more; what CloudWatch Logs has thrown away by then is never seen.',
  look: (facts) => {
    const { sweepMinutes } = facts.expectations;
    const neededDays = sweepMinutes / minutesPerDay;
    return judgeGroups(facts, ({ name, group }) => {
      const { retentionInDays } = group;
      if (retentionInDays === undefined) return [pass(`${name} keeps its events for ever`)];
      const evidence = `${name} keeps its events for ${days(retentionInDays)}; the far sweep reads ${days(neededDays)} back`;
      if (retentionInDays >= neededDays) return [pass(evidence)];
      const proposed = retentionDays.find((days) => days >= Math.max(neededDays, proposedDaysMin));
      return [
        fail(
          evidence,
          toDo(
            'Keep events for longer.',
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

function days(count: number): string {
  return `${count} ${count === 1 ? 'day' : 'days'}`;
}
