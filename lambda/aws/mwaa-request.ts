import { type SigningAccess, signedHeaders } from './signed-headers.ts';

/** The endpoint and credentials for calls to MWAA. */
export interface MwaaAccess extends SigningAccess {
  /** `https://api.airflow.<region>.amazonaws.com`, or a stand-in's address. */
  readonly endpoint: string;
  readonly fetch: typeof fetch;
}

/** An answer of MWAA that is not 200, named as the service names it. */
class MwaaServiceError extends Error {
  /** Where the SDK's errors have it, so that both kinds are classified alike. */
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(name: string, message: string, httpStatusCode: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode };
  }
}

/** MWAA gave no answer; the cause is the error of `fetch`. */
class MwaaUnreachableError extends Error {
  override name = 'MwaaUnreachableError';
}

/**
 * Sends one signed GET to MWAA and returns its JSON answer unchecked.
 *
 * @throws MwaaServiceError named `AccessDeniedException`, `ResourceNotFoundException` and so on;
 *   MwaaUnreachableError, named `TimeoutError` when the time ran out
 */
export async function getFromMwaa(
  access: MwaaAccess,
  path: string,
  timeoutMs: number,
): Promise<unknown> {
  const { status, errorType, answer } = await askMwaa(access, { method: 'GET', path }, timeoutMs);
  if (status === 200) return answer;
  throw serviceError(status, errorType, answer);
}

/** A read of Airflow's REST API by way of MWAA. */
export interface RestApiRead {
  /** Without the prefix of the version: `/users`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
}

/** Airflow's REST API answered with an error, which MWAA passes on. */
export class RestApiError extends Error {
  override readonly name = 'RestApiError';
  /** Airflow's own HTTP status; undefined if MWAA does not say it. */
  readonly restApiStatus: number | undefined;

  constructor(path: string, restApiStatus: number | undefined) {
    super(`Airflow answered ${restApiStatus ?? 'an error'} to ${path}`);
    this.restApiStatus = restApiStatus;
  }
}

const restApiErrors: ReadonlySet<string | undefined> = new Set([
  'RestApiClientException',
  'RestApiServerException',
]);

/**
 * Reads from Airflow's REST API with `InvokeRestApi`, and returns Airflow's JSON unchecked.
 * https://docs.aws.amazon.com/mwaa/latest/API/API_InvokeRestApi.html
 *
 * @param access.endpoint `https://env.airflow.<region>.amazonaws.com`, or a stand-in's address
 * @throws RestApiError for an error of Airflow's; otherwise as {@link getFromMwaa}
 */
export async function readRestApi(
  access: MwaaAccess,
  mwaaEnvironment: string,
  { path, query }: RestApiRead,
  timeoutMs: number,
): Promise<unknown> {
  const request = {
    method: 'POST',
    path: `/restapi/${encodeURIComponent(mwaaEnvironment)}`,
    body: JSON.stringify({ Path: path, Method: 'GET', QueryParameters: query }),
  } as const;
  const { status, errorType, answer } = await askMwaa(access, request, timeoutMs);
  const { RestApiStatusCode: inner, RestApiResponse: response } = (answer ?? {}) as Record<
    string,
    unknown
  >;
  const restApiStatus = typeof inner === 'number' ? inner : undefined;
  if (status === 200 && (restApiStatus ?? 200) < 400) return response;
  if (status === 200 || restApiErrors.has(errorType)) throw new RestApiError(path, restApiStatus);
  throw serviceError(status, errorType, answer);
}

interface MwaaRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

/** The answer to a signed request; its body is JSON if the status is 200. */
async function askMwaa(
  access: MwaaAccess,
  { method, path, body }: MwaaRequest,
  timeoutMs: number,
): Promise<{ status: number; errorType: string | undefined; answer: unknown }> {
  const url = new URL(access.endpoint.replace(/\/$/, '') + path);
  const content = body === undefined ? {} : { body };
  const headers = await signedHeaders('airflow', access, {
    ...{ method, url, ...content },
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  });
  const sent = { method, headers, ...content };
  const { status, errorType, body: text } = await readAnswer(access, url, sent, timeoutMs);
  const answer = parseJson(text);
  if (status === 200 && answer === undefined) {
    throw new Error('MWAA answered 200 with a body that is not JSON');
  }
  return { status, errorType, answer };
}

function serviceError(
  status: number,
  errorType: string | undefined,
  answer: unknown,
): MwaaServiceError {
  const message = messageIn(answer) ?? `HTTP status ${status}`;
  return new MwaaServiceError(errorType ?? `HttpStatus${status}`, message, status);
}

async function readAnswer(
  access: MwaaAccess,
  url: URL,
  request: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  timeoutMs: number,
): Promise<{ status: number; errorType: string | undefined; body: string }> {
  try {
    const response = await access.fetch(url, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // In the header, a colon and the namespace of the error may follow its name.
    const errorType = response.headers.get('x-amzn-errortype')?.split(':')[0];
    return { status: response.status, errorType, body: await response.text() };
  } catch (cause) {
    const unreachable = new MwaaUnreachableError(`no answer from ${url.origin}`, { cause });
    if (isTimeout(cause)) {
      unreachable.name = cause.name;
    }
    throw unreachable;
  }
}

/** A timeout of `AbortSignal` is a DOMException, which is not an instance of this realm's Error. */
function isTimeout(cause: unknown): cause is { name: 'TimeoutError' } {
  return (
    typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError'
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** MWAA writes `message`; the gateway in front of it, which refuses by IAM, writes `Message`. */
function messageIn(answer: unknown): string | undefined {
  const { message, Message } = (answer ?? {}) as { message?: unknown; Message?: unknown };
  return [message, Message].find((text) => typeof text === 'string');
}
