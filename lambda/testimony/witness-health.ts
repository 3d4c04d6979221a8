import { minuteMs } from '../common/time.ts';
import type { Reading, WitnessStatus } from '../ledger/witness-items.ts';

interface WitnessSettings {
  readonly auditLog: boolean;
  readonly snapshot: boolean;
  readonly everyMinutes: number;
}

/** One failed read is passed over: the next one comes in minutes. */
const failuresMax = 1;
/** Periods without a read after which the witness counts as blind. */
const periodsMax = 3;

/**
 * Why the second witness cannot see; undefined while it can. That its own Airflow role was changed counts as
 * well: whoever can do that decides what it sees.
 *
 * @param sinceEpochMs the first tick with a witness: it may not have run yet
 */
export function blindCause(
  status: WitnessStatus | undefined,
  settings: WitnessSettings,
  { sinceEpochMs, tickEpochMs }: { readonly sinceEpochMs: number; readonly tickEpochMs: number },
): string | undefined {
  const patienceMs = periodsMax * settings.everyMinutes * minuteMs;
  const isLongAgo = (epochMs: number) => tickEpochMs - epochMs > patienceMs;
  if (status === undefined || isLongAgo(status.runEpochMs)) {
    return isLongAgo(status?.runEpochMs ?? sinceEpochMs)
      ? `the witness has not run for ${periodsMax} periods`
      : undefined;
  }
  const parts = [
    settings.snapshot && (['users and roles', status.snapshot] as const),
    settings.auditLog && (["Airflow's audit log", status.auditLog] as const),
  ].filter((part) => part !== false);
  const causes = parts.flatMap(([what, reading]) => {
    const cause = partCause(reading, isLongAgo, sinceEpochMs);
    return cause === undefined ? [] : [`${what}: ${cause}`];
  });
  if (settings.snapshot && status.auditorProblem !== undefined) causes.push(status.auditorProblem);
  return causes.length === 0 ? undefined : causes.join('; ');
}

function partCause(
  reading: Reading | undefined,
  isLongAgo: (epochMs: number) => boolean,
  sinceEpochMs: number,
): string | undefined {
  if (reading === undefined) return isLongAgo(sinceEpochMs) ? 'not read at all' : undefined;
  const { failures, cause = 'the read failed', completeEpochMs } = reading;
  if (failures > failuresMax) return cause;
  return isLongAgo(completeEpochMs ?? sinceEpochMs) ? cause : undefined;
}
