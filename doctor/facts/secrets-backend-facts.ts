import type { MwaaEnvironment } from '../shapes/mwaa.ts';

/**
 * The backend in which Airflow looks up connections and variables first.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/connections-secrets-manager.html
 */
export interface SecretsBackend {
  readonly className: string;
  /** The prefixes of the secrets' names. */
  readonly prefixes: readonly string[];
}

const defaultPrefixes = {
  connections_prefix: 'airflow/connections',
  variables_prefix: 'airflow/variables',
};

export function readSecretsBackend({
  AirflowConfigurationOptions: options = {},
}: MwaaEnvironment): SecretsBackend | undefined {
  const className = options['secrets.backend'];
  if (!className) return undefined;
  const given = parseObject(options['secrets.backend_kwargs'] ?? '{}');
  const prefixes = Object.entries(defaultPrefixes).flatMap(([name, prefix]) => {
    const value = given[name] === undefined ? prefix : given[name];
    return typeof value === 'string' ? [value] : [];
  });
  return { className, prefixes };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
