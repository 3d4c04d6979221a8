/** What is known of a proposition. `unknown` is never taken for a yes or a no. */
export type Truth = boolean | 'unknown';

/** True when all are; one false one decides, whatever the others are. */
export function all(truths: Iterable<Truth>): Truth {
  let result: Truth = true;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}

/** True when one is; false of none. */
export function any(truths: Iterable<Truth>): Truth {
  return not(all(Array.from(truths, not)));
}

export function not(truth: Truth): Truth {
  return truth === 'unknown' ? truth : !truth;
}
