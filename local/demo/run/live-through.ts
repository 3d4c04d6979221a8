import { randomUUID } from 'node:crypto';
import { minuteMs } from '../../../lambda/common/time.ts';
import {
  type PublishedDigest,
  type PublishedFinding,
  type PublishedMinimal,
  publishedDigestSchema,
  publishedFindingSchema,
  publishedMinimalSchema,
} from '../../../lambda/model/finding.ts';
import { severityRank } from '../../../lambda/model/severity.ts';
import { alarmNotification } from '../../alarms/alarm-book.ts';
import type { AlarmEvaluator, AlarmStateChange } from '../../alarms/alarm-evaluator.ts';
import type { AwsEndpoints } from '../../aws-endpoints/aws-endpoints.ts';
import type { VirtualClock } from '../../clock.ts';
import type { TopicMessage } from '../../recorders.ts';
import { type NotificationResult, type TickResult, tickReading } from '../result/demo-result.ts';
import type { InvokedMessage } from './lambda-messages.ts';

/** A message to the findings topic: one finding, a digest of many, or only ids. */
export interface FindingNotification {
  readonly atEpochMs: number;
  readonly subject: string;
  /** The text of the mail. */
  readonly email: string;
  readonly published: PublishedFinding | PublishedDigest | PublishedMinimal;
}

/**
 * Reads a message of the findings topic as its subscribers receive it: the mail, and the JSON for
 * machines.
 *
 * @throws Error when it does not match the published schemas
 */
export function readFindingNotification(message: TopicMessage): FindingNotification {
  const { messageByProtocol = {}, subject = '', publishedEpochMs, messageId } = message;
  const json: unknown = JSON.parse(messageByProtocol.default ?? 'null');
  const finding = publishedFindingSchema.safeParse(json);
  const digest = publishedDigestSchema.safeParse(json);
  const minimal = publishedMinimalSchema.safeParse(json);
  const published = finding.data ?? digest.data ?? minimal.data;
  if (published === undefined) {
    throw new Error(
      `the message ${messageId} of the findings topic is neither a finding nor a digest`,
    );
  }
  const email = messageByProtocol.email ?? '';
  return { atEpochMs: publishedEpochMs, subject, email, published };
}

interface ReplayParts {
  readonly ticks: readonly number[];
  /** The ticks without an invocation. @default - none */
  readonly missed?: ReadonlySet<number>;
  readonly everyMinutes: number;
  readonly clock: VirtualClock;
  readonly endpoints: Pick<AwsEndpoints, 'metrics' | 'notifications'>;
  readonly evaluator: Pick<AlarmEvaluator, 'evaluate'>;
  readonly functionName: string;
  readonly findingsTopicArn: string;
  readonly invoke: (tickEpochMs: number) => Promise<InvokedMessage>;
}

/** Callbacks during a replay. */
export interface ReplayObserver {
  readonly onTick?: (done: number, total: number) => void;
  /** Called after each tick with what it read, or for a missed tick. */
  readonly onReading?: (tick: TickResult) => void;
  /** Called for each notified finding or digest. */
  readonly onFinding?: (notification: FindingNotification) => void;
  /** Called with each change and its notifications. */
  readonly onStateChange?: (
    change: AlarmStateChange,
    notifications: readonly NotificationResult[],
  ) => void;
}

export interface Replay {
  readonly ticks: readonly TickResult[];
  readonly changes: readonly AlarmStateChange[];
  readonly notifications: readonly NotificationResult[];
  readonly findings: readonly FindingNotification[];
  readonly connections: readonly string[];
  readonly refusedConnections: readonly string[];
}

/**
 * Replays a session tick by tick: at each tick the monitor runs, then the alarms are evaluated at
 * every full minute until the next tick, and their notifications are published.
 */
