import type { OwnFinding } from './findings/own-finding.ts';
import { ownRecord } from './findings/own-finding.ts';
import { floodFinding, unreadableFinding } from './gaps.ts';
import { findFinding, saveFinding } from './ledger/finding-records.ts';
import type { SliceReading } from './read-slice.ts';
import type { TickContext } from './tick-shell.ts';
import { windowTimes } from './windows.ts';

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
  rowsRead: number,
): Promise<void> {
  await tellOwn(context, floodFinding(logGroup, secondEpochMs, rowsRead));
}

/** Reports rows that cannot be read: each slice in the log, the first of an hour as a finding. */
export async function tellUnreadable(
  context: TickContext,
  { unreadable, window, logGroups }: Pick<SliceReading, 'unreadable' | 'window' | 'logGroups'>,
): Promise<void> {
  for (const { logGroup, ...about } of unreadable) {
    const groups = logGroup === undefined ? logGroups : [logGroup];
    const place = { logGroups: groups, window: windowTimes(window) };
    context.shell.log('error', 'row-unreadable', { ...place, ...about });
    await tellOwn(context, unreadableFinding({ logGroup, logGroups: groups, window, ...about }));
  }
}
