/** Who asks, as a resource's policy sees it. */
export type Principal =
  | {
      readonly kind: 'service';
      /** `logs.eu-west-1.amazonaws.com` */
      readonly name: string;
      /** Names under which the service may or may not ask: a statement for them decides nothing. */
      readonly doubtfulNames?: readonly string[];
    }
  | { readonly kind: 'role'; readonly arn: string; readonly account: string }
  /** The account itself: its root user, and what its IAM policies are delegated. */
  | { readonly kind: 'account'; readonly account: string };

/**
 * What is known of a request's context. A key that stands in neither is not known: a condition on
 * it makes the answer unknown.
 */
export interface RequestContext {
  /** By lower-case key. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  /** Lower-case keys that the request is known to lack. */
  readonly absent: ReadonlySet<string>;
}

export interface PolicyRequest {
  /** undefined for a policy of the principal itself, which names none. */
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
