/** Something the user can put right: shown as one line, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Printable lines that show the place, such as a query with a caret under it. */
  readonly detail: string | undefined;

  constructor(message: string, options: { detail?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.detail = options.detail;
  }
}
