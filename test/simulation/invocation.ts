import { createHandler, type Monitor } from '../../lambda/create-handler.ts';
import type { RuntimeConfig } from '../../lambda/runtime-config.ts';
import { awsError } from '../lambda/aws-error.ts';
import { logGroups, plan } from './config.ts';
import type { QueryInput } from './logs.ts';
import type { Services } from './services.ts';

/** How likely a call meets each fault; all zero when the storm is over. */
export interface CallFaults {
  lostOut: number;
  lostBack: number;
  throttled: number;
  killed: number;
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: object;
}

const lost = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
const callsMax = 60;
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };
const everyTypeLogs = { Enabled: true, LogLevel: 'INFO' };
const members = ['DagProcessing', 'Scheduler', 'Task', 'Webserver', 'Worker'];

let invocations = 0;

/**
 * One run of the real handler in a container of its own. All that it meets of AWS comes by `send`, and
 * each call takes some virtual time, so that two runs interleave at every call.
 */
export class Invocation {
  readonly #services: Services;
  readonly #config: RuntimeConfig;
  readonly #faults: CallFaults;
  readonly #killAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  readonly #number = invocations++;
  #calls = 0;
  #ids = 0;
  #isDead = false;
  #end: (outcome: 'done' | 'failed' | 'killed') => void = () => {};

  constructor(services: Services, config: RuntimeConfig, faults: CallFaults) {
    const { random } = services.world;
    this.#services = services;
    this.#config = config;
    this.#faults = faults;
    this.#killAt = random.chance(faults.killed)
      ? { call: random.whole(1, callsMax), when: random.pick(['before', 'after'] as const) }
      : undefined;
  }

  /** Runs until the handler ends, the process is killed, or Lambda's time is over. */
  run(tickEpochMs: number): Promise<'done' | 'failed' | 'killed'> {
    const { world } = this.#services;
    const timeoutMs = Math.min(this.#config.everyMinutes, 5) * 60_000;
    const endEpochMs = world.nowEpochMs + timeoutMs;
    const handler = createHandler(async () => this.#monitor());
    const event = {
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: new Date(tickEpochMs).toISOString().replace('.000Z', 'Z'),
    };
    return new Promise((resolve) => {
      this.#end = (outcome) => {
        this.#isDead = true;
        this.#end = () => {};
        resolve(outcome);
      };
      world.at(endEpochMs, () => this.#end('killed'));
      handler(event, { getRemainingTimeInMillis: () => endEpochMs - world.nowEpochMs }).then(
        () => this.#end('done'),
        (error) => {
          if (!this.#isDead) world.tell(`  failed: ${String(error).slice(0, 160)}`);
          this.#end('failed');
        },
      );
    });
  }

  #monitor(): Monitor {
    const { world } = this.#services;
    const client = { send: (command: Command) => this.#send(command) };
    return {
      config: this.#config,
      plan,
      ...{ logs: client, cloudWatch: client, sns: client, dynamo: client },
      newId: () => `${this.#number}-${this.#ids++}`,
      mwaa: {
        ...{ endpoint: 'https://mwaa', region: 'eu-west-1', credentials },
        fetch: (() => this.#fetch()) as unknown as typeof fetch,
      },
      clock: { nowEpochMs: () => world.nowEpochMs },
      timer: {
        monotonicMs: () => world.nowEpochMs,
        sleep: async (milliseconds: number) => {
          await world.sleep(milliseconds);
          if (this.#isDead) await never();
        },
      },
      random: () => world.random.next(),
      writeLine: () => {},
    } as unknown as Monitor;
  }

  async #fetch() {
    const { down, disabled, world } = this.#services;
    await world.sleep(world.random.whole(1, 30));
    if (this.#isDead) await never();
    if (down.mwaa) world.strikes.count('environment unknown');
    const logging = members.map((member, at) => {
      const isDisabled = disabled.has(logGroups[at] ?? '');
      if (isDisabled) world.strikes.count('group disabled');
      return [`${member}Logs`, isDisabled ? { Enabled: false } : everyTypeLogs];
    });
    const answer = { Environment: { LoggingConfiguration: Object.fromEntries(logging) } };
    return {
      status: down.mwaa ? 403 : 200,
      headers: new Map(down.mwaa ? [['x-amzn-errortype', 'AccessDeniedException']] : []),
      text: async () => JSON.stringify(answer),
    };
  }

  async #send(command: Command): Promise<unknown> {
    const { world } = this.#services;
    const { random } = world;
    const operation = command.constructor.name.replace(/Command$/, '');
    await world.sleep(random.whole(1, 30));
    if (this.#isDead) return never();
    this.#calls += 1;
    const isKilledHere = this.#killAt?.call === this.#calls;
    if (isKilledHere && this.#killAt?.when === 'before') {
      world.strike('killed before a call', operation);
      this.#end('killed');
      return never();
    }
    this.#refuse(operation);
    if (random.chance(this.#faults.lostOut)) {
      world.strike('call lost on the way out', operation);
      throw lost();
    }
    const answer = await this.#effect(operation, command);
    if (isKilledHere) {
      world.strike('killed after a call', operation);
      this.#end('killed');
      return never();
    }
    if (random.chance(this.#faults.lostBack)) {
      world.strike('call lost on the way back', operation);
      throw lost();
    }
    return answer;
  }

  /** Errors that say that nothing was done. */
  #refuse(operation: string): void {
    const { world, down } = this.#services;
    const [isAway, kind] = outageOf(operation, down);
    if (isAway) {
      world.strikes.count(kind);
      throw awsError('ServiceUnavailableException', 'away', 503);
    }
    if (!world.random.chance(this.#faults.throttled)) return;
    if (operation === 'StartQuery' && world.random.chance(0.5)) {
      world.strike('LimitExceeded');
      throw awsError('LimitExceededException', 'Account maximum query concurrency limit');
    }
    world.strike('throttled', operation);
    throw awsError('ThrottlingException', 'Rate exceeded');
  }

  async #effect(operation: string, command: Command): Promise<unknown> {
    const { logs, table, world } = this.#services;
    const input = command.input as Record<string, never>;
    switch (operation) {
      case 'DescribeLogGroups':
        return logs.describe();
      case 'StartQuery': {
        const denied = (command.input as QueryInput).logGroupNames.some((g) => logs.denied.has(g));
        if (denied) world.strikes.count('group denied');
        return logs.start(command.input as QueryInput);
      }
      case 'GetQueryResults':
        return logs.results(input.queryId ?? '');
      case 'StopQuery':
        return logs.stop(input.queryId ?? '');
      case 'GetMetricData':
        return { MetricDataResults: logGroups.map((_, at) => ({ Id: `g${at}`, Values: [7] })) };
      case 'PutMetricData':
        return this.#services.putMetrics(input.MetricData ?? []);
      case 'Publish':
        return this.#services.publish(command.input);
      default:
        table.calls.length = 0;
        return table.send(command);
    }
  }
}

function outageOf(operation: string, down: Services['down']) {
  if (operation === 'Publish') return [down.sns, 'SNS down'] as const;
  if (/^(GetMetricData|PutMetricData)$/.test(operation)) {
    return [down.cloudWatch, 'CloudWatch down'] as const;
  }
  const isLogs = /Query(Results)?$|^DescribeLogGroups$/.test(operation) && operation !== 'Query';
  return [!isLogs && down.dynamo, 'DynamoDB down'] as const;
}

/** What a killed process waits for. */
function never(): Promise<never> {
  return new Promise(() => {});
}
