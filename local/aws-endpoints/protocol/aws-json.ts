import { AwsError } from './aws-error.ts';
import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import {
  callOperation,
  findOperation,
  type Operation,
  type OperationContext,
} from './operation.ts';

/** A service with the AWS JSON protocol: the header `x-amz-target` names the operation. */
export interface JsonService<Context> {
  readonly targetPrefix: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly operations: readonly Operation<Context>[];
}

export async function answerJson<Context extends OperationContext>(
  request: HttpRequest,
  target: string,
  services: readonly JsonService<Context>[],
  context: Context,
): Promise<HttpAnswer> {
  const [prefix = '', operationName = ''] = target.split('.');
  const service = services.find(({ targetPrefix }) => targetPrefix === prefix);
  const contentType = service?.contentType ?? 'application/x-amz-json-1.1';
  try {
    const operations = service?.operations ?? services.flatMap(({ operations }) => operations);
    const operation = findOperation(operations, service ? operationName : target, prefix);
    const output = await callOperation(operation, parseBody(request.body), context);
    return { status: 200, contentType, body: JSON.stringify(output) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return jsonError(error, contentType);
  }
}

/** botocore needs `__type` in the body; the JavaScript SDK accepts it, too. */
export function jsonError(error: AwsError, contentType: string): HttpAnswer {
  return {
    status: error.httpStatus,
    contentType,
    headers: { 'x-amzn-errortype': error.code },
    body: JSON.stringify({ __type: error.code, message: error.message, ...error.details }),
  };
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AwsError('SerializationException', `the body is not JSON: ${String(error)}`, {
      cause: error,
    });
  }
}
