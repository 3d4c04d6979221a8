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
