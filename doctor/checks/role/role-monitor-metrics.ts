import { metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { policiesWith } from '../../facts/role-commands.ts';
import { judgeRole, roleMay } from '../../facts/role-facts.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import { pass, toDo, undecided, warn } from '../../shapes/judgement.ts';

const action = 'cloudwatch:PutMetricData';

export const roleMonitorMetrics: Check = {
  id: 'role-monitor-metrics',
  area: 'execution role',
  title: 'The execution role may not write the monitor’s metrics',
  meaning:
    'MWAA’s guide gives the role cloudwatch:PutMetricData on everything. With it a DAG can fake the monitor’s heartbeat, so that the alarm for a silent monitor never goes off.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const decision = roleMay(role, action, '*', { 'cloudwatch:namespace': metricNamespace });
      if (decision.outcome === 'allowed') {
        return [
          warn(
            `the execution role may write metrics to ${metricNamespace}: ${action} by ${policiesWith(role, decision).join(', ')}`,
            denyNamespace(facts, role.name),
          ),
        ];
      }
      return [
        decision.outcome === 'unknown'
          ? undecided(
              `whether the execution role may write metrics to ${metricNamespace} depends on conditions that the doctor cannot judge`,
              denyNamespace(facts, role.name),
            )
          : pass(`the execution role may not write metrics to ${metricNamespace}`),
      ];
    }),
};

function denyNamespace({ observed }: Facts, roleName: string) {
  const statement = {
    Effect: 'Deny',
    Action: action,
    Resource: '*',
    Condition: { StringEquals: { 'cloudwatch:namespace': metricNamespace } },
  };
  return toDo(
    'Deny the role the monitor’s namespace; Airflow’s own metrics are in others.',
    awsCommand(
      observed,
      'iam put-role-policy',
      `--role-name ${roleName}`,
      '--policy-name NeverWriteTheMonitorsMetrics',
      `--policy-document ${shellJson({ Version: '2012-10-17', Statement: [statement] })}`,
    ),
  );
}
