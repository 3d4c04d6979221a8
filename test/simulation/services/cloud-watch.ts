import type {
  GetMetricDataCommandInput,
  PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';

/** What the alarms would read of one metric: the maximum by minute (epoch milliseconds). */
export type Maxima = Map<number, number>;

/** One value that was put. */
export interface PutValue {
  readonly name: string;
  /** Absent for a metric of the whole environment. */
  readonly logGroup: string | undefined;
  readonly epochMs: number;
  readonly value: number;
}

/** CloudWatch's metrics, as far as the monitor puts and gets them. */
export class SimulatedCloudWatch {
  readonly #maxima = new Map<string, Maxima>();
  readonly #incomingEvents: (logGroup: string, fromEpochMs: number, toEpochMs: number) => number;

  /** @param incomingEvents counts what came into a log group: `AWS/Logs IncomingLogEvents` */
  constructor(
    incomingEvents: (logGroup: string, fromEpochMs: number, toEpochMs: number) => number,
  ) {
    this.#incomingEvents = incomingEvents;
  }

  maxima(name: string, logGroup = ''): Maxima {
    const key = `${name}/${logGroup}`;
    const maxima = this.#maxima.get(key) ?? new Map<number, number>();
    this.#maxima.set(key, maxima);
    return maxima;
  }

  /** The sum of all minutes' maxima. */
  sumOfMaxima(name: string, logGroup?: string): number {
    return [...this.maxima(name, logGroup).values()].reduce((sum, value) => sum + value, 0);
  }

  putMetricData({ MetricData = [] }: PutMetricDataCommandInput): readonly PutValue[] {
    return MetricData.map(({ MetricName = '', Dimensions = [], Timestamp, Value = 0 }) => {
      const logGroup = Dimensions.find(({ Name }) => Name === 'LogGroup')?.Value;
      const epochMs = Timestamp?.getTime() ?? 0;
      const maxima = this.maxima(MetricName, logGroup);
      maxima.set(epochMs, Math.max(maxima.get(epochMs) ?? 0, Value));
      return { name: MetricName, logGroup, epochMs, value: Value };
    });
  }

  getMetricData({ MetricDataQueries = [], StartTime, EndTime }: GetMetricDataCommandInput) {
    const [fromEpochMs, toEpochMs] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
    return {
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }) => {
        const logGroup = MetricStat?.Metric?.Dimensions?.[0]?.Value ?? '';
        // Queries by the minute ask for the sum alone.
        const isHourly = MetricStat?.Period === 3600;
        const stepMs = isHourly ? 3_600_000 : toEpochMs - fromEpochMs;
        const steps = Math.round((toEpochMs - fromEpochMs) / stepMs);
        const counts = Array.from({ length: steps }, (_, at) => {
          const start = fromEpochMs + at * stepMs;
          return { start, count: this.#incomingEvents(logGroup, start, start + stepMs) };
        }).filter(({ count }) => count > 0);
        // The metric is not published where nothing comes in.
        return {
          Id,
          Timestamps: counts.map(({ start }) => new Date(start)),
          Values: counts.map(({ count }) => count),
        };
      }),
    };
  }
}
