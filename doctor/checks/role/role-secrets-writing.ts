import type { Check } from '../../facts/check.ts';
import { judgeForbidden } from '../../facts/forbidden.ts';
import { judgeRole } from '../../facts/role-facts.ts';
import { readSecretsBackend } from '../../facts/secrets-backend-facts.ts';
import { warn } from '../../shapes/judgement.ts';

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
