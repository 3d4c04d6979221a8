import type { RequestContext } from './request.ts';
import type { Truth } from './truth.ts';
import { matchesWildcard } from './wildcard.ts';

/** `${aws:username}`, also with a default: `${aws:username, 'nobody'}`. */
const variable = /\$\{([^}]*)\}/g;

/**
 * Compares with a text of a policy in which variables may stand.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 *
 * @param given what is compared with it
 * @param matches compares with a text whose variables are replaced
 * @returns `unknown` when only the value of an unknown variable would tell
 */
export function matchesWithVariables(
  text: string,
  given: string,
  context: RequestContext,
  matches: (text: string) => Truth,
): Truth {
  let isKnown = true;
  const replaced = text.replace(variable, (_match, name: string) => {
    // `${*}`, `${?}` and `${$}` are the characters themselves; a `?` that means any is as near.
    if (/^[*?$]$/.test(name)) return name === '$' ? '$' : '?';
    const [value, ...more] = context.values[name.toLowerCase()] ?? [];
    if (value !== undefined && more.length === 0) return value;
    isKnown = false;
    return '*';
  });
  if (isKnown) return matches(replaced);
  return matchesWildcard(replaced.toLowerCase(), given.toLowerCase()) ? 'unknown' : false;
}
