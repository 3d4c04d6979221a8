import { alarmNames, everyPart, namesFor } from '../../../infra/naming/names.ts';
import { metricNamespace } from '../../../lambda/metrics/metric-definitions.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check, Facts } from '../../facts/facts.ts';
import { logGroupArn } from '../../facts/key-facts.ts';
import { alarmTopics } from '../../facts/monitor-parts.ts';
import {
  type ExecutionRole,
  judgeForbidden,
  judgeRole,
  policiesWith,
  roleMay,
} from '../../facts/role-facts.ts';
import { tamperRequests } from '../../facts/tamper-actions.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  notice,
  pass,
  shellJson,
  toDo,
  undecided,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import type { StackResource } from '../../shapes/service-shapes.ts';

const putLogEvents = 'logs:PutLogEvents';

/** Represents every environment except this one. */
const anotherEnvironment = 'another--environment';

/**
 * MWAA needs the right to write to the five groups, so a healthy environment has it, and a warning
 * that nobody can act on would only teach people to ignore warnings. It is a notice instead.
 */
export const roleLogForging: Check = {
  id: 'role-log-forging',
  area: 'execution role',
  title: 'The execution role may write only to its own environment’s log groups',
  meaning:
    'DAGs run with this role. Where it can write log events, the author of a DAG can forge any line of any component.',
  look: (facts) =>
    judgeRole(facts, (role) => [
      ...judgeForbidden(
        facts,
        role,
        [
          logGroupName(anotherEnvironment, 'Task'),
          namesFor(facts.observed.mwaaEnvironment).scannerLogGroup,
        ].map((logGroup) => ({ actions: [putLogEvents], resource: anyStream(facts, logGroup) })),
        'write log events of other environments or of the monitor',
        warn,
      ),
      ownGroups(facts, role),
    ]),
};

function ownGroups(facts: Facts, role: ExecutionRole): Judgement {
  const writable = logTypes.filter((logType) => {
    const group = logGroupName(facts.observed.mwaaEnvironment, logType);
    return roleMay(role, putLogEvents, anyStream(facts, group)).outcome === 'allowed';
  });
  return writable.length === 0
    ? pass('the execution role may write to none of the five log groups')
    : notice(
        `The execution role may write to every stream of ${writable.join(', ')}, which MWAA needs: the author of a DAG can forge any line there, even one of the web server, so a log line alone proves neither a change nor its failure.`,
      );
}

function anyStream(facts: Facts, logGroup: string): string {
  return `${logGroupArn(facts, logGroup)}:log-stream:any`;
}

const groupActions = [
  'logs:DeleteLogGroup',
  'logs:DeleteLogStream',
  'logs:PutRetentionPolicy',
  'logs:AssociateKmsKey',
  'logs:DisassociateKmsKey',
  'logs:PutDataProtectionPolicy',
  'logs:PutTransformer',
];

/** They have no resource in IAM. A policy of the account masks every log group. */
const accountActions = ['logs:PutAccountPolicy', 'logs:PutResourcePolicy'];

export const roleLogTampering: Check = {
  id: 'role-log-tampering',
  area: 'execution role',
  title: 'The execution role may not delete, re-key or disable the logs',
  meaning: 'A DAG that can do so can remove the evidence of its actions before anyone reads it.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const { region, mwaaEnvironment } = observed;
      return judgeForbidden(
        facts,
        role,
        [
          ...logTypes.flatMap((logType) => {
            const group = logGroupArn(facts, logGroupName(mwaaEnvironment, logType));
            // IAM checks some actions against the group, and some against its streams.
            return [group, `${group}:*`, `${group}:log-stream:any`].map((resource) => ({
              actions: groupActions,
              resource,
            }));
          }),
          { actions: accountActions, resource: '*' },
          {
            actions: ['airflow:UpdateEnvironment', 'airflow:DeleteEnvironment'],
            resource: `arn:${partition}:airflow:${region}:${account}:environment/${mwaaEnvironment}`,
          },
        ],
        'tamper with the logs',
        fail,
      );
    }),
};

export const roleMonitorTampering: Check = {
  id: 'role-monitor-tampering',
  area: 'execution role',
  title: 'The execution role may not silence the monitor',
  meaning:
    'Nobody is notified about a DAG that can delete alarms, disable the schedule, change the function or its ledger, or remove subscriptions; and one that can publish forges findings.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const place = { partition, region: observed.region, accountId: account };
      const { resources } = observed.monitor;
      const judged = judgeForbidden(
        facts,
        role,
        monitorResources(facts).flatMap((resource) => tamperRequests(resource, place)),
        'silence the monitor',
        fail,
      );
      const isAllowed = judged.some(({ result }) => result === 'fail');
      return resources.kind === 'known' || isAllowed ? judged : [unknown(resources), ...judged];
    }),
};

/** The resources of the monitor's stack, and those whose names are fixed. */
function monitorResources({ observed, expectations }: Facts): StackResource[] {
  const { mwaaEnvironment, monitor } = observed;
  const { resources, stack } = monitor;
  const topics = alarmTopics({ monitor });
  const named = (ResourceType: string, names: readonly (string | undefined)[]) =>
    names.map((PhysicalResourceId) => ({ ResourceType, PhysicalResourceId }));
  const all = [
    ...named('AWS::CloudWatch::Alarm', alarmNames(mwaaEnvironment, everyPart)),
    ...named('AWS::Logs::LogGroup', [
      namesFor(mwaaEnvironment).scannerLogGroup,
      namesFor(mwaaEnvironment).witnessLogGroup,
    ]),
    ...named('AWS::KMS::Key', [expectations.kmsKeyArn?.split('/')[1]]),
    ...named('AWS::SNS::Topic', topics.kind === 'known' ? topics.value : []),
    ...named('AWS::CloudFormation::Stack', stack.kind === 'known' ? [stack.value?.StackName] : []),
    ...(resources.kind === 'known' ? resources.value : []),
  ];
  return all.flatMap(({ ResourceType, PhysicalResourceId }) =>
    ResourceType === undefined || PhysicalResourceId === undefined
      ? []
      : [{ ResourceType, PhysicalResourceId }],
  );
}

const putMetricData = 'cloudwatch:PutMetricData';

export const roleMonitorMetrics: Check = {
  id: 'role-monitor-metrics',
  area: 'execution role',
  title: 'The execution role may not write the monitor’s metrics',
  meaning:
    'MWAA’s guide gives the role cloudwatch:PutMetricData on everything. With it a DAG can fake the monitor’s heartbeat, so that the alarm for a silent monitor never goes off.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const decision = roleMay(role, putMetricData, '*', {
        'cloudwatch:namespace': metricNamespace,
      });
      if (decision.outcome === 'allowed') {
        return [
          warn(
            `the execution role may write metrics to ${metricNamespace}: ${putMetricData} by ${policiesWith(role, decision).join(', ')}`,
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
    Action: putMetricData,
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
