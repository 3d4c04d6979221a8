import { z } from 'zod';

const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** IAM accepts numbers and booleans as texts in conditions. */
const scalars = z
  .union([scalar(), z.array(scalar())])
  .transform((value) => (Array.isArray(value) ? value : [value]).map(String));

function scalar() {
  return z.union([z.string(), z.number(), z.boolean()]);
}

const principals = z.union([z.literal('*'), z.record(z.string(), texts)]);

const statement = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principals.optional(),
  NotPrincipal: principals.optional(),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  /** By operator, then by context key. */
  Condition: z.record(z.string(), z.record(z.string(), scalars)).optional(),
});

const document = z.object({
  Statement: z
    .union([statement, z.array(statement)])
    .transform((value) => (Array.isArray(value) ? value : [value])),
});

export type PrincipalElement = z.output<typeof principals>;
export type PolicyStatement = z.output<typeof statement>;

export interface PolicyDocument {
  readonly statements: readonly PolicyStatement[];
}

/** The text is not a valid policy; the message says where. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/**
 * Parses a policy: JSON, either plain (KMS, S3, SNS) or percent-encoded (IAM). Single values become
 * lists of one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param text as the API returned it
 * @throws PolicyError if the text is not a policy
 */
export function parsePolicy(text: string): PolicyDocument {
  const result = document.safeParse(parseJson(text));
  if (result.success) return { statements: result.data.Statement };
  const [issue] = result.error.issues;
  throw new PolicyError(`the policy's ${issue?.path.join('.') || 'text'}: ${issue?.message}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(/^\s*\{/.test(text) ? text : decodeURIComponent(text));
  } catch (cause) {
    throw new PolicyError('the policy is not JSON', { cause });
  }
}
