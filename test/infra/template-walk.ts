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
