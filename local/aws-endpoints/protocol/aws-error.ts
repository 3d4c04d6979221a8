/** An AWS error response: a code that clients match on, and a message for people. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly httpStatus: number;
  /** Members of the response besides code and message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { httpStatus?: number; details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.httpStatus = options.httpStatus ?? 400;
    this.details = options.details ?? {};
  }
}
