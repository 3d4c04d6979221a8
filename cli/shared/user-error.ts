/** An error that the user can fix: shown as one line, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Printable lines after the message, such as a query with a caret under the position. */
  readonly detail: string | undefined;

  constructor(message: string, options: { detail?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.detail = options.detail;
  }
}
