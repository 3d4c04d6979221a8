import { type Check, withEnvironment } from '../check.ts';
import { awsCommand, shellJson } from '../commands.ts';
import { pass, toDo, warn } from '../judgement.ts';
import { secretsBackend as backendOf } from '../secrets-backend.ts';

const managed = [
  'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
  'airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend',
];

export const secretsBackend: Check = {
  id: 'secrets-backend',
  area: 'environment',
  title: 'Secrets are kept in Secrets Manager',
  meaning:
    'Connections in Airflow’s own database can be changed by whoever writes a DAG. Secrets Manager does not keep DAGs from reading secrets; it keeps them from changing what the environment uses.',
  look: withEnvironment((environment, { observed }) => {
    const backend = backendOf(environment);
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
          ? `the secrets backend is ${backend.className}, which is not known here`
          : 'there is no secrets backend: connections and variables live in the metadata database',
        toDo(
          'Configure Secrets Manager as the backend, give the execution role secretsmanager:GetSecretValue on these prefixes, and move the connections. The options are replaced as a whole: put those that you have beside these two.',
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
