import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface StandIn {
  /** The value for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** `METHOD path` of each request to MWAA. */
  readonly askedOfMwaa: readonly string[];
  close(): Promise<void>;
}

/**
 * An endpoint on 127.0.0.1 that answers every service with an error in the protocol of the request,
 * and MWAA as configured.
 *
 * @param mwaa an object: the answer to GetEnvironment
 */
export async function startStandIn(
  error: ErrorAnswer,
  mwaa: object | ErrorAnswer,
): Promise<StandIn> {
  const askedOfMwaa: string[] = [];
  const server = createServer((request, response) => {
    // A reused connection may be closing.
    response.shouldKeepAlive = false;
    request.resume().once('end', () => {
      const { url = '', method } = request;
      const isMwaa = url.startsWith('/environments');
      if (isMwaa) askedOfMwaa.push(`${method} ${url}`);
      if (isMwaa && !('status' in mwaa)) {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(mwaa));
        return;
      }
      const failure = isMwaa && 'status' in mwaa ? (mwaa as ErrorAnswer) : error;
      const [contentType, body] = asError(request, failure);
      response.writeHead(failure.status, {
        'content-type': contentType,
        'x-amzn-errortype': failure.code,
      });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    askedOfMwaa,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function asError({ headers, url = '' }: IncomingMessage, { code, message }: ErrorAnswer) {
  const contentType = headers['content-type'] ?? '';
  if (contentType.includes('json') || url.startsWith('/environments')) {
    return [contentType || 'application/json', JSON.stringify({ __type: code, message })] as const;
  }
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  const isForm = contentType.includes('form-urlencoded');
  return ['text/xml', isForm ? `<ErrorResponse>${error}</ErrorResponse>` : error] as const;
}
