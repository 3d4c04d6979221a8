import type { Check } from '../../facts/check.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { judgeRole } from '../../facts/role-facts.ts';
import { fail } from '../../shapes/judgement.ts';

export const roleAirflowAdmin: Check = {
  id: 'role-airflow-admin',
  area: 'execution role',
  title: 'The execution role may not become Airflow Admin',
  meaning:
    'With a token from MWAA a DAG can act as Admin in the web interface, REST API or CLI. The log groups do not distinguish it from a person; only CloudTrail does.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed } = facts;
      const prefix = `arn:${partition}:airflow:${observed.region}:${account}`;
      return judgeForbidden(
        facts,
        role,
        [
          {
            actions: ['airflow:CreateWebLoginToken', 'airflow:InvokeRestApi'],
            resource: `${prefix}:role/${observed.mwaaEnvironment}/Admin`,
          },
          {
            actions: ['airflow:CreateCliToken'],
            resource: `${prefix}:environment/${observed.mwaaEnvironment}`,
          },
        ],
        'become Airflow Admin',
        fail,
      );
    }),
};
