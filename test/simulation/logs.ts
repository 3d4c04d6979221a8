import { awsError } from '../lambda/aws-error.ts';
import { documentedQuery, packRowsMax } from './config.ts';
import type { World } from './world.ts';

export interface SimulatedEvent {
  readonly logGroup: string;
  readonly logStream: string;
  readonly timestamp: number;
  readonly message: string;
  /** When it came in, and when queries begin to find it. */
  readonly visibleEpochMs: number;
  /** Its user, if it is of a change. */
  readonly user?: string;
}

interface SimulatedGroup {
  createdEpochMs: number;
  events: SimulatedEvent[];
}

/** One query, as the simulated Logs Insights knows it. */
interface RunningQuery {
  readonly input: QueryInput;
  readonly readyEpochMs: number;
  readonly end: 'Complete' | 'Failed' | 'Timeout' | 'Cancelled' | 'Unknown' | 'never';
  readonly rows: readonly Row[];
  readonly showsPartialRows: boolean;
  readonly scansFewer: boolean;
}

export interface QueryInput {
  readonly queryString: string;
  readonly logGroupNames: readonly string[];
  readonly startTime: number;
  readonly endTime: number;
}

type Row = readonly { readonly field: string; readonly value: string }[];

/** One span of one group, as a slice has it. */
interface Span {
  readonly logGroup: string;
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

const account = '123456789012';

/** CloudWatch Logs with its groups and queries. */
export class SimulatedLogs {
  readonly #world: World;
  readonly groups = new Map<string, SimulatedGroup>();
  /** Groups that nobody may query at the moment. */
  readonly denied = new Set<string>();
  readonly #queries = new Map<string, RunningQuery>();
  readonly #completeCounts = new Map<string, number[]>();
  queryFaultRate = 0;

  constructor(world: World, logGroups: readonly string[], createdEpochMs: number) {
    this.#world = world;
    for (const logGroup of logGroups) this.groups.set(logGroup, { createdEpochMs, events: [] });
  }

  put(event: SimulatedEvent): void {
    this.groups.get(event.logGroup)?.events.push(event);
  }

  describe() {
    return {
      logGroups: [...this.groups].map(([logGroupName, { createdEpochMs }]) => ({
        logGroupName,
        creationTime: createdEpochMs,
      })),
    };
  }

