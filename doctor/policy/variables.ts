import type { RequestContext } from './request.ts';
import type { Truth } from './truth.ts';
import { matchesWildcard } from './wildcard.ts';

/** `${aws:username}`, or with a default: `${aws:username, 'nobody'}`. */
const variable = /\$\{([^}]*)\}/g;

/**
 * Compares a value with a policy text that may contain variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 *
 * @param given the value to compare
 * @param matches compares the value with the text after its variables are replaced
 * @returns `unknown` when the result depends on the value of an unknown variable
 */
export function matchesWithVariables(
  text: string,
  given: string,
  context: RequestContext,
  matches: (text: string) => Truth,
): Truth {
  let isKnown = true;
  const replaced = text.replace(variable, (_match, name: string) => {
    // `${*}`, `${?}` and `${$}` are literal characters; `?`, any one character, is close enough.
    if (/^[*?$]$/.test(name)) return name === '$' ? '$' : '?';
    const [value, ...more] = context.values[name.toLowerCase()] ?? [];
    if (value !== undefined && more.length === 0) return value;
    isKnown = false;
    return '*';
  });
  if (isKnown) return matches(replaced);
  return matchesWildcard(replaced.toLowerCase(), given.toLowerCase()) ? 'unknown' : false;
}
