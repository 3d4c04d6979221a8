import { AwsError } from '../aws-error.ts';

/** Offsets stand at the end of the message as well, for clients that read nothing else. */
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

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
