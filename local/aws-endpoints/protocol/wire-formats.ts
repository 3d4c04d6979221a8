import { randomUUID } from 'node:crypto';
import {
  AwsError,
  callOperation,
  findOperation,
  type Operation,
  type OperationContext,
} from './operation.ts';
import type { HttpAnswer, HttpRequest } from './read-request.ts';

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

/** A service with the AWS query protocol: a form in, XML out. */
export interface QueryService<Context> {
  readonly name: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly operations: readonly Operation<Context>[];
}

export async function answerQuery<Context extends OperationContext>(
  request: HttpRequest,
  services: readonly QueryService<Context>[],
  context: Context,
): Promise<HttpAnswer> {
  const form = Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
  const { Action = '', Version = '', ...input } = form;
  const found = services.find(({ apiVersion }) => apiVersion === Version);
  const service = found ?? { name: 'none', apiVersion: '', namespace: '', operations: [] };
  try {
    if (found === undefined) {
      const known = services.map(({ name, apiVersion }) => `${name} ${apiVersion}`).join(', ');
      throw new AwsError(
        'UnknownOperationException',
        `Action ${Action} of version ${Version} is not supported here; the services with forms are ${known}`,
      );
    }
    const operation = findOperation(service.operations, Action, service.name);
    const output = await callOperation(operation, input, context);
    return xmlAnswer(200, `${Action}Response`, service, [
      `<${Action}Result>${members(output)}</${Action}Result>`,
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`,
    ]);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return xmlAnswer(error.httpStatus, 'ErrorResponse', service, [
      `<Error>${members({ Type: 'Sender', Code: error.code, Message: error.message })}</Error>`,
      `<RequestId>${randomUUID()}</RequestId>`,
    ]);
  }
}

function xmlAnswer(
  status: number,
  root: string,
  { namespace }: Pick<QueryService<never>, 'namespace'>,
  parts: readonly string[],
): HttpAnswer {
  return {
    status,
    contentType: 'text/xml; charset=utf-8',
    body: `<${root} xmlns="${namespace}">${parts.join('')}</${root}>`,
  };
}

function members(output: object): string {
  return Object.entries(output)
    .map(([name, value]) => `<${name}>${content(value)}</${name}>`)
    .join('');
}

/** Writes lists as `member` elements, structures by their members. */
function content(value: unknown): string {
  if (Array.isArray(value)) {
    return value.map((item) => `<member>${content(item)}</member>`).join('');
  }
  return typeof value === 'object' && value !== null ? members(value) : escapeXml(String(value));
}

function escapeXml(text: string): string {
  return (
    text
      // XML 1.0 cannot express other control characters, not even as references.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Surrogate}/gu, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
  );
}
