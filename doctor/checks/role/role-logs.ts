import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check, Facts } from '../../facts/facts.ts';
import { logGroupArn } from '../../facts/key-facts.ts';
import { together } from '../../facts/key-policy-evaluation.ts';
import {
  allowToRole,
  type ExecutionRole,
  judgeRole,
  refusedToRole,
  roleMay,
} from '../../facts/role-facts.ts';
import { type Judgement, pass, undecided } from '../../shapes/judgement.ts';

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

/** https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html */
const documentedActions = [
  'logs:CreateLogStream',
  'logs:CreateLogGroup',
  'logs:PutLogEvents',
  'logs:GetLogEvents',
  'logs:GetLogRecord',
  'logs:GetLogGroupFields',
  'logs:GetQueryResults',
];
/** The actions that Airflow calls: without them a task has no logs, or nobody can read them. */
const needed = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'];

export const roleLogsWrite: Check = {
  id: 'role-logs-write',
  area: 'execution role',
  title: 'The execution role may write to the five log groups',
  meaning:
    'Workers write their logs with this role. The sample for customer managed keys in MWAA’s guide names `log-group:airflow-NAME:*`, which matches none of the five groups: their names begin with `airflow-NAME-`.',
  look: (facts) =>
    judgeRole(facts, (role) =>
      together(
        logTypes.map((logType) => {
          const name = logGroupName(facts.observed.mwaaEnvironment, logType);
          return [name, judgeGroup(facts, role, name)];
        }),
      ),
    ),
};

function judgeGroup(facts: Facts, role: ExecutionRole, name: string): Judgement {
  const stream = `${logGroupArn(facts, name)}:log-stream:dag_id=any/task_id=any`;
  const decided = needed.map((action) => ({ action, ...roleMay(role, action, stream) }));
  const { partition, account, observed } = facts;
  const fix = allowToRole(facts, role, 'MwaaLogs', {
    Action: documentedActions,
    Resource: `arn:${partition}:logs:${observed.region}:${account}:log-group:airflow-${observed.mwaaEnvironment}-*`,
  });
  const refused = decided.filter(
    ({ outcome }) => outcome === 'denied' || outcome === 'not-allowed',
  );
  if (refused.length > 0) {
    return refusedToRole(facts, role, refused, 'on {}', fix);
  }
  return decided.some(({ outcome }) => outcome === 'unknown')
    ? undecided(
        'whether the execution role may write to {} depends on conditions that the doctor cannot judge',
        fix,
      )
    : pass('the execution role may write to and read {}');
}
