/** An error as the SDK throws it. */
export function awsError(name: string, message = 'said so', httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}
