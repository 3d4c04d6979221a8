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
  const url = new URL(access.endpoint.replace(/\/$/, '') + path);
  const headers = await signedHeaders('airflow', access, {
    ...{ method: 'GET', url },
    headers: { accept: 'application/json' },
  });
  const { status, errorType, body } = await readAnswer(access, url, headers, timeoutMs);
  const answer = parseJson(body);
  if (status === 200 && answer !== undefined) {
    return answer;
  }
  if (status === 200) {
    throw new Error('MWAA answered 200 with a body that is not JSON');
  }
  const message = messageIn(answer) ?? `HTTP status ${status}`;
  throw new MwaaServiceError(errorType ?? `HttpStatus${status}`, message, status);
}

async function readAnswer(
  access: MwaaAccess,
  url: URL,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<{ status: number; errorType: string | undefined; body: string }> {
  try {
    const response = await access.fetch(url, {
      headers,
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
