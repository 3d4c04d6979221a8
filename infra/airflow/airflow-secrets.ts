/**
 * Airflow's connections and variables are in Secrets Manager: authors of DAGs can read them, but
 * not change them.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/connections-secrets-manager.html
 *
 * The prefix contains the environment's name, so that no environment reads another team's secrets.
 */
export function secretsPrefix(mwaaEnvironment: string): string {
  return `airflow/${mwaaEnvironment}`;
}

/** The options of airflow.cfg that make Secrets Manager the backend. */
export function secretsBackend(mwaaEnvironment: string): Record<string, string> {
  const prefix = secretsPrefix(mwaaEnvironment);
  return {
    'secrets.backend': 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    'secrets.backend_kwargs': JSON.stringify({
      connections_prefix: `${prefix}/connections`,
      variables_prefix: `${prefix}/variables`,
    }),
  };
}
