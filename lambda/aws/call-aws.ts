import { pipeline, Readable, Transform, type TransformCallback } from 'node:stream';
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { describeError, type Log } from '../common/log.ts';
import { type Backoff, DeadlineError, retryUntil, type Waiting } from '../common/retry.ts';
import type { Deadline } from '../common/time.ts';

/** What a failed AWS call means for the caller. */
export type AwsErrorKind =
  /** Too many calls or queries at the moment: nothing was done. */
  | 'throttled'
  /** The service could not be reached or said that it is unavailable: nothing was done. */
  | 'unavailable'
  /** The answer was lost: the call may have been carried out. */
  | 'lost-answer'
  | 'not-found'
  | 'denied'
  /** The window lies before a log group's creation or beyond its retention. */
  | 'no-data-possible'
  | 'other';

const throttlingNames = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'Throttling',
  'ThrottledException',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const deniedNames = new Set(['AccessDenied', 'AccessDeniedException']);
const unreachedCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const lostCodes = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
]);
const lostNames = new Set(['AbortError', 'TimeoutError']);

/**
 * Classifies an error of the AWS SDK by its name. AccessDenied and Throttling have nothing else to
 * go by: the service model does not list them.
 */
export function classifyAwsError(error: unknown): AwsErrorKind {
  if (!(error instanceof Error)) {
    return 'other';
  }
  const { name } = error;
  const status = httpStatus(error);
  if (throttlingNames.has(name) || status === 429) {
    return 'throttled';
  }
  if (deniedNames.has(name)) {
    return 'denied';
  }
  if (name === 'ResourceNotFoundException') {
    return 'not-found';
  }
  if (isMalformedQuery(error)) {
    return isAboutTheWindow(error.message) ? 'no-data-possible' : 'other';
  }
  const code = systemCode(error);
  if (name === 'ServiceUnavailableException' || status === 503 || unreachedCodes.has(code)) {
    return 'unavailable';
  }
  if (lostNames.has(name) || lostCodes.has(code) || (status !== undefined && status >= 500)) {
    return 'lost-answer';
  }
  return 'other';
}

/** Whether StartQuery refused a text, or a window: see {@link isAboutTheWindow}. */
export function isMalformedQuery(error: unknown): error is Error {
  return error instanceof Error && error.name === 'MalformedQueryException';
}

/**
 * MalformedQueryException means a syntax error, or a window outside of a group's life. Only the
 * message distinguishes them: "Query's end date and time is either before the log groups creation
 * time or exceeds the log groups log retention settings".
 */
function isAboutTheWindow(message: string): boolean {
  return /\bcreation time\b/i.test(message) && /\bretention settings?\b/i.test(message);
}

function httpStatus(error: Error): number | undefined {
  const metadata = (error as { $metadata?: { httpStatusCode?: number } }).$metadata;
  return metadata?.httpStatusCode;
}

/** The operating system's error code; `fetch` puts it into the cause. */
function systemCode(error: Error): string {
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') {
    return code;
  }
  return error.cause instanceof Error ? systemCode(error.cause) : '';
}

/** What every AWS call needs. */
export interface CallShell extends Waiting {
  readonly log: Log;
}

const callBackoff: Backoff = { firstMs: 200, factor: 2, maxMs: 10_000 };
/**
 * While the account runs as many queries as it may, a monitor that waits longer than others must not
 * ask more rarely than they do: all of them ask after 3 to 6 seconds, and have the same chance.
 */
const queryBackoff: Backoff = { firstMs: 6_000, factor: 1, maxMs: 6_000 };

/** Whether the account runs as many queries at once as it may, those of people included. */
function isAccountFull(error: unknown): boolean {
  return error instanceof Error && error.name === 'LimitExceededException';
}

/** How long a call may take that is made right at its deadline. */
export const callTimeoutMinMs = 1_000;
const callTimeoutMaxMs = 10_000;

/**
 * How long one HTTP call may take. A call made right at a deadline still gets a second: deadlines
 * leave more than that in reserve, see `tickDeadlines`.
 *
 * @param mayBeRepeated whether a second attempt may follow, for which half of the time is reserved
 *   @default false
 */
