import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { deadlineIn } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { createLedgerTable, localDynamo } from '../../dynalite-table.ts';
import { credentials, VirtualTimer } from './monitor-fixture.ts';

/** Replaces a call; `send` carries it out for real. */
type Intercept = (
  send: () => Promise<unknown>,
  call: { readonly operation: string; readonly input: object },
) => Promise<unknown>;

interface Connection {
  readonly table: LedgerTable;
  /** For direct access to the table. */
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly timer: VirtualTimer;
}

/**
 * A ledger on its own DynamoDB for the tests of one file, each with an empty table: the real
 * client, so that conditions and keys are what DynamoDB understands.
 */
export function dynaliteLedger() {
  const server = localDynamo();
  let connection: Connection | undefined;
  let intercept: Intercept = (send) => send();
  let operations: string[] = [];
  let tables = 0;

  const connected = (): Connection => {
    if (connection === undefined) throw new Error('the ledger is there within tests only');
    return connection;
  };

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  beforeEach(async () => {
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const tableName = `ledger-${tables++}`;
    await createLedgerTable(endpoint, tableName);
    intercept = (send) => send();
    operations = [];
    connection = connect(endpoint, tableName);
  });

  afterEach(() => connected().client.destroy());

  afterAll(async () => {
    server.close();
    await once(server, 'close');
  });

  return {
    get table() {
      return connected().table;
    },
    get client() {
      return connected().client;
    },
    get tableName() {
      return connected().tableName;
    },
    get timer() {
      return connected().timer;
    },
    /** How often an operation was called in this test. */
    calls: (operation: string) => operations.filter((one) => one === operation).length,
    /** Intercepts the calls to DynamoDB until the test is over. */
    intercept: (by: Intercept) => {
      intercept = by;
    },
  };

  function connect(endpoint: string, tableName: string): Connection {
    const client = new DynamoDBClient({
      ...{ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 },
    });
    const dynamo: DynamoDBClient = Object.create(client);
    const send = (command: Parameters<DynamoDBClient['send']>[0]) => {
      const operation = command.constructor.name.replace(/Command$/, '');
      operations.push(operation);
      return intercept(() => client.send(command), { operation, input: command.input });
    };
    Object.assign(dynamo, { send });
    const timer = new VirtualTimer();
    let ids = 0;
    const shell = { dynamo, timer, newId: () => `id-${ids++}`, random: () => 0.5, log: () => {} };
    const table = new LedgerTable(shell, tableName, deadlineIn(timer, 60_000));
    return { table, client, tableName, timer };
  }
}

/** Carries out the call and loses its answer. */
export async function lostAnswer(send: () => Promise<unknown>): Promise<never> {
  await send();
  throw Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
}
