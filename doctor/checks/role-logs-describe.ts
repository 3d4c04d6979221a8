import type { Check } from '../check.ts';
import { pass, undecided } from '../judgement.ts';
import { allowToRole, refusedToRole } from '../role-commands.ts';
import { judgeRole, roleMay } from '../role-facts.ts';

export const roleLogsDescribe: Check = {
  id: 'role-logs-describe',
  area: 'execution role',
  title: 'The execution role may describe log groups',
  meaning:
    'Airflow looks its log groups up before it writes to them. The action lists, so that only `*` covers it; beside the others, limited to the environment’s groups, it allows nothing.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const action = 'logs:DescribeLogGroups';
      // What CloudWatch Logs checks a list against: a log group without a name.
      const list = `arn:${partition}:logs:${observed.region}:${account}:log-group::log-stream:`;
      const decision = roleMay(role, action, list);
      const { outcome } = decision;
      if (outcome === 'allowed') return [pass(`it may: ${action}`)];
      const fix = allowToRole(facts, role, 'MwaaDescribeLogGroups', {
        Action: action,
        Resource: '*',
      });
      return [
        outcome === 'unknown'
          ? undecided(
              `whether it may, ${action}, hangs on conditions that cannot be judged here`,
              fix,
            )
          : refusedToRole(facts, role, [{ action, ...decision }], 'on *', fix),
      ];
    }),
};
