import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { passOn } from '../pass-on.ts';

/** A fault of one call. */
export type Fault =
  | { readonly code: string; readonly message: string }
  /** The call is executed, but its answer is lost. */
  | 'lost-answer'
  /** The call is executed, but the answer is a server error. */
  | 'away';

/** Selects the fault of each call by its operation and input. */
export type FaultRule = (operation: string, input: unknown) => Fault | undefined;

export interface FaultyLogs {
  readonly url: string;
  /** The operations called, in order, including faulty ones. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

/** A proxy before CloudWatch Logs endpoints that injects faults. */
export async function startFaultyLogs(endpointsUrl: string, rule: FaultRule): Promise<FaultyLogs> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    // Neither the command nor the endpoints wait for each other when a test ends.
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A reused connection may be closing.
    response.shouldKeepAlive = false;
    const body = await buffer(request);
    const operation = operationOf(request);
    calls.push(operation);
    const fault = rule(operation, JSON.parse(body.toString()));
    if (typeof fault === 'object') {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: fault.code, message: fault.message }));
      return;
    }
    const passed = await passOn(endpointsUrl, request, body);
    if (fault === 'lost-answer') {
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'InternalFailure', message: 'internal' }));
      return;
    }
    if (fault === 'away') {
      response.writeHead(503, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'ServiceUnavailableException', message: 'away' }));
      return;
    }
    response.writeHead(passed.status, {
      'content-type': passed.headers['content-type'] ?? 'application/json',
    });
    response.end(passed.body);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function operationOf({ headers }: IncomingMessage): string {
  return String(headers['x-amz-target']).replace(/^.*\./, '');
}