export function callTimeoutMs(deadline: Deadline, mayBeRepeated = false): number {
  const availableMs = Math.floor(deadline.remainingMs() / (mayBeRepeated ? 2 : 1));
  return Math.min(callTimeoutMaxMs, Math.max(callTimeoutMinMs, availableMs));
}

/**
 * Makes one AWS call, and retries it while it is throttled or the service is unavailable.
 *
 * The SDK's own retries are off: it retries a call whose answer was lost like any other, waits with
 * timers that no test can drive, and has no deadline.
 *
 * @param lostAnswersMax how often to retry a call that may have been carried out already
 * @throws DeadlineError when the time ran out, which is checked before the first attempt too, so
 *   that endless pages end as well; otherwise the call's own error
 */
export async function callAws<T>(
  operation: string,
  send: (options: { requestTimeout: number }) => Promise<T>,
  shell: CallShell,
  deadline: Deadline,
  lostAnswersMax: number,
): Promise<T> {
  if (deadline.remainingMs() === 0) {
    throw new DeadlineError(`no time is left for ${operation}`);
  }
  let lostAnswers = 0;
  const attempt = () => {
    const requestTimeout = callTimeoutMs(deadline, lostAnswers < lostAnswersMax);
    return send({ requestTimeout });
  };
  return retryUntil(attempt, shell, {
    deadline,
    backoff: (error) => (isAccountFull(error) ? queryBackoff : callBackoff),
    worthRetrying: (error) => {
      const kind = classifyAwsError(error);
      if (kind === 'lost-answer') {
        lostAnswers += 1;
        return lostAnswers <= lostAnswersMax;
      }
      return kind === 'throttled' || kind === 'unavailable';
    },
    onRetry: (error, waitMs) =>
      shell.log('warn', 'call-retried', {
        operation,
        waitMs: Math.round(waitMs),
        error: describeError(error),
      }),
  });
}

/**
 * Whether a call failed for a temporary reason: throttled, unavailable, answer lost, out of time.
 */
export function isPassingFailure(error: unknown): boolean {
  const kind = classifyAwsError(error);
  return (
    error instanceof DeadlineError ||
    kind === 'throttled' ||
    kind === 'unavailable' ||
    kind === 'lost-answer'
  );
}

/**
 * Bytes of one response of CloudWatch Logs, before it is read into memory. Parsed, it takes about
 * six times as much. The largest log event is 1 MB, which JSON's escapes can turn into 6 MB.
 */
export const responseBytesMax = 8 * 1024 * 1024;

/** A response that is too large for the memory and was not read: the caller requests fewer rows. */
export class ResponseTooLargeError extends Error {
  override readonly name = 'ResponseTooLargeError';
}

/** Makes a client refuse responses that are larger than {@link responseBytesMax}. */
export function limitResponses(client: CloudWatchLogsClient, bytesMax = responseBytesMax): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      limitBody(result.response, bytesMax);
      return result;
    },
    // Lowest priority: it sees the response before the middleware that reads its body.
    { step: 'deserialize', priority: 'low', name: 'limitResponseBytes' },
  );
}

function limitBody(response: unknown, bytesMax: number): void {
  if (typeof response !== 'object' || response === null) return;
  const body: unknown = Reflect.get(response, 'body');
  if (!(body instanceof Readable)) return;
  const headers: unknown = Reflect.get(response, 'headers');
  const announced = Number(
    typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'content-length') : '',
  );
  if (announced > bytesMax) {
    body.destroy();
    throw tooLarge(announced, bytesMax);
  }
  Reflect.set(response, 'body', counted(body, bytesMax));
}

/** Counts while reading, for a response that does not announce its length. */
function counted(body: Readable, bytesMax: number): Readable {
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(tooLarge(bytes, bytesMax));
      else done(null, chunk);
    },
  });
  // An error of either stream reaches the reader of the counter.
  return pipeline(body, counter, () => {});
}

function tooLarge(bytes: number, bytesMax: number): ResponseTooLargeError {
  return new ResponseTooLargeError(
    `a response of ${bytes} bytes or more is larger than the ${bytesMax} that are read at once`,
  );
}