  start(input: QueryInput): { queryId: string } {
    for (const name of input.logGroupNames) {
      if (!this.groups.has(name)) throw awsError('ResourceNotFoundException', `no ${name}`);
      if (this.denied.has(name)) throw awsError('AccessDeniedException', `not ${name}`);
    }
    const isTooEarly = input.logGroupNames.every(
      (name) => (this.groups.get(name)?.createdEpochMs ?? 0) > input.endTime * 1000 + 999,
    );
    if (isTooEarly) {
      throw awsError(
        'MalformedQueryException',
        "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings ([0,79])",
      );
    }
    const queryId = `query-${this.#queries.size}`;
    const { random } = this.#world;
    const isFaulty = random.chance(this.queryFaultRate);
    const end = isFaulty
      ? random.pick(['Failed', 'Timeout', 'Cancelled', 'Unknown', 'never'] as const)
      : 'Complete';
    this.#queries.set(queryId, {
      input,
      end,
      readyEpochMs: this.#world.nowEpochMs + random.whole(50, 1_500),
      rows: input.queryString === documentedQuery ? this.#count(input) : this.#pack(input),
      showsPartialRows: random.chance(this.queryFaultRate),
      scansFewer: random.chance(this.queryFaultRate / 4),
    });
    return { queryId };
  }

  results(queryId: string) {
    const query = this.#queries.get(queryId);
    if (query === undefined) throw awsError('ResourceNotFoundException', queryId);
    const statistics = {
      bytesScanned: 1_000,
      logGroupsScanned: query.input.logGroupNames.length - (query.scansFewer ? 1 : 0),
    };
    if (query.end === 'never' || this.#world.nowEpochMs < query.readyEpochMs) {
      if (query.end === 'never') this.#world.strikes.count('query never ending');
      const results = query.showsPartialRows ? query.rows.slice(0, 1) : [];
      if (results.length > 0) this.#world.strike('partial rows while Running');
      return { status: 'Running', results, statistics };
    }
    if (query.end !== 'Complete') {
      this.#world.strike(`query ${query.end}`, queryId);
      if (query.end === 'Unknown') this.#queries.set(queryId, { ...query, end: 'Complete' });
      return { status: query.end, results: query.rows.slice(0, 1), statistics };
    }
    if (query.scansFewer) this.#world.strikes.count('fewer groups scanned');
    this.#complete(query);
    return { status: 'Complete', results: query.rows, statistics };
  }

  stop(queryId: string) {
    const query = this.#queries.get(queryId);
    if (query === undefined) throw awsError('ResourceNotFoundException', queryId);
    this.#queries.set(queryId, { ...query, end: 'Cancelled' });
    return { success: true };
  }

  /** Of the documented query, what answers that were complete said of a span of a group. */
  countsOf(span: Span): readonly number[] {
    return this.#completeCounts.get(keyOf(span)) ?? [];
  }

  #complete({ input, rows }: RunningQuery): void {
    if (input.queryString !== documentedQuery) {
      if (rows.length >= packRowsMax) this.#world.strike('rows cut off');
      return;
    }
    for (const logGroup of input.logGroupNames) {
      const row = rows.find(([log]) => log?.value === `${account}:${logGroup}`);
      const span = {
        logGroup,
        startEpochMs: input.startTime * 1000,
        endEpochMs: (input.endTime + 1) * 1000,
      };
      const counts = this.countsOf(span);
      this.#completeCounts.set(keyOf(span), [...counts, Number(row?.[1]?.value ?? 0)]);
    }
  }

  /** What can be seen of the groups at the moment, within whole seconds, both ends included. */
  #visible({ logGroupNames, startTime, endTime }: QueryInput): SimulatedEvent[] {
    return logGroupNames.flatMap((name) => {
      const { createdEpochMs = 0, events = [] } = this.groups.get(name) ?? {};
      return events.filter(
        ({ timestamp, visibleEpochMs }) =>
          visibleEpochMs <= this.#world.nowEpochMs &&
          timestamp >= createdEpochMs &&
          timestamp >= startTime * 1000 &&
          timestamp <= endTime * 1000 + 999,
      );
    });
  }

  #count(input: QueryInput): Row[] {
    const found = this.#visible(input).filter(({ message }) => message.includes('add-role'));
    return [...Map.groupBy(found, ({ logGroup }) => logGroup)].map(([logGroup, events]) => [
      { field: '@log', value: `${account}:${logGroup}` },
      { field: 'count()', value: String(events.length) },
    ]);
  }

  #pack(input: QueryInput): Row[] {
    return this.#visible(input)
      .map((event) => ({ event, flags: flagsOf(event.message) }))
      .filter(({ flags }) => Object.values(flags).includes('1'))
      .sort((a, b) => a.event.timestamp - b.event.timestamp)
      .slice(0, packRowsMax)
      .map(({ event, flags }) =>
        Object.entries({
          '@timestamp': shown(event.timestamp),
          '@ingestionTime': shown(event.visibleEpochMs),
          '@log': `${account}:${event.logGroup}`,
          '@logStream': event.logStream,
          '@message': event.message,
          ...flags,
        }).map(([field, value]) => ({ field, value })),
      );
  }
}

/** Whether the pack's filters let a message through. */
export function flagsOf(message: string) {
  const flag = (is: boolean) => (is ? '1' : '0');
  return {
    d00: flag(message.includes('add-role')),
    d01: flag(message.includes('added to role')),
    d02: flag(message.includes('airflow users')),
  };
}

function keyOf({ logGroup, startEpochMs, endEpochMs }: Span): string {
  return `${logGroup} ${startEpochMs} ${endEpochMs}`;
}

function shown(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('T', ' ').replace('Z', '');
}
