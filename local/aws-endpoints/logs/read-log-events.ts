import { z } from 'zod';
import type {
  EventPosition,
  MessageTerms,
  StoredEvent,
} from '../../insights-engine/engine-types.ts';
import { defineOperation } from '../protocol/operation.ts';
import {
  checkLogStreams,
  chosenLogGroup,
  eventStoreOf,
  invalidParameter,
  type LogsContext,
  logGroupIdentifierSchema,
  logGroupNameSchema,
  logStreamNameSchema,
} from './existing-logs.ts';

/** `?term`, `-term` or `term`; the term is bare, or in double quotes with `\` as escape. */
const termPattern = /\s*(?<sign>[?-]?)(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"]+))(?=\s|$)/sy;

/**
 * Parses a filter pattern of terms: all plain terms, any of those with `?`, none of those with `-`.
 * A term matches anywhere in the message, case-sensitively; terms with `?` next to other terms are
 * ignored. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 *
 * @throws AwsError for an invalid pattern, and for patterns of JSON, columns and `%regular
 *   expressions%`
 */
function readFilterPattern(pattern: string): MessageTerms {
  const text = pattern.trim();
  const unsupported = unsupportedKind(text);
  if (unsupported !== undefined) {
    throw invalidParameter(
      `filterPattern: ${unsupported} are not supported here, only terms, "phrases", ?alternatives and -exclusions; got ${pattern}`,
    );
  }
  const terms: Record<'' | '?' | '-', string[]> = { '': [], '?': [], '-': [] };
  for (let at = 0; at < text.length; ) {
    termPattern.lastIndex = at;
    const { sign, quoted, bare } = termPattern.exec(text)?.groups ?? {};
    if (quoted === undefined && bare === undefined) {
      throw invalidParameter(`Invalid filter pattern: no term starts at character ${at + 1}`);
    }
    if (bare !== undefined && !/^[\p{L}\p{N}_]+$/u.test(bare)) {
      throw invalidParameter(
        `Invalid character(s) in term '${bare}': put terms that are not alphanumeric in double quotes`,
      );
    }
    const kind = sign === '?' || sign === '-' ? sign : '';
    terms[kind].push(bare ?? (quoted ?? '').replace(/\\(.)/gs, '$1'));
    at = termPattern.lastIndex;
  }
  const isMixed = terms[''].length + terms['-'].length > 0;
  return { all: terms[''], any: isMixed ? [] : terms['?'], none: terms['-'] };
}

function unsupportedKind(text: string): string | undefined {
  if (text.startsWith('{')) return 'patterns for JSON events ({ … })';
  if (text.startsWith('[')) return 'patterns for space-delimited events ([ … ])';
  return /(?:^|\s)[?-]?%/.test(text.replace(/"(?:[^"\\]|\\.)*"/gs, '""'))
    ? 'regular expressions (% … %)'
    : undefined;
}

/** Input that FilterLogEvents and GetLogEvents share. */
const eventPageInput = {
  logGroupName: logGroupNameSchema.optional(),
  logGroupIdentifier: logGroupIdentifierSchema.optional(),
  /** Epoch milliseconds. */
  startTime: z.int().min(0).optional(),
  endTime: z.int().min(0).optional(),
  nextToken: z.string().min(1).optional(),
  limit: z.int().min(1).max(10_000).default(10_000),
  startFromHead: z.boolean().optional(),
};

/** Maximum bytes of messages in one response. */
const maxPageBytes = 1_048_576;

/**
 * @throws AwsError unless the class is STANDARD: AWS supports both operations for that class only
 */
function checkClass(logGroup: string, { logGroupSettings }: LogsContext): void {
  const logGroupClass = logGroupSettings.get(logGroup)?.logGroupClass ?? 'STANDARD';
  if (logGroupClass === 'STANDARD') return;
  throw invalidParameter(`events of a log group of class ${logGroupClass} cannot be listed`);
}

function outputEvent({ timestamp, ingestionTime, message }: StoredEvent) {
  return { timestamp, message, ingestionTime };
}

/**
 * Where the next page of events starts: after an event (exclusive), towards later or earlier ones.
 */
interface EventToken {
  readonly direction: 'forward' | 'backward';
  readonly from: EventPosition;
}

function writeToken({ direction, from }: EventToken): string {
  return `${direction[0]}/${from.timestamp}.${from.ingestionTime}.${from.sequence}/s`;
}

/** @throws AwsError for a token that {@link writeToken} did not write */
function readToken(text: string): EventToken {
  const [, letter, ...digits] = /^([fb])\/(\d{1,15})\.(\d{1,15})\.(\d{1,15})\/s$/.exec(text) ?? [];
  const [timestamp, ingestionTime, sequence] = digits.map(Number);
  if (timestamp === undefined || ingestionTime === undefined || sequence === undefined) {
    throw invalidParameter('The specified nextToken is invalid.');
  }
  return {
    direction: letter === 'f' ? 'forward' : 'backward',
    from: { timestamp, ingestionTime, sequence },
  };
}

const input = z.object({
  ...eventPageInput,
  logStreamNames: z.array(logStreamNameSchema).min(1).max(100).optional(),
  logStreamNamePrefix: logStreamNameSchema.optional(),
  filterPattern: z.string().max(1024).default(''),
});

/** The earliest startTime with which AWS lists the newest events first. */
const newestFirstFromEpochMs = Date.UTC(2024, 0, 1);

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 *
 * The time range includes both ends. A page is empty only when no events follow.
 */
export const filterLogEvents = defineOperation(
  'FilterLogEvents',
  'InvalidParameterException',
  input,
  async (request, context: LogsContext) => {
    const { logStreamNames, logStreamNamePrefix, startTime = 0, endTime, limit } = request;
    if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
      throw invalidParameter('logStreamNames and logStreamNamePrefix cannot both be given');
    }
    if (endTime !== undefined && endTime < startTime) {
      throw invalidParameter(`endTime ${endTime} is before startTime ${startTime}`);
    }
    if (request.startFromHead === false && startTime < newestFirstFromEpochMs) {
      throw invalidParameter(
        `startFromHead can be false only when startTime is on or after 2024-01-01 (${newestFirstFromEpochMs}), got ${startTime}`,
      );
    }
    const terms = readFilterPattern(request.filterPattern);
    const token = request.nextToken === undefined ? undefined : readToken(request.nextToken);
    const logGroup = await chosenLogGroup(request, context);
    await checkLogStreams(logGroup, logStreamNames ?? [], context);
    checkClass(logGroup, context);

    const descending = token ? token.direction === 'backward' : request.startFromHead === false;
    const { events, hasMore } = await eventStoreOf(context).readEvents({
      ...{ logGroup, terms, descending, maxEvents: limit, maxBytes: maxPageBytes },
      ...(logStreamNames && { logStreams: logStreamNames }),
      ...(logStreamNamePrefix !== undefined && { logStreamPrefix: logStreamNamePrefix }),
      ...(token && { after: token.from }),
      firstEpochMs: startTime,
      lastEpochMs: endTime ?? Number.MAX_SAFE_INTEGER,
      nowEpochMs: context.clock.nowEpochMs(),
    });
    const last = events.at(-1);
    const direction = descending ? 'backward' : 'forward';
    return {
      events: events.map((event) => ({
        logStreamName: event.logStream,
        ...outputEvent(event),
        // Unique in a group, and as long as AWS's ids.
        eventId: String(event.sequence).padStart(56, '0'),
      })),
      searchedLogStreams: [],
      ...(hasMore && last && { nextToken: writeToken({ direction, from: last }) }),
    };
  },
);

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 *
 * `startTime` is inclusive, `endTime` exclusive. Pages are in order of time in both directions; a
 * token without further events is returned unchanged.
 */
