import type {
  GetMetricDataCommandInput,
  PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch';
import type {
  GetLogEventsCommandInput,
  GetQueryResultsCommandInput,
  StartQueryCommandInput,
  StopQueryCommandInput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import { dayMs, minuteMs } from '../../../lambda/common/time.ts';
import { logGroupName, logTypes } from '../../../lambda/model/log-types.ts';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import type { ServiceName } from '../faults/fault-kinds.ts';
import { simulatedPlan } from '../plan.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedCloudWatch } from '../services/cloud-watch.ts';
import { SimulatedDynamo } from '../services/dynamo.ts';
import { firstEvents } from '../services/first-events.ts';
import { SimulatedInsights } from '../services/insights.ts';
import { SimulatedLogGroup } from '../services/log-groups.ts';
import { environmentAnswer, fetchAnswer } from '../services/mwaa.ts';
import { serviceError } from '../services/service-error.ts';
import { readMessage, type SentMessage } from '../services/sns.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { Container, type MakeCall } from '../world/container.ts';
import { Invocation, type InvocationEnd } from '../world/invocation.ts';
import type { AccountQuota } from './account-quota.ts';

const timeoutMs = 5 * minuteMs;
const retryAfterMs = minuteMs;
const callMs = { min: 4, max: 40 };
const packRowsMax = 500;

/** The world that the members of a fleet share. */
export interface FleetWorld {
  readonly time: VirtualTime;
  readonly quota: AccountQuota;
  /** Whether CloudWatch Logs answers at a moment. */
  readonly isLogsDown: (epochMs: number) => boolean;
}

/** One environment with its logs, its monitor and its monitor's ledger. */
export class FleetMember {
  readonly config: RuntimeConfig;
  readonly dynamo = new SimulatedDynamo();
  readonly cloudWatch = new SimulatedCloudWatch((_logGroup, from, to) => (to - from) / minuteMs);
  readonly messages: SentMessage[] = [];
  readonly groups: ReadonlyMap<string, SimulatedLogGroup>;
  /** Runs that Lambda killed because their time was over. */
  killed = 0;
  readonly #world: FleetWorld;
  readonly #insights: SimulatedInsights;
  readonly #random: SeededRandom;
  readonly #running = new Map<string, ReturnType<AccountQuota['startQuery']>>();
  readonly #idle: Container[] = [];
  #invocations = 0;
  #newIds = 0;

  constructor(
    world: FleetWorld,
    settings: Omit<RuntimeConfig, 'findingsTopicArn' | 'ledgerTableName'>,
    startEpochMs: number,
  ) {
    const { mwaaEnvironment } = settings;
    this.#world = world;
    this.#random = new SeededRandom(mwaaEnvironment);
    this.config = {
      ...settings,
      findingsTopicArn: 'arn:aws:sns:eu-west-1:123456789012:findings',
      ledgerTableName: 'ledger',
    };
    this.groups = new Map(
      logTypes
        .map((logType) => logGroupName(mwaaEnvironment, logType))
        .map((name) => [name, new SimulatedLogGroup(name, factsOf(startEpochMs))]),
    );
    this.#insights = new SimulatedInsights(this.groups);
  }

  /** A tick as EventBridge delivers it; Lambda retries it once. */
  invoke(tickEpochMs: number, attempt = 1): void {
    const { time } = this.#world;
    const container = this.#idle.pop() ?? this.#container();
    this.#invocations += 1;
    const invocation = new Invocation({
      ...{ id: this.#invocations, tickEpochMs, tick: 0, startedEpochMs: time.nowEpochMs },
      ...{ timeoutMs, isFromTheFuture: false, memory: container.memory },
      seed: this.#random.int(0, 2 ** 31),
    });
    const ended = (end: InvocationEnd) => {
      if (invocation.end !== undefined) return;
      invocation.end = end;
      if (end.kind === 'killed') {
        this.killed += 1;
      } else {
        container.freeze();
        this.#idle.push(container);
      }
      const isYoung = time.nowEpochMs - tickEpochMs <= 2 * this.config.everyMinutes * minuteMs;
      if (end.kind !== 'returned' && attempt === 1 && isYoung) {
        time.after(retryAfterMs, () => this.invoke(tickEpochMs, 2));
      }
    };
    container.begin(invocation);
    const endsEpochMs = time.nowEpochMs + timeoutMs;
    container
      .handler(
        {
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          time: new Date(tickEpochMs).toISOString(),
        },
        { getRemainingTimeInMillis: () => endsEpochMs - time.nowEpochMs },
      )
      .then(
        (report) => ended({ kind: 'returned', report }),
        (error) => ended({ kind: 'threw', error }),
      );
    time.at(endsEpochMs, () => ended({ kind: 'killed' }));
  }

  #container(): Container {
    return new Container({
      ...{ time: this.#world.time, config: this.config, plan: simulatedPlan(packRowsMax, 1) },
      ...{ clockSkewMs: 0, makeCall: this.#makeCall },
      newId: () => {
        this.#newIds += 1;
        return `id-${this.#newIds}`;
      },
    });
  }

  readonly #makeCall: MakeCall = (container, service, operation, input) => {
    const { invocation } = container;
    if (invocation === undefined || invocation.isKilled) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      this.#world.time.after(this.#random.int(callMs.min, callMs.max), () => {
        try {
          const output = this.#execute(service, operation, input);
          container.goOn(() => resolve(output));
        } catch (error) {
          container.goOn(() => reject(error));
        }
      });
    });
  };

  #execute(service: ServiceName, operation: string, input: object): object {
    const { time, quota, isLogsDown } = this.#world;
    const { nowEpochMs } = time;
    if (service === 'dynamo') return this.dynamo.execute(operation, input);
    if (service === 'logs') {
      if (isLogsDown(nowEpochMs)) throw serviceError('ServiceUnavailableException', 'away');
      quota.call(operation, nowEpochMs);
    }
    switch (operation) {
      case 'GetEnvironment':
        return fetchAnswer(200, environmentAnswer(this.config.mwaaEnvironment, this.groups));
      case 'DescribeLogGroups':
        return {
          logGroups: [...this.groups.values()].map(({ name, facts }) => ({
            logGroupName: name,
            creationTime: facts.createdEpochMs,
          })),
        };
      case 'StartQuery':
        return this.#startQuery(input as StartQueryCommandInput);
      case 'GetQueryResults':
        return this.#insights.getQueryResults(input as GetQueryResultsCommandInput, nowEpochMs);
      case 'StopQuery':
        return this.#stopQuery(input as StopQueryCommandInput);
      case 'GetLogEvents':
        return firstEvents(input as GetLogEventsCommandInput);
      case 'PutMetricData':
        this.cloudWatch.putMetricData(input as PutMetricDataCommandInput);
        return {};
      case 'GetMetricData':
        return this.cloudWatch.getMetricData(input as GetMetricDataCommandInput);
      case 'Publish':
        this.messages.push(readMessage(input as PublishCommandInput));
        return { MessageId: `message-${this.messages.length}` };
      default:
        throw new Error(`no simulated service knows ${operation}`);
    }
  }

  /** A query of a few minutes takes one to three seconds; one of an hour three times as long. */
  #startQuery(input: StartQueryCommandInput): object {
    const { time, quota } = this.#world;
    const slot = quota.startQuery(time.nowEpochMs);
    const hours = ((input.endTime ?? 0) - (input.startTime ?? 0)) / 3600;
    const runsMs = Math.round((1 + 2 * hours) * this.#random.int(800, 2_800));
    const waitsMs = this.#random.int(50, 200);
    slot.endEpochMs = time.nowEpochMs + waitsMs + runsMs;
    const course = {
      fate: 'Complete',
      waitsMs,
      runsMs,
      pageRows: 10_000,
      groupsDoubtful: 0,
    } as const;
    const { queryId } = this.#insights.startQuery(input, time.nowEpochMs, course);
    this.#running.set(queryId, slot);
    return { queryId };
  }

  #stopQuery(input: StopQueryCommandInput): object {
    const { nowEpochMs } = this.#world.time;
    const answer = this.#insights.stopQuery(input, nowEpochMs);
    const slot = this.#running.get(input.queryId ?? '');
    if (slot !== undefined) slot.endEpochMs = Math.min(slot.endEpochMs, nowEpochMs);
    return answer;
  }
}

function factsOf(startEpochMs: number): ConstructorParameters<typeof SimulatedLogGroup>[1] {
  return {
    exists: true,
    createdEpochMs: startEpochMs - 30 * dayMs,
    retentionDays: undefined,
    denial: undefined,
    enabled: true,
    logLevel: 'INFO',
    busy: true,
  };
}
