/**
 * What a line about credentials takes: an RDS token, a secret key of Airflow, or the connection to
 * the database.
 */
export type CredentialKind = 'token' | 'key' | 'connection';

/**
 * @param object what the line names, such as `MWAA__DB__CREDENTIALS`, `fernet_key` or
 *   `generate-db-auth-token`; an unknown name counts as the connection
 */
export function credentialKind(object = ''): CredentialKind {
  if (object.endsWith('token') || object.startsWith('Action=')) return 'token';
  return /(?:fernet_key|secret_key|jwt_secret)$/i.test(object) ? 'key' : 'connection';
}
