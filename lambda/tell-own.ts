import type { OwnFinding } from './findings/own-finding.ts';
import { ownRecord } from './findings/own-finding.ts';
import { floodFinding } from './gaps.ts';
import { findFinding, saveFinding } from './ledger/finding-records.ts';
import type { TickContext } from './tick-shell.ts';

/** Keeps what the monitor has to say of itself, to be told with the findings; once. */
export async function tellOwn(
  { table, shell, tickEpochMs }: TickContext,
  own: OwnFinding,
): Promise<void> {
  const { region } = shell.mwaa;
  const { mwaaEnvironment: environment } = shell.config;
  const record = ownRecord(own, { environment, region, tickEpochMs });
  if ((await findFinding(table, record)) !== undefined) return;
  await saveFinding(table, record);
  const { id, severity, detections, title } = record.finding;
  shell.log('warn', 'own-finding-recorded', { id, severity, detection: detections[0], title });
}

export async function tellFlood(
  context: TickContext,
  logGroup: string,
  secondEpochMs: number,
): Promise<void> {
  await tellOwn(context, floodFinding(logGroup, secondEpochMs, context.shell.plan.packRowsMax));
}
