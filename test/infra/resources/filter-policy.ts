/** A message attribute as Publish takes it. */
interface Attribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
}

export type Attributes = Readonly<Record<string, Attribute>>;

type Rule = string | { readonly exists: boolean };

/**
 * Whether a subscription with a filter policy on attributes gets a message, as SNS documents it: all
 * attributes of the policy must match, each by one of its values; of a `String.Array` one member must
 * match; `$or` needs one of its policies.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 * https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html
 *
 * @throws Error for an operator that is not read here
 */
export function getsMessage(policy: object | undefined, attributes: Attributes): boolean {
  return Object.entries(policy ?? {}).every(([name, rules]) => {
    if (!Array.isArray(rules)) throw new Error(`the policy's ${name} is no list`);
    if (name === '$or') return rules.some((one) => getsMessage(one, attributes));
    return rules.some((rule) => matches(rule, attributes[name]));
  });
}

function matches(rule: Rule, attribute: Attribute | undefined): boolean {
  if (typeof rule === 'string') return valuesOf(attribute).includes(rule);
  const [operator, ...others] = Object.keys(rule);
  if (operator !== 'exists' || others.length > 0) throw new Error(`${operator} is not read here`);
  return rule.exists === (attribute !== undefined);
}

function valuesOf(attribute: Attribute | undefined): unknown[] {
  if (attribute === undefined) return [];
  const { DataType, StringValue = '' } = attribute;
  return DataType === 'String.Array' ? JSON.parse(StringValue) : [StringValue];
}
