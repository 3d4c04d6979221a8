import type { CallShell } from '../aws/call-aws.ts';
import type { MwaaAccess } from '../aws/mwaa-request.ts';
import { createLog, describeError } from '../common/log.ts';
import { type Clock, type Deadline, deadlineIn } from '../common/time.ts';
import { type LedgerShell, LedgerTable } from '../ledger/ledger-table.ts';
import type { Reading, WitnessStatus } from '../ledger/witness-items.ts';
import { airflowApi, ReadFailedError } from './airflow-api.ts';
import { readAuditLog } from './read-audit-log.ts';
import { auditorProblem, readState } from './read-state.ts';
import type { WitnessConfig } from './witness-config.ts';
import {
  loadAuditStart,
  loadStatus,
  saveAuditReading,
  saveSnapshot,
  saveStatus,
} from './witness-store.ts';

/** What all invocations of one container share. */
export interface Witness extends Omit<CallShell, 'log'>, Omit<LedgerShell, 'log' | 'config'> {
  readonly config: WitnessConfig;
  readonly mwaa: MwaaAccess;
  readonly clock: Clock;
  readonly writeLine: (line: string) => void;
}

/** What a run did. */
export interface WitnessReport {
  readonly environment: string;
  readonly users?: number;
  readonly roles?: number;
  readonly auditRows?: number;
  /** Why something could not be read; the status in the ledger says so as well. */
  readonly causes: readonly string[];
}

/** To store what was read, and for the runtime to return the report. */
const reserveMs = 10_000;

/**
 * One run of the witness: reads users and roles, and the audit log after them, so that the row of every
 * command whose effect a snapshot shows is stored with it. What was read is stored; what could not be read
 * is noted with its cause, so that the scanner knows that the witness is blind.
 *
 * @throws the ledger's own error, if nothing could be stored
 */
export async function runWitness(witness: Witness, remainingMs: number): Promise<WitnessReport> {
  const { clock, config, timer, writeLine } = witness;
  const { mwaaEnvironment: environment } = config;
  const runEpochMs = clock.nowEpochMs();
  const tick = new Date(runEpochMs).toISOString();
  const log = createLog(writeLine, clock, { environment, tick });
  const { config: _, ...shell } = { ...witness, log };
  const share = Math.min(1, remainingMs / (3 * reserveMs));
  const readUntil = deadlineIn(timer, remainingMs - share * reserveMs);
  const table = new LedgerTable(shell, config.ledgerTableName, deadlineIn(timer, remainingMs));
  const before = await loadStatus(table);
  const run = { runEpochMs, table, log, clock };
  const halfTime = deadlineIn(timer, readUntil.remainingMs() / 2);
  const api = (until: Deadline) => airflowApi(shell, environment, until);

  let snapshotEpochMs = before?.snapshotEpochMs;
  let problem = before?.auditorProblem;
  const seen: { users?: number; roles?: number; auditRows?: number } = {};
  const snapshot = config.snapshot
    ? await reading(run, 'snapshot', before?.snapshot, async () => {
        const startEpochMs = clock.nowEpochMs();
        const state = await readState(api(halfTime));
        const endEpochMs = clock.nowEpochMs();
        await saveSnapshot(table, state, { startEpochMs, endEpochMs }, snapshotEpochMs);
        snapshotEpochMs = startEpochMs;
        problem = auditorProblem(state.roles);
        Object.assign(seen, { users: state.users.length, roles: state.roles.size });
      })
    : undefined;
  const auditLog = config.auditLog
    ? await reading(run, 'audit-log', before?.auditLog, async () => {
        const from = await loadAuditStart(table);
        const read = await readAuditLog(api(readUntil), from.start, clock.nowEpochMs());
        if (!(await saveAuditReading(table, read, from))) log('warn', 'audit-mark-was-moved');
        seen.auditRows = read.rows.length;
        if (read.rowsBehind > 0) {
          throw new ReadFailedError('/eventLogs has more new rows than one run reads');
        }
      })
    : undefined;
  const status: WitnessStatus = {
    runEpochMs,
    ...(snapshot && { snapshot }),
    ...(auditLog && { auditLog }),
    ...(snapshotEpochMs !== undefined && { snapshotEpochMs }),
    ...(problem !== undefined && config.snapshot && { auditorProblem: problem }),
  };
  await saveStatus(table, status);
  const report = { environment, ...seen, causes: causesOf(status) };
  log(report.causes.length === 0 ? 'info' : 'error', 'witness-finished', { ...report });
  return report;
}

/** Does one kind of read. A failure of Airflow's is noted; one of the ledger's ends the run. */
async function reading(
  { log, clock }: { log: ReturnType<typeof createLog>; clock: Clock },
  what: 'snapshot' | 'audit-log',
  before: Reading | undefined,
  read: () => Promise<void>,
): Promise<Reading> {
  try {
    await read();
    return { completeEpochMs: clock.nowEpochMs(), failures: 0 };
  } catch (error) {
    if (!(error instanceof ReadFailedError)) throw error;
    log('error', 'read-failed', { what, error: describeError(error) });
    return {
      ...(before?.completeEpochMs !== undefined && { completeEpochMs: before.completeEpochMs }),
      failures: (before?.failures ?? 0) + 1,
      cause: error.message,
    };
  }
}

function causesOf({ snapshot, auditLog, auditorProblem: problem }: WitnessStatus): string[] {
  return [snapshot?.cause, auditLog?.cause, problem].filter((cause) => cause !== undefined);
}
