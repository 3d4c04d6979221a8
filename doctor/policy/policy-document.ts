import { z } from 'zod';

const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === 'string' ? [value] : value));

/** IAM takes numbers and booleans for texts in conditions. */
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

/** A policy whose text cannot be understood; the message says where. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/**
 * Reads a policy: JSON, plain as KMS, S3 and SNS answer it or percent-encoded as IAM does. Members
 * that stand alone become lists of one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 *
 * @param text as the API answered it
 * @throws PolicyError for text that is no policy
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
