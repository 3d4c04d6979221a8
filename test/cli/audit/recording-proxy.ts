import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { passOn } from '../pass-on.ts';

/** One recorded call. */
export interface Call {
  /** For example `StartQuery` or `GetEnvironment`. */
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly answer: Record<string, unknown>;
  readonly status: number;
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly calls: readonly Call[];
  /** The calls of one operation. */
  of(operation: string): Call[];
  /** The ids of started queries that were neither seen to end nor stopped. */
  running(): string[];
  /** Resolves when a condition holds, checked now and after each call. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Answers a call instead of the endpoints, if it returns something. */
export type Refuse = (
  operation: string,
  input: Record<string, unknown>,
  calls: readonly Call[],
) => Refusal | undefined;

/** A proxy between a command and the endpoints that records every call and may refuse some. */
export async function startRecordingProxy(
  target: string,
  refuse: Refuse = () => undefined,
): Promise<RecordingProxy> {
  const calls: Call[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    // A reused connection may be closing.
    response.shouldKeepAlive = false;
    relay(request)
      .then(({ status, headers, body }) => {
        response.writeHead(status, headers);
        response.end(body);
      })
      // Neither the command nor the endpoints wait for each other when a test ends.
      .catch(() => response.destroy());
  });

  function record(call: Call): void {
    calls.push(call);
    for (const look of waiting) look();
  }

  async function relay(request: IncomingMessage) {
    const body = await buffer(request);
    const operation = operationOf(request, body);
    const input = parsed(body.toString());
    const refusal = refuse(operation, input, calls);
    if (refusal !== undefined) {
      const { status, code, message } = refusal;
      const answer = { __type: code, message };
      record({ operation, input, answer, status });
      const contentType = request.headers['content-type'] ?? 'application/json';
      const headers = { 'content-type': contentType, 'x-amzn-errortype': code };
      return { status, headers, body: JSON.stringify(answer) };
    }
    const answer = await passOn(`${target}${request.url}`, request, body);
    const text = answer.body.toString();
    record({ operation, input, answer: parsed(text), status: answer.status });
    const kept = ['content-type', 'x-amzn-errortype', 'x-amzn-query-error'].flatMap((name) => {
      const value = answer.headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { status: answer.status, headers: Object.fromEntries(kept), body: text };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const of = (operation: string) => calls.filter((call) => call.operation === operation);
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    of,
    running() {
      const ended = [
        ...of('GetQueryResults').filter(({ answer }) => answer.status !== 'Running'),
        ...of('StopQuery'),
      ].map(({ input }) => input.queryId);
      return of('StartQuery').flatMap(({ answer: { queryId } }) =>
        typeof queryId === 'string' && !ended.includes(queryId) ? [queryId] : [],
      );
    },
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function operationOf({ headers, url = '' }: IncomingMessage, body: Buffer): string {
  if (url.startsWith('/environments/')) return 'GetEnvironment';
  if (url.startsWith('/environments')) return 'ListEnvironments';
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.split('.').at(-1) ?? target;
  return new URLSearchParams(body.toString()).get('Action') ?? url;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
