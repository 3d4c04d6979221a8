import { inSteps } from '../common/retry.ts';
import { cutText } from '../common/text.ts';
import { type OwnFinding, ownRecord } from '../findings/own-finding.ts';
import { loadUnreported, markReported, type QuarantinedItem } from '../ledger/quarantine.ts';
import { findFinding, saveFinding } from '../ledger/stored-findings.ts';
import { logGroupName, logTypes } from '../model/log-types.ts';
import { windowTimes } from '../model/windows.ts';
import { sidesOf } from '../plan/runtime-config.ts';
import type { SliceReading } from '../scan/read-slice.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { floodFinding, unreadableFinding } from './gaps.ts';
import type { TickContext } from './tick-context.ts';

/** Saves a finding about the monitor itself, unless it is already in the ledger. */
export async function saveOwnFinding(
  { table, shell, tickEpochMs }: TickContext,
  own: OwnFinding,
): Promise<void> {
  const { region } = shell.mwaa;
  const { mwaaEnvironment: environment } = shell.config;
  const sides = sidesOf(shell.config);
  const record = ownRecord(own, { environment, region, tickEpochMs, sides });
  if ((await findFinding(table, record)) !== undefined) return;
  await saveFinding(table, record);
  const { id, severity, detections, title } = record.finding;
  shell.log('warn', 'own-finding-recorded', { id, severity, detection: detections[0], title });
}

/** Saves the finding that one second of a log group holds more matching lines than can be read. */
export async function saveFloodFinding(
  context: TickContext,
  logGroup: string,
  secondEpochMs: number,
  rowsRead: number,
): Promise<void> {
  await saveOwnFinding(context, floodFinding(logGroup, secondEpochMs, rowsRead));
}

/** Reports rows that cannot be read: each slice in the log, the first of an hour as a finding. */
export async function reportUnreadable(
  context: TickContext,
  { unreadable, window, logGroups }: Pick<SliceReading, 'unreadable' | 'window' | 'logGroups'>,
): Promise<void> {
  for (const { logGroup, ...about } of unreadable) {
    const groups = logGroup === undefined ? logGroups : [logGroup];
    const place = { logGroups: groups, window: windowTimes(window) };
    context.shell.log('error', 'row-unreadable', { ...place, ...about });
    await saveOwnFinding(
      context,
      unreadableFinding({ logGroup, logGroups: groups, window, ...about }),
    );
  }
}

/** With more items than this in one tick, the rest is reported together. */
const singleItemsMax = 10;
const keyCharactersMax = 120;
const titleCharactersMax = 1_000;

/**
 * Reports the ledger items that were set aside since the last tick, each once by its key and content. An
 * item that delivery sets aside is reported by the next tick. If there are very many, each tick reports
 * some of them in one finding.
 */
export async function reportQuarantined(context: TickContext): Promise<void> {
  const { table, tickEpochMs } = context;
  const { items, isAll } = await loadUnreported(table);
  const singles = isAll ? singleItemsMax - 1 : 0;
  const single = items.length > singleItemsMax ? items.slice(0, singles) : items;
  const rest = items.slice(single.length);
  for (const item of single) await saveOwnFinding(context, unreadableItems(context, [item]));
  if (rest.length > 0) await saveOwnFinding(context, unreadableItems(context, rest));
  await inSteps(items, (item) => markReported(table, item, tickEpochMs));
}

function unreadableItems(
  { shell, tickEpochMs }: TickContext,
  items: readonly QuarantinedItem[],
): OwnFinding {
  const keys = items.map(
    ({ itemPk, itemSk }) =>
      `${shownName(itemPk, keyCharactersMax)} / ${shownName(itemSk, keyCharactersMax)}`,
  );
  const [first] = items;
  const about =
    items.length === 1
      ? `ledger item ${keys[0]} cannot be used (${escaped(first?.problem ?? '')})`
      : `${items.length} ledger items cannot be used: ${keys.join('; ')}`;
  const groups = logTypes.map((logType) => logGroupName(shell.config.mwaaEnvironment, logType));
  const named = groups.filter((group) => keys.some((key) => key.includes(group)));
  return {
    detection: 'unreadable-item',
    identity: items.flatMap(({ itemPk, itemSk, contentHash }) => [itemPk, itemSk, contentHash]),
    severity: 'high',
    title: cutText(`${about}; set aside, and everything else went on`, titleCharactersMax),
    logGroups: named.length > 0 ? named : groups,
    startEpochMs: tickEpochMs,
    endEpochMs: tickEpochMs,
  };
}
