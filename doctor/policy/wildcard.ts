import { all, type Truth } from './truth.ts';

type Token = { readonly char: string } | 'one' | 'many' | 'many-in-segment';

/**
 * Whether text matches a pattern in which `*` stands for any characters and `?` for one, as in
 * `StringLike` and in the names of actions.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesTokens(tokensOf(pattern), text);
}

/**
 * Whether an ARN matches one of a `Resource` element. A `*` at the end of a part between colons goes
 * on across colons, one within a part does not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: string, arn: string): boolean {
  const tokens = tokensOf(pattern).map((token, at, every): Token => {
    if (token !== 'many') return token;
    const next = every[at + 1];
    const isEndOfSegment = next === undefined || (typeof next === 'object' && next.char === ':');
    return isEndOfSegment ? 'many' : 'many-in-segment';
  });
  return matchesTokens(tokens, arn);
}

const arnParts = 6;

/**
 * Whether an ARN matches one of `ArnLike` or `ArnEquals`, which are the same: each of the six parts
 * is compared by itself. `unknown` for a pattern that is no ARN; IAM does not say what it does then.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function matchesArn(pattern: string, arn: string): Truth {
  if (pattern === '*') return true;
  const wanted = partsOfArn(pattern);
  const given = partsOfArn(arn);
  if (wanted.length < arnParts) return 'unknown';
  if (given.length < arnParts) return false;
  return all(wanted.map((part, at) => matchesWildcard(part, given[at] ?? '')));
}

/** Split at colons, the last part with all colons that it holds. */
function partsOfArn(arn: string): string[] {
  const parts = arn.split(':');
  return [
    ...parts.slice(0, arnParts - 1),
    ...[parts.slice(arnParts - 1).join(':')].filter(Boolean),
  ];
}

function tokensOf(pattern: string): Token[] {
  return Array.from(pattern, (char) => {
    if (char === '*') return 'many';
    return char === '?' ? 'one' : { char };
  });
}

/** By dynamic programming: patterns come from policies, and no pattern may take long. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  const chars = Array.from(text);
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reached) {
      const char = chars[at];
      if (token === 'many' || token === 'many-in-segment') {
        let end = at;
        next.add(end);
        while (end < chars.length && (token === 'many' || chars[end] !== ':')) {
          end += 1;
          if (next.has(end)) break;
          next.add(end);
        }
      } else if (char !== undefined && (token === 'one' || token.char === char)) {
        next.add(at + 1);
      }
    }
    reached = next;
  }
  return reached.has(chars.length);
}
