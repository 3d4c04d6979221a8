import { randomUUID } from 'node:crypto';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findAwsAccess } from '../../../doctor/observe/aws-access.ts';
import { monitorOutputs } from '../../../infra/naming/monitor-outputs.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import { getFromMwaa, type MwaaAccess } from '../../../lambda/aws/mwaa-request.ts';
import { deadlineIn, systemTimer } from '../../../lambda/common/time.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import type { WitnessStatus } from '../../../lambda/ledger/witness-items.ts';
import {
  loadAuditRows,
  loadSnapshots,
  loadStates,
  loadWitnessStatus,
} from '../../../lambda/ledger/witness-reading.ts';
import type { AirflowState } from '../../../lambda/model/airflow-state.ts';
import { firstCallError } from '../../common/aws-failure.ts';
import { findMonitor } from '../../common/deployed-monitor.ts';
import { findEnvironment } from '../../common/named-environment.ts';
import { UserError } from '../../common/output.ts';
import { invokeRestApi, type LiveAnswer } from './invoke-rest-api.ts';

/** What a real environment answered, and what its witness has seen. */
export interface LiveAnswers {
  readonly mwaaEnvironment: string;
  readonly region: string;
  readonly airflowVersion: string;
  readonly webserverAccess: string;
  readonly witness: {
    readonly roleName: string;
    readonly vpcId: string | undefined;
    /** The last run; undefined when it has not run. */
    readonly status: WitnessStatus | undefined;
    /** When the first read was that is still stored. */
    readonly firstReadEpochMs: number | undefined;
    /** The first and the last complete reading of users and roles that are still stored. */
    readonly first: AirflowState | undefined;
    readonly last: AirflowState | undefined;
  };
  /** Own calls, by what they ask. */
  readonly calls: Readonly<Record<LiveCall, LiveAnswer>>;
  /** As many calls at once as MWAA allows in a second, and two more. */
  readonly burst: readonly LiveAnswer[];
}

export type LiveCall =
  | 'oneRow'
  | 'aList'
  | 'namesBetweenCommas'
  | 'rowsOfTheWitness'
  | 'auditorRole'
  | 'usersBesideThePrefix'
  | 'badParameter';

interface LiveOptions {
  readonly env: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

const events = ['cli_users_manage_role', 'cli_users_create'];
const burstCalls = 12;
const ledgerMs = 60_000;

/**
 * Asks a real environment, by reads alone, and reads what its second witness stored.
 *
 * @throws UserError, ObserveError when there is no monitor with a second witness, or AWS cannot be called
 */
export async function askLive({ env, region: given, profile }: LiveOptions): Promise<LiveAnswers> {
  const { mwaaEnvironment, file, config, otherNames } = findEnvironment(env, given);
  const { region, credentials, mwaa, airflow } = await findAwsAccess({
    region: given ?? config?.region,
    profile,
  });
  const client = { region, credentials };
  const cloudFormation = new CloudFormationClient(client);
  const monitor = await findMonitor(cloudFormation, {
    ...{ name: env, file, otherNames, account: config?.account },
  });
  const deployed = await witnessOutputs(cloudFormation, monitor.stack, mwaaEnvironment);
  const environment = await environmentOf(mwaa, mwaaEnvironment);
  const table = new LedgerTable(
    {
      ...{ dynamo: new DynamoDBClient(client), timer: systemTimer, random: Math.random },
      ...{ newId: randomUUID, log: () => undefined },
    },
    monitor.ledgerTable,
    deadlineIn(systemTimer, ledgerMs),
  );
  const witness = await readWitness(table, monitor.ledgerTable);
  const ask = (path: string, query?: Readonly<Record<string, unknown>>) =>
    invokeRestApi(airflow, mwaaEnvironment, { path, ...(query && { query }) });
  const userName = witness.last && userOf(witness.last, deployed.roleName);
  const calls = {
    oneRow: await ask('/eventLogs', { limit: 1 }),
    aList: await ask('/eventLogs', { limit: 1, included_events: events }),
    namesBetweenCommas: await ask('/eventLogs', { limit: 1, included_events: events.join(',') }),
    rowsOfTheWitness: await ask('/eventLogs', { limit: 1, owner: userName ?? deployed.roleName }),
    auditorRole: await ask('/roles/PrivilegeAuditor'),
    usersBesideThePrefix: await ask('/auth/fab/v1/users', { limit: 1 }),
    badParameter: await ask('/eventLogs', { limit: 'many' }),
  };
  const burst = await Promise.all(
    Array.from({ length: burstCalls }, () => ask('/eventLogs', { limit: 1 })),
  );
  return {
    ...{ mwaaEnvironment, region, calls, burst, ...environment },
    witness: { ...deployed, ...witness },
  };
}

/** The witness's user, by the role's name in his; undefined when there is not exactly one. */
export function userOf({ users }: AirflowState, roleName: string): string | undefined {
  const found = [...users.keys()].filter((name) => name.includes(roleName));
  return found.length === 1 ? found[0] : undefined;
}

async function witnessOutputs(
  client: CloudFormationClient,
  stack: string,
  mwaaEnvironment: string,
): Promise<Pick<LiveAnswers['witness'], 'roleName' | 'vpcId'>> {
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error) => {
      throw firstCallError(error, 'cloudformation:DescribeStacks');
    });
  const outputs = monitorOutputs(
    Stacks[0]?.Outputs ?? [],
    (value) => value === namesFor(mwaaEnvironment).alarms.test,
  );
  const roleName = outputs.get('WitnessRoleName');
  if (roleName === undefined) {
    throw new UserError(
      `stack ${stack} has no second witness: set witness in the environment's file and deploy it first (docs/witness.md)`,
    );
  }
  const vpcId = outputs.get('WitnessVpcId');
  return { roleName, vpcId: vpcId === 'none' ? undefined : vpcId };
}

async function environmentOf(mwaa: MwaaAccess, mwaaEnvironment: string) {
  const path = `/environments/${encodeURIComponent(mwaaEnvironment)}`;
  const answer = await getFromMwaa(mwaa, path, 10_000).catch((error) => {
    throw firstCallError(error, 'airflow:GetEnvironment');
  });
  const { Environment: found = {} } = answer as {
    Environment?: { AirflowVersion?: string; WebserverAccessMode?: string };
  };
  return {
    airflowVersion: found.AirflowVersion ?? 'unknown',
    webserverAccess: found.WebserverAccessMode ?? 'unknown',
  };
}

async function readWitness(table: LedgerTable, tableName: string) {
  try {
    const status = await loadWitnessStatus(table);
    const snapshots = await loadSnapshots(table, 0, Date.now());
    const rows = await loadAuditRows(table, 0);
    const newest = status?.snapshotEpochMs;
    const last = newest === undefined ? [] : await loadSnapshots(table, newest, Date.now());
    const [first, latest] = await loadStates(
      table,
      [snapshots[0], last.at(-1)].filter((one) => one !== undefined),
    );
    const reads = [
      ...snapshots.map(({ startEpochMs }) => startEpochMs),
      ...rows.map(({ readEpochMs }) => readEpochMs),
    ];
    return {
      ...{ status, first, last: latest },
      firstReadEpochMs: reads.length === 0 ? undefined : Math.min(...reads),
    };
  } catch (error) {
    throw firstCallError(error, `dynamodb:GetItem and dynamodb:Query on ${tableName}`);
  }
}
