import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';
import type { HttpAnswer, HttpRequest } from './http-answer.ts';
import {
  callOperation,
  findOperation,
  type Operation,
  type OperationContext,
} from './operation.ts';

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
