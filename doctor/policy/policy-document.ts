import { z } from 'zod';
import { errorCharactersMax } from '../../lambda/common/log.ts';
import { describeIssues } from '../../lambda/common/parse-input.ts';
import { abridged } from '../../lambda/common/text.ts';
import { type Judgement, toDo, undecided } from '../shapes/judgement.ts';

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
class PolicyError extends Error {
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
  const input = parseJson(text);
  const result = document.safeParse(input);
  if (result.success) return { statements: result.data.Statement };
  throw new PolicyError(abridged(describeIssues(result.error, input), errorCharactersMax));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(/^\s*\{/.test(text) ? text : decodeURIComponent(text));
  } catch (cause) {
    throw new PolicyError('the policy is not JSON', { cause });
  }
}

/**
 * Parses a policy and judges it; a policy that cannot be parsed is undecided.
 *
 * @param whose how the evidence refers to the policy, such as `the key policy`
 */
export function judgePolicy(
  text: string,
  whose: string,
  whenRead: (policy: PolicyDocument) => readonly Judgement[],
): readonly Judgement[] {
  let policy: PolicyDocument;
  try {
    policy = parsePolicy(text);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [
      undecided(
        `${whose} cannot be parsed: ${error.message}`,
        toDo(
          'Review it yourself: IAM Access Analyzer’s validate-policy reports what is wrong with it.',
        ),
      ),
    ];
  }
  return whenRead(policy);
}

/** Who makes a request, as a resource policy sees it. */
export type Principal =
  | {
      readonly kind: 'service';
      /** `logs.eu-west-1.amazonaws.com` */
      readonly name: string;
      /** Names that the service may or may not use: a statement for one of them decides nothing. */
      readonly doubtfulNames?: readonly string[];
    }
  | { readonly kind: 'role'; readonly arn: string; readonly account: string }
  /** The account itself: its root user, and the principals that its IAM policies allow. */
  | { readonly kind: 'account'; readonly account: string };

/**
 * What is known about a request's context. For a key in neither field nothing is known, and a
 * condition on it makes the answer unknown.
 */
export interface RequestContext {
  /** By lower-case key. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Keys, in lower case, that the request is known to lack. */
  readonly absent: ReadonlySet<string>;
}

export interface PolicyRequest {
  /** undefined for a policy attached to the principal, which names none. */
  readonly principal?: Principal;
  /** `kms:Decrypt` */
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

/** @param values undefined: the request lacks the key */
export function contextOf(values: Readonly<Record<string, string | undefined>>): RequestContext {
  const known: Record<string, readonly string[]> = {};
  const absent = new Set<string>();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) absent.add(key.toLowerCase());
    else known[key.toLowerCase()] = [value];
  }
  return { values: known, absent };
}

/** A three-valued truth. `unknown` never counts as true or as false. */
export type Truth = boolean | 'unknown';

/** True if all are true; false if one is false, even if others are unknown. */
export function all(truths: Iterable<Truth>): Truth {
  let result: Truth = true;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}

/** True if one is true, even if others are unknown; false for none. */
export function any(truths: Iterable<Truth>): Truth {
  let result: Truth = false;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}

export function not(truth: Truth): Truth {
  return truth === 'unknown' ? truth : !truth;
}
