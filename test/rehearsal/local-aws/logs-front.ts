import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * CloudWatch Logs as the deployed function sees it. The emulator gets every call first, byte for byte: it
 * checks the signature and IAM, and what it refuses stays refused. Queries and log groups are then answered
 * by this project's own Logs Insights, because the emulator's knows no `stats`.
 */
export interface LogsFront {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** How often each action was allowed or refused: `StartQuery allowed` → 12. */
  readonly counts: ReadonlyMap<string, number>;
  /** From then on, calls are answered. */
  connect(targets: FrontTargets): void;
  close(): Promise<void>;
}

interface FrontTargets {
  readonly emulatorUrl: string;
  /** Trusts its certificate; undefined for an emulator without TLS. */
  readonly emulatorAgent: Agent | undefined;
  readonly engineUrl: string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const answeredByEngine = new Set([
  'StartQuery',
  'GetQueryResults',
  'StopQuery',
  'DescribeLogGroups',
  'GetLogEvents',
]);

/** Names of errors by which AWS refuses a call before it looks at its content. */
const refusals =
  /AccessDenied|Signature|UnrecognizedClient|InvalidClientTokenId|MissingAuthentication|ExpiredToken/;

/** Whether the emulator refused a call because of its signature or of IAM. */
export function isRefusal(status: number, errorType: string, body: string): boolean {
  return status >= 400 && refusals.test(`${errorType} ${body}`);
}

/** `Logs_20140328.StartQuery` → `StartQuery` */
export function actionOf(target: unknown): string {
  return String(target ?? '').replace(/^.*\./, '');
}

export async function startLogsFront(): Promise<LogsFront> {
  const counts = new Map<string, number>();
  let targets: FrontTargets | undefined;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      void answer(
        { method: incoming.method, path: incoming.url, headers: incoming.headers },
        Buffer.concat(chunks),
      ).then(
        ({ status, headers, body }) => {
          const type = headers['content-type'] ?? 'application/x-amz-json-1.1';
          const error = headers['x-amzn-errortype'];
          outgoing.writeHead(status, {
            'content-type': type,
            ...(error !== undefined && { 'x-amzn-errortype': error }),
          });
          outgoing.end(body);
        },
        (error) => {
          outgoing.writeHead(503);
          outgoing.end(String(error));
        },
      );
    });
  });

  async function answer(asked: Asked, body: Buffer): Promise<Answer> {
    if (targets === undefined) throw new Error('the front is not connected');
    const { emulatorUrl, emulatorAgent, engineUrl } = targets;
    const action = actionOf(asked.headers['x-amz-target']);
    const checked = await forward(emulatorUrl, asked, body, emulatorAgent);
    const errorType = String(checked.headers['x-amzn-errortype'] ?? '');
    const isRefused = isRefusal(checked.status, errorType, checked.body.toString('utf8'));
    const key = `${action} ${isRefused ? 'refused' : 'allowed'}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const isForEngine = !isRefused && answeredByEngine.has(action);
    return isForEngine ? forward(engineUrl, asked, body) : checked;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    connect(given) {
      targets = given;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** The headers stay as they are, since the signature covers the host. */
function forward(
  url: string,
  { method, path, headers }: Asked,
  body: Buffer,
  agent?: Agent,
): Promise<Answer> {
  const { protocol, hostname, port } = new URL(url);
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const sent = send({ hostname, port, method, path, headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 503,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
