import { type Check, withEnvironment } from '../../facts/check.ts';
import { readSecretsBackend } from '../../facts/secrets-backend-facts.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import { pass, toDo, warn } from '../../shapes/judgement.ts';

const managed = [
  'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
  'airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend',
];

export const secretsBackend: Check = {
  id: 'secrets-backend',
  area: 'environment',
  title: 'Secrets are stored in Secrets Manager',
  meaning:
    'The author of a DAG can change connections in Airflow’s own database. Secrets Manager does not stop DAGs from reading secrets; it stops them from changing those that the environment uses.',
  look: withEnvironment((environment, { observed }) => {
    const backend = readSecretsBackend(environment);
    if (backend && managed.includes(backend.className))
      return [pass(`the backend is ${backend.className}`)];
    const options = {
      'secrets.backend': managed[0],
      'secrets.backend_kwargs':
        '{"connections_prefix": "airflow/connections", "variables_prefix": "airflow/variables"}',
    };
    return [
      warn(
        backend
          ? `the secrets backend is ${backend.className}, which the doctor does not know`
          : 'there is no secrets backend: connections and variables are in the metadata database',
        toDo(
          'Configure Secrets Manager as the backend, give the execution role secretsmanager:GetSecretValue on these prefixes, and move the connections. The command replaces all options: add your other ones to these two.',
          awsCommand(
            observed,
            'mwaa update-environment',
            `--name ${observed.mwaaEnvironment}`,
            `--airflow-configuration-options ${shellJson(options)}`,
          ),
        ),
      ),
    ];
  }),
};
