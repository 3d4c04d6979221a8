import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import type { RuntimeConfig } from '../../../lambda/plan/runtime-config.ts';
import type { ScanPlan } from '../../../lambda/plan/scan-plan.ts';
import { createHandler, type Monitor } from '../../../lambda/tick/create-handler.ts';
import type { ServiceName } from '../faults/fault-kinds.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { ContainerMemory, type Invocation } from './invocation.ts';

/** Makes one call of an invocation; without an answer the promise never settles. */
export type MakeCall = (
  container: Container,
  service: ServiceName,
  operation: string,
  input: object,
  timeoutMs: number,
) => Promise<object>;

export interface ContainerSurroundings {
  readonly time: VirtualTime;
  readonly config: RuntimeConfig;
  readonly plan: ScanPlan;
  /** How far its clock is ahead of the world's. */
  readonly clockSkewMs: number;
  readonly makeCall: MakeCall;
  readonly newId: () => string;
}

/**
 * One of Lambda's containers: it runs one invocation at a time, with the real handler, and is frozen
 * between two. Work that an invocation left unfinished continues when the next one thaws it.
 */
export class Container {
  readonly handler: ReturnType<typeof createHandler>;
  readonly memory = new ContainerMemory();
  readonly #clockSkewMs: number;
  readonly #time: VirtualTime;
  #invocation: Invocation | undefined;
  #isFrozen = true;
  #waiting: (() => void)[] = [];

  constructor(surroundings: ContainerSurroundings) {
    this.#clockSkewMs = surroundings.clockSkewMs;
    this.#time = surroundings.time;
    this.handler = createHandler(async () => this.#monitor(surroundings));
  }

  get invocation(): Invocation | undefined {
    return this.#invocation;
  }

  /** What its clock shows. */
  get clockEpochMs(): number {
    return Math.floor(this.#time.nowEpochMs + this.#clockSkewMs);
  }

  begin(invocation: Invocation): void {
    this.#invocation = invocation;
    this.memory.begin();
    this.#isFrozen = false;
    const left = this.#waiting;
    this.#waiting = [];
    for (const goOn of left) goOn();
  }

  /** Its invocation has returned or thrown. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** Delivers an answer or wakes a sleeper, unless its invocation was killed. */
  goOn(step: () => void): void {
    if (this.#invocation?.isKilled) return;
    if (this.#isFrozen) this.#waiting.push(step);
    else step();
  }

  #monitor({ time, config, plan, makeCall, newId }: ContainerSurroundings): Monitor {
    const call = (service: ServiceName) => (command: Command, options?: CallOptions) =>
      makeCall(
        this,
        service,
        operationOf(command),
        command.input,
        options?.requestTimeout ?? 1_000,
      );
    const fetch = (_url: unknown, _options: unknown) =>
      makeCall(this, 'mwaa', 'GetEnvironment', {}, 1_000);
    return {
      config,
      plan,
      logs: clientOf(CloudWatchLogsClient, call('logs')),
      cloudWatch: clientOf(CloudWatchClient, call('cloudWatch')),
      sns: clientOf(SNSClient, call('sns')),
      events: clientOf(EventBridgeClient, call('events')),
      dynamo: clientOf(DynamoDBClient, call('dynamo')),
      mwaa: {
        endpoint: 'https://api.airflow.eu-west-1.amazonaws.com',
        region: 'eu-west-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
        fetch: fetch as unknown as Monitor['mwaa']['fetch'],
      },
      clock: { nowEpochMs: () => this.clockEpochMs },
      timer: {
        monotonicMs: () => time.nowEpochMs,
        sleep: (milliseconds) =>
          new Promise((resolve) => {
            time.after(milliseconds, () => this.goOn(resolve));
          }),
      },
      random: () => this.#invocation?.random.next() ?? 0,
      newId,
      writeLine: () => {},
    };
  }
}

interface Command {
  readonly input: object;
}

interface CallOptions {
  readonly requestTimeout: number;
}

function operationOf(command: Command): string {
  return command.constructor.name.replace(/Command$/, '');
}

/** A client whose class alone is real. */
function clientOf<T extends object>(type: { readonly prototype: T }, send: object): T {
  return Object.assign(Object.create(type.prototype) as T, { send });
}