export async function replay(parts: ReplayParts, observer: ReplayObserver = {}): Promise<Replay> {
  const ticks: TickResult[] = [];
  const changes: AlarmStateChange[] = [];
  const notifications: NotificationResult[] = [];
  const findings: FindingNotification[] = [];
  let taken = parts.endpoints.notifications.all().length;
  let last: InvokedMessage | undefined;

  for (const tickEpochMs of parts.ticks) {
    parts.clock.set(tickEpochMs);
    if (parts.missed?.has(tickEpochMs)) {
      ticks.push({ tickEpochMs, missed: true, durationMs: 0 });
    } else {
      last = await parts.invoke(tickEpochMs);
      putLambdaMetrics(parts, tickEpochMs, last);
      ticks.push(tickResult(tickEpochMs, last));
    }
    const tick = ticks.at(-1);
    if (tick !== undefined) observer.onReading?.(tick);

    const all = parts.endpoints.notifications.all();
    const published = all
      .slice(taken)
      .filter(({ topicArn }) => topicArn === parts.findingsTopicArn)
      .map(readFindingNotification);
    for (const finding of published.toSorted(inOneTick)) {
      findings.push(finding);
      observer.onFinding?.(finding);
    }

    for (let minute = 1; minute <= parts.everyMinutes; minute++) {
      parts.clock.set(tickEpochMs + minute * minuteMs);
      for (const change of parts.evaluator.evaluate(parts.clock.nowEpochMs())) {
        const published = publish(change, parts);
        changes.push(change);
        notifications.push(...published);
        observer.onStateChange?.(change, published);
      }
    }
    taken = parts.endpoints.notifications.all().length;
    observer.onTick?.(ticks.length, parts.ticks.length);
  }
  const { connections = [], refusedConnections = [] } = last ?? {};
  return { ticks, changes, notifications, findings, connections, refusedConnections };
}

/**
 * The order of a tick's messages in the demo: findings before digests, the worst first. The monitor
 * itself publishes in an order that it draws anew each time, so that no attacker can count on it, and two
 * runs would differ.
 */
function inOneTick({ published: a }: FindingNotification, { published: b }: FindingNotification) {
  const order = (one: FindingNotification['published']) =>
    one.kind === 'digest' || one.kind === 'minimal'
      ? { isSingle: 0, firstSeen: '', id: JSON.stringify(one.findings.map(({ id }) => id)) }
      : { isSingle: 1, firstSeen: one.firstSeen, id: one.id };
  const [left, right] = [order(a), order(b)];
  return (
    right.isSingle - left.isSingle ||
    severityRank(b.severity) - severityRank(a.severity) ||
    compareTexts(left.firstSeen, right.firstSeen) ||
    compareTexts(left.id, right.id)
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function tickResult(tickEpochMs: number, invoked: InvokedMessage): TickResult {
  const { durationMs, error, returned } = invoked;
  const reading = tickReading(returned);
  return {
    ...{ tickEpochMs, durationMs },
    ...(error !== undefined && { error }),
    ...(reading && { reading }),
  };
}

/** Puts the metrics of the Lambda service; the alarm on failures needs them. */
function putLambdaMetrics(
  { endpoints, functionName }: ReplayParts,
  tickEpochMs: number,
  { error, durationMs }: InvokedMessage,
): void {
  const put = (metricName: string, unit: string, value: number) => {
    const dimensions = { FunctionName: functionName };
    const metric = { namespace: 'AWS/Lambda', metricName, dimensions, unit };
    endpoints.metrics.putValue(metric, value, tickEpochMs);
  };
  put('Invocations', 'Count', 1);
  put('Errors', 'Count', error === undefined ? 0 : 1);
  put('Duration', 'Milliseconds', durationMs);
}

function publish(change: AlarmStateChange, { endpoints }: ReplayParts): NotificationResult[] {
  const { topicArns, subject, message, email } = alarmNotification(change);
  return topicArns.map((topicArn) => {
    const publishedEpochMs = change.epochMs;
    const messageId = randomUUID();
    endpoints.notifications.record({
      topicArn,
      subject,
      message,
      attributes: {},
      messageId,
      publishedEpochMs,
    });
    return {
      atEpochMs: change.epochMs,
      alarmName: change.alarm.name,
      state: change.newState,
      subject,
      reason: change.reason,
      topicArn,
      message,
      email,
    };
  });
}
