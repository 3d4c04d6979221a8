import { GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { systemTimer } from '../../../../lambda/common/time.ts';
import { testEvent } from '../../../../lambda/notify/test-finding.ts';
import type { RuntimeConfig } from '../../../../lambda/plan/runtime-config.ts';
import { createEntry } from '../../../../lambda/tick/create-entry.ts';
import type { Monitor } from '../../../../lambda/tick/create-handler.ts';
import { runWitness, type Witness } from '../../../../lambda/witness/run-witness.ts';
import type { WitnessConfig } from '../../../../lambda/witness/witness-config.ts';
import { VirtualClock } from '../../../../local/clock.ts';
import { MemoryTable } from '../../../lambda/setup/memory-table.ts';
import { environmentAnswer, fakeFetch } from '../../../lambda/setup/monitor-fixture.ts';
import { command, grant, monitorWith, tickAt } from '../../../lambda/setup/pack-fixture.ts';
import { airflowFetch } from '../../../local/aws-endpoints/airflow/airflow-fetch.ts';
import { airflowState } from '../../../local/aws-endpoints/airflow/airflow-fixture.ts';
import { scheduleOf } from '../../../simulation/schedule/draw-schedule.ts';
import { enterTicks } from '../../../simulation/world/event-bridge.ts';
import { heal } from '../../../simulation/world/heal.ts';
import { LambdaService } from '../../../simulation/world/lambda-service.ts';
import { World } from '../../../simulation/world/world.ts';

/** One call that the function sent to AWS. */
export interface SentCall {
  /** The client's package without `@aws-sdk/client-`, or `mwaa`. */
  readonly client: string;
  /** The command without `Command`; of MWAA, method and path. */
  readonly operation: string;
  readonly input: object;
}

interface Recorded {
  calls(): readonly { readonly args: readonly [{ readonly input: object }] }[];
}

/**
 * All that the function sends with a configuration: a tick that notifies, one whose query hangs, and a
 * test finding.
 */
export async function recordCalls(config: RuntimeConfig): Promise<SentCall[]> {
  const at = '2026-03-01T08:51:00.500';
  const fixture = monitorWith([command('bob', at, 'Admin'), grant('bob', at, 'Admin')]);
  const { requests, fetch } = fakeFetch(200, environmentAnswer());
  const { logs, cloudWatch, sns, events, table } = fixture;
  const monitor: Monitor = {
    ...fixture.monitor,
    config,
    mwaa: { ...fixture.monitor.mwaa, fetch },
  };
  const deployed = { ...fixture, monitor };
  await tickAt(deployed, '09:00');
  logs.on(GetQueryResultsCommand).resolves({ status: 'Running' });
  // A tick whose queries do not end fails, and that is what it is for.
  await tickAt(deployed, '09:05').catch(() => undefined);
  await createEntry(async () => monitor)(testEvent, { getRemainingTimeInMillis: () => 60_000 });

  return [
    ...sent('cloudwatch-logs', logs),
    ...sent('cloudwatch', cloudWatch),
    ...sent('sns', sns),
    ...sent('eventbridge', events),
    ...table.calls.map((call) => ({ client: 'dynamodb', ...call })),
    ...requests.map(({ url }) => mwaaCall(url)),
  ];
}

function sent(client: string, fake: Recorded): SentCall[] {
  return fake.calls().map(({ args: [command] }) => ({
    client,
    operation: command.constructor.name.replace(/Command$/, ''),
    input: command.input,
  }));
}

const mwaaOperations: Readonly<Record<string, string>> = {
  environments: 'GET /environments/{Name}',
  restapi: 'POST /restapi/{Name}',
};

function mwaaCall({ pathname }: URL): SentCall {
  const [, kind = '', name] = /^\/(\w+)\/([^/]+)$/.exec(pathname) ?? [];
  const operation = mwaaOperations[kind];
  if (operation === undefined || name === undefined) {
    throw new Error(`the function asks MWAA for ${pathname}`);
  }
  return { client: 'mwaa', operation, input: { Name: decodeURIComponent(name) } };
}

/** All that the second witness sends: two runs, the second of which finds a change and a row. */
export async function recordWitnessCalls(config: WitnessConfig): Promise<SentCall[]> {
  const table = new MemoryTable();
  const urls: URL[] = [];
  const clock = new VirtualClock(Date.parse('2026-03-01T09:00:00Z'));
  const { fetch, setState } = airflowFetch(config.airflowVersion ?? '', (url) => urls.push(url));
  const witness: Witness = {
    config,
    dynamo: { send: table.send.bind(table) } as unknown as Witness['dynamo'],
    mwaa: {
      ...{ endpoint: 'https://env.airflow.eu-west-1.amazonaws.com', region: 'eu-west-1' },
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      fetch,
    },
    clock,
    timer: systemTimer,
    random: () => 0.5,
    newId: () => 'id',
    writeLine: () => undefined,
  };
  const states = [airflowState(), airflowState({ users: [], auditLog: [] })];
  for (const state of [...states, airflowState()]) {
    setState(state);
    await runWitness(witness, 60_000);
    clock.set(clock.nowEpochMs() + 900_000);
  }
  return [
    ...table.calls.map((call) => ({ client: 'dynamodb', ...call })),
    ...urls.map((url) => mwaaCall(url)),
  ];
}

/** By the service's name in the simulation. */
const clients = {
  logs: 'cloudwatch-logs',
  cloudWatch: 'cloudwatch',
  sns: 'sns',
  dynamo: 'dynamodb',
  events: 'eventbridge',
};

/** What the function sends in a simulated world, under the faults of a seed; without MWAA. */
export async function simulateCalls(seed: number, config: RuntimeConfig): Promise<SentCall[]> {
  const world = new World(scheduleOf(seed), {});
  const { findingsTopicArn, ledgerTableName, eventBusArn, chatTopicArn } = config;
  const own = { findingsTopicArn, ledgerTableName, eventBusArn, chatTopicArn };
  Object.assign(world, { config: { ...world.config, ...own } });
  const calls: SentCall[] = [];
  world.observers.push(({ service, operation, input }) => {
    if (service !== 'mwaa') calls.push({ client: clients[service], operation, input });
  });
  const lambda = new LambdaService(world);
  enterTicks(world, lambda);
  await heal(world, lambda);
  return calls;
}
