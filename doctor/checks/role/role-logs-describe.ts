import type { Check } from '../../facts/check.ts';
import { allowToRole, refusedToRole } from '../../facts/role-commands.ts';
import { judgeRole, roleMay } from '../../facts/role-facts.ts';
import { pass, undecided } from '../../shapes/judgement.ts';

export const roleLogsDescribe: Check = {
  id: 'role-logs-describe',
  area: 'execution role',
  title: 'The execution role may describe log groups',
  meaning:
    'Airflow looks up its log groups before it writes to them. The action is a list, so only the resource `*` allows it; in a statement limited to the environment’s groups it has no effect.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const action = 'logs:DescribeLogGroups';
      // CloudWatch Logs authorizes a list against a log group without a name.
      const list = `arn:${partition}:logs:${observed.region}:${account}:log-group::log-stream:`;
      const decision = roleMay(role, action, list);
      const { outcome } = decision;
      if (outcome === 'allowed') return [pass(`the execution role may call ${action}`)];
      const fix = allowToRole(facts, role, 'MwaaDescribeLogGroups', {
        Action: action,
        Resource: '*',
      });
      return [
        outcome === 'unknown'
          ? undecided(
              `whether the execution role may call ${action} depends on conditions that the doctor cannot judge`,
              fix,
            )
          : refusedToRole(facts, role, [{ action, ...decision }], 'on *', fix),
      ];
    }),
};