export const getLogEvents = defineOperation(
  'GetLogEvents',
  'InvalidParameterException',
  z.object({ ...eventPageInput, logStreamName: logStreamNameSchema }),
  async (request, context: LogsContext) => {
    const { logStreamName, startTime = 0, endTime, limit, startFromHead = false } = request;
    const token = request.nextToken === undefined ? undefined : readToken(request.nextToken);
    const logGroup = await chosenLogGroup(request, context);
    await checkLogStreams(logGroup, [logStreamName], context);
    checkClass(logGroup, context);

    const descending = token ? token.direction === 'backward' : !startFromHead;
    const { events } = await eventStoreOf(context).readEvents({
      ...{ logGroup, logStreams: [logStreamName], descending },
      ...{ maxEvents: limit, maxBytes: maxPageBytes },
      ...(token && { after: token.from }),
      firstEpochMs: startTime,
      lastEpochMs: endTime === undefined ? Number.MAX_SAFE_INTEGER : endTime - 1,
      nowEpochMs: context.clock.nowEpochMs(),
    });
    const inOrder = descending ? events.toReversed() : events;
    return { events: inOrder.map(outputEvent), ...tokensAround(inOrder, token) };
  },
);

/** Before all events: sequences start at 1. */
const start: EventPosition = { timestamp: 0, ingestionTime: 0, sequence: 0 };

function tokensAround(events: readonly StoredEvent[], token: EventToken | undefined) {
  const tokens = (first: EventPosition, last: EventPosition) => ({
    nextForwardToken: writeToken({ direction: 'forward', from: last }),
    nextBackwardToken: writeToken({ direction: 'backward', from: first }),
  });
  const [first] = events;
  const last = events.at(-1);
  if (first !== undefined && last !== undefined) return tokens(first, last);
  if (token === undefined) return tokens(start, start);
  // Without further events, the opposite direction starts with the event that the token names.
  const { direction, from } = token;
  return direction === 'forward'
    ? tokens({ ...from, sequence: from.sequence + 1 }, from)
    : tokens(from, { ...from, sequence: Math.max(from.sequence - 1, 0) });
}
