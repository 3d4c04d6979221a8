import { PublishCommand } from '@aws-sdk/client-sns';
import { deadlineIn } from '../../../lambda/common/time.ts';
import type { FindingRecord } from '../../../lambda/findings/finding-record.ts';
import { ownRecord } from '../../../lambda/findings/own-finding.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { saveFinding } from '../../../lambda/ledger/stored-findings.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import type { Severity } from '../../../lambda/model/severity.ts';
import { deliverFindings } from '../../../lambda/notify/deliver-findings.ts';
import { singlesMax } from '../../../lambda/notify/delivery-plan.ts';
import { tickContext } from '../../../lambda/record/tick-context.ts';
import { healthyMonitor } from './monitor-fixture.ts';
import { namedInMessage } from './named-in-message.ts';
import { sampleFinding } from './sample-finding.ts';

const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

/** A waiting finding of a DAG's task; tests change one thing. */
export function waitingRecord(
  number: number,
  changes: Partial<Finding> = {},
  about: Partial<FindingRecord> = {},
): FindingRecord {
  const id = number.toString(16).padStart(8, '0').padEnd(32, 'a');
  return {
    finding: { ...sampleFinding, id, ...changes },
    ...{ logGroup: 'airflow-prod-Task', streamId: `stream-${number}`, anchorKey: id },
    ...{ anchorEpochMs: 0, approved: false, unknownPublishes: 0, revision: 0 },
    delivery: { status: 'pending' },
    ...about,
  };
}

export function byDag(number: number, dag: string, severity: Severity = 'critical') {
  const title = `bob was given role Admin by DAG ${dag}, task promote`;
  return waitingRecord(number, { actor: { ...sampleFinding.actor, dag }, severity, title });
}

export function byWebUser(number: number, user: string) {
  const evidence = sampleFinding.evidence.map((line) => ({
    ...line,
    ...{ logGroup: 'airflow-prod-WebServer', logStream: 'webserver_console_ip-1' },
  }));
  return waitingRecord(
    number,
    { actor: { user }, evidence },
    { logGroup: 'airflow-prod-WebServer' },
  );
}

export function ownFindings(count: number): FindingRecord[] {
  return Array.from({ length: count }, (_, number) =>
    ownRecord(
      {
        ...{ detection: 'log-flood', identity: [number], severity: 'critical' },
        ...{ title: `flood ${number}`, logGroups: ['airflow-prod-Task'] },
        ...{ startEpochMs: 0, endEpochMs: 1 },
      },
      { environment: 'prod', region: 'eu-west-1', tickEpochMs },
    ),
  );
}

/** The ledgers of lists that several tests use: to save a thousand findings takes half a second. */
const savedLedgers = new WeakMap<readonly FindingRecord[], ReturnType<typeof savedLedger>>();

async function savedLedger(records: readonly FindingRecord[]) {
  const { shell, timer, table } = healthyMonitor();
  const saving = new LedgerTable(shell, 'ledger', deadlineIn(timer, 60_000));
  for (const record of records) await saveFinding(saving, record);
  return { table, newId: shell.newId };
}

/** A ledger in which findings wait, and the deliveries of ticks. */
export async function waitingFindings(records: readonly FindingRecord[]) {
  const saving = savedLedgers.get(records) ?? savedLedger(records);
  savedLedgers.set(records, saving);
  const { table: saved, newId } = await saving;
  const base = healthyMonitor();
  // An id of the ledger must not occur twice.
  const monitor = { ...base.monitor, newId };
  const fixture = { ...base, monitor, shell: { ...base.shell, newId } };
  const { shell, timer, sns, table: memory } = fixture;
  memory.fill(saved);
  const send = memory.send.bind(memory);
  let clockEpochMs = tickEpochMs;

  return {
    ...fixture,
    /**
     * Intercepts the delivery's calls to the table; without a gate they take no time and succeed.
     */
    gate(
      gate: (command: Parameters<typeof send>[0], pass: () => Promise<object>) => Promise<object>,
    ) {
      const gated = (command: Parameters<typeof send>[0]) => gate(command, () => send(command));
      Object.assign(shell.dynamo, { send: gated });
    },
    /** Delivers what waits, in a tick that begins this long after the first. */
    async deliver({
      afterMinutes = 0,
      remainingMs = 60_000,
      isLookingBack = false,
      singles = singlesMax,
    }: {
      readonly afterMinutes?: number;
      readonly remainingMs?: number;
      readonly isLookingBack?: boolean;
      readonly singles?: number;
    } = {}) {
      clockEpochMs = tickEpochMs + afterMinutes * 60_000;
      const deadline = deadlineIn(timer, remainingMs);
      const published = sns.commandCalls(PublishCommand).length;
      const delivered = await deliverFindings(
        tickContext({
          shell: { ...shell, clock: { nowEpochMs: () => clockEpochMs } },
          table: new LedgerTable(shell, 'ledger', deadline),
          tickEpochMs: clockEpochMs,
          ...{ scanDeadline: deadline, deadline },
        }),
        isLookingBack,
        { singlesMax: singles, deadline },
      );
      const messages = sns
        .commandCalls(PublishCommand)
        .slice(published)
        .map((call) => call.args[0].input);
      return { delivered, messages, leftMs: deadline.remainingMs() };
    },
    /** Findings as they are in the ledger. */
    findings(): FindingRecord[] {
      return memory
        .items()
        .filter(({ pk, sk }) => `${pk}`.startsWith('stream#') && `${sk}`.startsWith('finding#'))
        .map(({ data }) => JSON.parse(`${data}`));
    },
    idsWith(status: FindingRecord['delivery']['status']): Set<string> {
      return new Set(
        this.findings()
          .filter(({ delivery }) => delivery.status === status)
          .map(({ finding }) => finding.id),
      );
    },
    listed(): number {
      return memory.items().filter(({ pk }) => pk === 'pending').length;
    },
  };
}

export type Messages = Awaited<
  ReturnType<Awaited<ReturnType<typeof waitingFindings>>['deliver']>
>['messages'];

export function namedIn(messages: Messages): string[] {
  return messages.flatMap(namedInMessage);
}

export function kindOf(message: Messages[number]): string {
  return JSON.parse(JSON.parse(message.Message ?? '').default).kind;
}

export function idsOf(records: readonly FindingRecord[]): Set<string> {
  return new Set(records.map(({ finding }) => finding.id));
}
