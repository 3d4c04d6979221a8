import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { auditor, type RealAirflow } from './real-airflow.ts';

export interface RestApiServer {
  readonly url: string;
  close(): void;
}

/** What MWAA is asked for, as its model has it. */
interface Invocation {
  readonly Path: string;
  readonly Method: string;
  readonly QueryParameters?: Readonly<Record<string, string | number>>;
}

/**
 * Answers MWAA's `InvokeRestApi` by asking a real Airflow as the witness's user. MWAA itself cannot run
 * here: its part is that a path begins after `/api/v1` or `/api/v2`, and that Airflow's errors are inside of
 * its own.
 *
 * @param isEverythingReachable Airflow 3 has users and roles outside of `/api/v2`, where MWAA does not
 *   lead; a laboratory can ask for them all the same
 */
export async function serveInvokeRestApi(
  airflow: RealAirflow,
  isEverythingReachable: boolean,
): Promise<RestApiServer> {
  const server = createServer((request, response) => {
    answer(airflow, isEverythingReachable, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  airflow: RealAirflow,
  isEverythingReachable: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const invocation = JSON.parse(Buffer.concat(chunks).toString()) as Invocation;
  const { Path: path, Method: method, QueryParameters: parameters = {} } = invocation;
  const query = new URLSearchParams(
    Object.entries(parameters).map(([name, value]) => [name, String(value)]),
  );
  const isBeside = isEverythingReachable && !airflow.isSecond && /^\/(users|roles)\b/.test(path);
  const prefix = airflow.isSecond ? '/api/v1' : isBeside ? '/auth/fab/v1' : '/api/v2';
  const authorization =
    airflow.isSecond || isBeside ? basicAuthorization() : `Bearer ${await tokenOf(airflow)}`;
  const asked = await fetch(`${airflow.url}${prefix}${path}?${query}`, {
    method,
    headers: { authorization },
  });
  const body = { RestApiStatusCode: asked.status, RestApiResponse: await asked.json() };
  const isRefused = asked.status >= 400;
  const errorType = asked.status < 500 ? 'RestApiClientException' : 'RestApiServerException';
  response
    .writeHead(isRefused ? 400 : 200, {
      'content-type': 'application/json',
      ...(isRefused && { 'x-amzn-errortype': errorType }),
    })
    .end(JSON.stringify(body));
}

function basicAuthorization(): string {
  return `Basic ${Buffer.from(`${auditor}:${auditor}`).toString('base64')}`;
}

async function tokenOf(airflow: RealAirflow): Promise<string> {
  const answered = await fetch(`${airflow.url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: auditor, password: auditor }),
  });
  const { access_token: token } = (await answered.json()) as { readonly access_token: string };
  return token;
}
