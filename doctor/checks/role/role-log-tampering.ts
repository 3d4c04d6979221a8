import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { Check } from '../../facts/check.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { logGroupArn } from '../../facts/key-facts.ts';
import { judgeRole } from '../../facts/role-facts.ts';
import { fail } from '../../shapes/judgement.ts';

const groupActions = [
  'logs:DeleteLogGroup',
  'logs:DeleteLogStream',
  'logs:PutRetentionPolicy',
  'logs:AssociateKmsKey',
  'logs:DisassociateKmsKey',
  'logs:PutDataProtectionPolicy',
];

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
