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
  return not(all(Array.from(truths, not)));
}

export function not(truth: Truth): Truth {
  return truth === 'unknown' ? truth : !truth;
}
