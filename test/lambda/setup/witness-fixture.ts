import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { runWitness, type Witness } from '../../../lambda/witness/run-witness.ts';
import type { WitnessConfig } from '../../../lambda/witness/witness-config.ts';
import { FakeAirflow } from './fake-airflow.ts';
import { MemoryTable } from './memory-table.ts';
import { credentials, environment, VirtualTimer } from './monitor-fixture.ts';

export const witnessConfig: WitnessConfig = {
  mwaaEnvironment: environment,
  ledgerTableName: 'ledger',
  auditLog: true,
  snapshot: true,
  everyMinutes: 15,
};

/** A witness of a fake Airflow; tests change one thing. */
export function witnessFixture(table = new MemoryTable(), config = witnessConfig) {
  const airflow = new FakeAirflow();
  const lines: Record<string, unknown>[] = [];
  const timer = new VirtualTimer();
  const clock = { epochMs: Date.parse('2026-03-01T06:00:00Z') };
  let ids = 0;
  const witness: Witness = {
    config,
    dynamo: Object.assign(Object.create(DynamoDBClient.prototype) as DynamoDBClient, {
      send: table.send.bind(table),
    }),
    mwaa: {
      endpoint: 'https://env.airflow.eu-west-1.amazonaws.com',
      region: 'eu-west-1',
      credentials,
      fetch: airflow.fetch,
    },
    clock: { nowEpochMs: () => clock.epochMs },
    timer,
    random: () => 0.5,
    newId: () => `witness-${ids++}`,
    writeLine: (line) => {
      lines.push(JSON.parse(line));
    },
  };
  /** Runs it at a time of 1 March 2026, as `06:15`. */
  const runAt = (time: string, day = '01') => {
    clock.epochMs = Date.parse(`2026-03-${day}T${time}:00Z`);
    return runWitness(witness, 300_000);
  };
  return { airflow, witness, table, timer, clock, lines, runAt };
}

/** The items of the witness in the ledger whose sort key begins so, with their data. */
export function witnessItems(table: MemoryTable, prefix: string) {
  return table
    .items()
    .filter(({ pk, sk }) => pk === 'witness' && String(sk).startsWith(prefix))
    .map(({ data, ...item }) => ({ ...item, ...JSON.parse(String(data ?? '{}')) }));
}
