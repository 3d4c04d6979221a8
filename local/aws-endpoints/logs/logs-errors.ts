import { AwsError } from '../protocol/aws-error.ts';

/** The message ends with the offsets, too, for clients that read only the message. */
export function malformedQuery(
  message: string,
  { start, end }: { start: number; end: number },
  cause?: unknown,
): AwsError {
  return new AwsError('MalformedQueryException', `${message} ([${start},${end}])`, {
    cause,
    details: {
      queryCompileError: { location: { startCharOffset: start, endCharOffset: end }, message },
    },
  });
}

export function noSuchLogGroup(logGroup: string, accountId: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Log group '${logGroup}' does not exist for account ID '${accountId}'`,
  );
}

/** CloudWatch Logs' wording when a group or stream is named by its own parameter. */
export function noSuchResource(kind: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceNotFoundException', `The specified ${kind} does not exist.`);
}

export function alreadyExists(kind: 'log group' | 'log stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified ${kind} already exists`);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
