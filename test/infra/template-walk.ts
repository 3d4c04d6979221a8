/** A template as plain JSON, to follow references from resource to resource. */
export interface TemplateJson {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, { readonly Export?: unknown }>;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Principal?: { readonly Service?: unknown; readonly AWS?: unknown } | '*';
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export function resourcesOf(template: TemplateJson, type: string): [id: string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** The logical id that `{Ref}` or `{Fn::GetAtt}` points to. */
export function targetOf(reference: unknown): string | undefined {
  if (typeof reference !== 'object' || reference === null) return undefined;
  if ('Ref' in reference) return String(reference.Ref);
  return 'Fn::GetAtt' in reference && Array.isArray(reference['Fn::GetAtt'])
    ? String(reference['Fn::GetAtt'][0])
    : undefined;
}

export function statementsOf(document: unknown): Statement[] {
  const { Statement: statements } = document as { Statement: Statement[] };
  return statements;
}

export function listed<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/**
 * The alarms that nobody would hear: without a topic as their action, or on a topic whose key or
 * policy does not allow CloudWatch.
 */
export function unheardAlarms(template: TemplateJson): string[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) => {
      const actions = listed(Properties.AlarmActions ?? []);
      return actions.length === 0 || !actions.every((action) => isHeard(template, action));
    })
    .map(([, { Properties }]) => String(Properties.AlarmName));
}

function isHeard(template: TemplateJson, action: unknown): boolean {
  const topicId = targetOf(action) ?? '';
  const topic = template.Resources[topicId];
  const key = template.Resources[targetOf(topic?.Properties.KmsMasterKeyId) ?? ''];
  if (topic?.Type !== 'AWS::SNS::Topic' || key?.Type !== 'AWS::KMS::Key') return false;
  const publishes = resourcesOf(template, 'AWS::SNS::TopicPolicy')
    .filter(([, { Properties }]) =>
      listed(Properties.Topics).some((ref) => targetOf(ref) === topicId),
    )
    .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));
  return (
    allowsCloudWatch(publishes, ['sns:Publish']) &&
    allowsCloudWatch(statementsOf(key.Properties.KeyPolicy), [
      'kms:Decrypt',
      'kms:GenerateDataKey*',
    ])
  );
}

function allowsCloudWatch(statements: readonly Statement[], actions: readonly string[]): boolean {
  return statements.some(
    ({ Effect, Principal, Action }) =>
      Effect === 'Allow' &&
      typeof Principal === 'object' &&
      Principal.Service === 'cloudwatch.amazonaws.com' &&
      actions.every((action) => listed(Action).includes(action)),
  );
}
