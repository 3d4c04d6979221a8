import type { HttpAnswer, HttpRequest } from '../protocol/read-request.ts';

/** A function by what it does with the event of an invocation. */
export type LocalFunction = (event: unknown) => Promise<unknown>;

export interface FunctionsContext {
  readonly functions: Readonly<Record<string, LocalFunction>>;
}

export const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Answers a synchronous invocation. An error of the function is an answer, too, with a header.
 *
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function answerInvoke(
  { path, body }: Pick<HttpRequest, 'path' | 'body'>,
  { functions }: FunctionsContext,
): Promise<HttpAnswer> {
  const contentType = 'application/json';
  const name = decodeURIComponent(invocationPath.exec(path)?.[1] ?? '');
  const invoked = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (invoked === undefined) {
    return {
      status: 404,
      contentType,
      headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
      body: JSON.stringify({ Type: 'User', Message: `Function not found: ${name}` }),
    };
  }
  try {
    const returned = await invoked(JSON.parse(body.toString()));
    return { status: 200, contentType, body: JSON.stringify(returned ?? null) };
  } catch (error) {
    const { name: errorType, message: errorMessage } =
      error instanceof Error ? error : { name: 'Error', message: String(error) };
    return {
      status: 200,
      contentType,
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: JSON.stringify({ errorType, errorMessage }),
    };
  }
}
