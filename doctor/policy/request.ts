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
