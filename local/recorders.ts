import { minuteMs } from '../lambda/common/time.ts';

/** Identifies one CloudWatch metric; different dimensions make a different metric. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What CloudWatch stores of the values put for one metric and minute. */
export interface StatisticSet {
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

interface MetricDatum extends MetricIdentity {
  readonly timestampEpochMs: number;
  /** @default None */
  readonly unit?: string;
  readonly statistics: StatisticSet;
}

/** All values of one metric and minute, from any number of puts. */
interface MetricPoint {
  /** Start of the minute. */
  readonly startEpochMs: number;
  readonly unit: string;
  readonly statistics: StatisticSet;
}

interface MetricSeries extends MetricIdentity {
  /** Ordered by time, then unit. */
  readonly points: readonly MetricPoint[];
}

/**
 * Stores the values given to PutMetricData as CloudWatch does at standard resolution: one statistic
 * set per metric, unit and minute. A repeated put adds to Sum and SampleCount and leaves Maximum
 * and Minimum unchanged (PutMetricData has no idempotency token).
 */
export class MetricRecorder {
  readonly #series = new Map<
    string,
    { identity: MetricIdentity; points: Map<string, MetricPoint> }
  >();

  put({ namespace, metricName, dimensions, unit = 'None', ...datum }: MetricDatum): void {
    const identity = { namespace, metricName, dimensions };
    const key = identityKey(identity);
    const series = this.#series.get(key) ?? { identity, points: new Map<string, MetricPoint>() };
    this.#series.set(key, series);

    const startEpochMs = Math.floor(datum.timestampEpochMs / minuteMs) * minuteMs;
    const pointKey = `${startEpochMs} ${unit}`;
    const known = series.points.get(pointKey);
    const statistics = known ? merge(known.statistics, datum.statistics) : datum.statistics;
    series.points.set(pointKey, { startEpochMs, unit, statistics });
  }

  /** Puts a single value, as `PutMetricData` does with `Value`. */
  putValue(identity: MetricIdentity & { unit?: string }, value: number, epochMs: number): void {
    const statistics = { sampleCount: 1, sum: value, minimum: value, maximum: value };
    this.put({ ...identity, timestampEpochMs: epochMs, statistics });
  }

  /**
   * The values of `[startEpochMs, endEpochMs)`, of one unit or of all.
   *
   * @returns undefined when there is no value: missing is not zero
   */
  read(
    identity: MetricIdentity,
    startEpochMs: number,
    endEpochMs: number,
    unit?: string,
  ): StatisticSet | undefined {
    let total: StatisticSet | undefined;
    for (const point of this.#series.get(identityKey(identity))?.points.values() ?? []) {
      if (point.startEpochMs < startEpochMs || point.startEpochMs >= endEpochMs) continue;
      if (unit !== undefined && point.unit !== unit) continue;
      total = total ? merge(total, point.statistics) : point.statistics;
    }
    return total;
  }

  /** Every metric that was put, ordered by namespace, name and dimensions. */
  series(): MetricSeries[] {
    return [...this.#series.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { identity, points }]) => ({
        ...identity,
        points: [...points.values()].sort(
          (a, b) => a.startEpochMs - b.startEpochMs || (a.unit < b.unit ? -1 : 1),
        ),
      }));
  }
}

function identityKey({ namespace, metricName, dimensions }: MetricIdentity): string {
  const sorted = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metricName, sorted]);
}

function merge(a: StatisticSet, b: StatisticSet): StatisticSet {
  return {
    sampleCount: a.sampleCount + b.sampleCount,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
}

/**
 * Attribute values, as filter policies compare them:
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
 */
export type AttributeValue = string | readonly (string | number | boolean | null)[];

/** One message as a topic received it. */
export interface TopicMessage {
  readonly topicArn: string;
  /** @default - the message has no subject */
  readonly subject?: string;
  /** As sent; for a message with a text per protocol, the JSON object. */
  readonly message: string;
  /**
   * The text for each protocol; `default` is for all others.
   *
   * @default - one message for all protocols
   */
  readonly messageByProtocol?: Readonly<Record<string, string>>;
  /** A `String.Array` appears as an array. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly messageId: string;
  /** By the endpoints' clock, in epoch milliseconds. */
  readonly publishedEpochMs: number;
}

/** Stores published messages in order of arrival. */
export class NotificationRecorder {
  readonly #notifications: TopicMessage[] = [];

  record(notification: TopicMessage): void {
    this.#notifications.push(notification);
  }

  all(): readonly TopicMessage[] {
    return this.#notifications;
  }
}
