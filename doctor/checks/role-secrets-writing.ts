import type { Check } from '../check.ts';
import { judgeForbidden } from '../forbidden.ts';
import { warn } from '../judgement.ts';
import { judgeRole } from '../role-facts.ts';
import { readSecretsBackend } from '../secrets-backend.ts';

export const roleSecretsWriting: Check = {
  id: 'role-secrets-writing',
  area: 'execution role',
  title: 'The execution role may not change the secrets that it reads',
  meaning:
    'Secrets Manager protects secrets from being changed by DAGs only if DAGs cannot write to it.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { partition, account, observed, environment = {} } = facts;
      const prefixes = readSecretsBackend(environment)?.prefixes ?? ['airflow'];
      return judgeForbidden(
        facts,
        role,
        prefixes.map((prefix) => ({
          actions: [
            'secretsmanager:PutSecretValue',
            'secretsmanager:UpdateSecret',
            'secretsmanager:DeleteSecret',
          ],
          resource: `arn:${partition}:secretsmanager:${observed.region}:${account}:secret:${prefix}/any-AbCdEf`,
        })),
        'change secrets',
        warn,
      );
    }),
};
