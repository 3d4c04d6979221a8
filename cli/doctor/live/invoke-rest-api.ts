import type { MwaaAccess } from '../../../lambda/aws/mwaa-request.ts';
import { signedHeaders } from '../../../lambda/aws/signed-headers.ts';

/** A read of Airflow's REST API; the query may have lists. */
interface RestRead {
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
}

/** What MWAA answered, whatever it is. */
export interface LiveAnswer {
  /** MWAA's; undefined when there was no answer. */
  readonly httpStatus?: number;
  /** The name of MWAA's error, or of the one that prevented an answer. */
  readonly errorType?: string;
  /** Airflow's status, from inside of MWAA's answer. */
  readonly airflowStatus?: number;
  /** JSON; undefined when it was none. */
  readonly body?: unknown;
  readonly milliseconds: number;
}

const timeoutMs = 15_000;

/**
 * Calls InvokeRestApi for a GET, and returns the answer as it came: for those who want to see its form. Never
 * rejects.
 */
export async function invokeRestApi(
  access: MwaaAccess,
  mwaaEnvironment: string,
  { path, query = {} }: RestRead,
): Promise<LiveAnswer> {
  const url = new URL(
    `${access.endpoint.replace(/\/$/, '')}/restapi/${encodeURIComponent(mwaaEnvironment)}`,
  );
  const body = JSON.stringify({ Path: path, Method: 'GET', QueryParameters: query });
  const startedMs = performance.now();
  const milliseconds = () => Math.round(performance.now() - startedMs);
  try {
    const headers = await signedHeaders('airflow', access, {
      ...{ method: 'POST', url, body },
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
    const response = await access.fetch(url, {
      ...{ method: 'POST', headers, body, redirect: 'error' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const errorType = response.headers.get('x-amzn-errortype')?.split(':')[0];
    const answer = jsonOf(await response.text());
    const inner = (answer as { RestApiStatusCode?: unknown } | undefined)?.RestApiStatusCode;
    return {
      httpStatus: response.status,
      ...(errorType && { errorType }),
      ...(typeof inner === 'number' && { airflowStatus: inner }),
      ...(answer !== undefined && { body: answer }),
      milliseconds: milliseconds(),
    };
  } catch (error) {
    const errorType = error instanceof Error ? error.name : 'Error';
    return { errorType, milliseconds: milliseconds() };
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
