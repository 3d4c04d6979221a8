/** Nothing can be observed, and whoever asked can put it right: one sentence that says how. */
export class ObserveError extends Error {
  override readonly name = 'ObserveError';
}
