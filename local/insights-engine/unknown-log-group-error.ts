/** A query or another operation names a log group that does not exist. */
export class UnknownLogGroupError extends Error {
  override readonly name = 'UnknownLogGroupError';
  readonly logGroup: string;

  constructor(logGroup: string) {
    super(`the log group ${logGroup} does not exist`);
    this.logGroup = logGroup;
  }
}
