import { all, type Truth } from './policy-document.ts';

type Token = { readonly char: string } | 'one' | 'many' | 'many-in-segment';

/**
 * Whether a text matches a pattern with the wildcards `*` (any characters) and `?` (one character),
 * as in `StringLike` and in action names.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesFrom(pattern, text, tokensOf);
}

/**
 * Whether an ARN matches a pattern of a `Resource` element. A `*` at the end of a colon-separated
 * part matches across colons; one within a part does not.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: string, arn: string): boolean {
  return matchesFrom(pattern, arn, (wildcards) =>
    tokensOf(wildcards).map((token, at, every): Token => {
      if (token !== 'many') return token;
      const next = every[at + 1];
      const isEndOfSegment = next === undefined || (typeof next === 'object' && next.char === ':');
      return isEndOfSegment ? 'many' : 'many-in-segment';
    }),
  );
}

const arnParts = 6;

/**
 * Whether an ARN matches a pattern of `ArnLike` or `ArnEquals`, which are equivalent: each of the
 * six parts is compared separately. `unknown` if the pattern is not an ARN, which IAM does not
 * document.
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

/** Splits at colons into at most six parts; the last one includes all further colons. */
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

/** Compares up to the first wildcard, where most patterns differ, and tokenizes only the rest. */
function matchesFrom(
  pattern: string,
  text: string,
  readTokens: (pattern: string) => readonly Token[],
): boolean {
  const wildcard = pattern.search(/[*?]/);
  if (wildcard === -1) return pattern === text;
  if (!text.startsWith(pattern.slice(0, wildcard))) return false;
  // The most common end of a pattern: a final star matches everything.
  if (pattern.slice(wildcard) === '*') return true;
  return matchesTokens(readTokens(pattern.slice(wildcard)), text.slice(wildcard));
}

/** Dynamic programming: patterns come from policies, and none may take exponential time. */
function matchesTokens(tokens: readonly Token[], text: string): boolean {
  const chars = Array.from(text);
  // reached[n]: whether the tokens so far can match the first n characters.
  let reached = [true, ...chars.map(() => false)];
  for (const token of tokens) {
    const next: boolean[] = [];
    for (let at = 0; at <= chars.length; at += 1) {
      const char = chars[at - 1];
      next[at] =
        token === 'many' || token === 'many-in-segment'
          ? reached[at] === true || (next[at - 1] === true && (token === 'many' || char !== ':'))
          : reached[at - 1] === true && (token === 'one' || token.char === char);
    }
    reached = next;
  }
  return reached[chars.length] === true;
}
