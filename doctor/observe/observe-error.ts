/**
 * Nothing can be observed until the user fixes something; the message says what, in one sentence.
 */
export class ObserveError extends Error {
  override readonly name = 'ObserveError';
}
