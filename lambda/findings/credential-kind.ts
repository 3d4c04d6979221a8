/** What a line about credentials takes: a token of RDS, a key of Airflow's, or the database's connection. */
export type CredentialKind = 'token' | 'key' | 'connection';

/**
 * @param object what the line names, such as `MWAA__DB__CREDENTIALS`, `fernet_key` or
 *   `generate-db-auth-token`; anything that is not known may lead to the connection
 */
export function credentialKind(object = ''): CredentialKind {
  if (object.endsWith('token') || object.startsWith('Action=')) return 'token';
  return /(?:fernet_key|secret_key|jwt_secret)$/i.test(object) ? 'key' : 'connection';
}
