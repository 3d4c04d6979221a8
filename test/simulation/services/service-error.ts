/** An error as the SDK throws it: known by its name and its HTTP status. */
export function serviceError(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** An error of the connection, as Node has it: known by its code. */
export function connectionError(code: string): Error {
  return Object.assign(new Error(`connection: ${code}`), { code });
}

/** The client gave up waiting. */
export function timeoutError(): Error {
  return Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
}
