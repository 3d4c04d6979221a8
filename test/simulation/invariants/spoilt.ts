import type { LedgerPlace } from '../faults/fault-kinds.ts';
import { placeOfKey } from '../faults/ledger-faults.ts';
import { findingsIn } from '../ledger-view.ts';
import type { ChangePlan } from '../schedule/lines.ts';
import { isAbout } from '../told-changes.ts';
import type { World } from '../world/world.ts';

/** Unreadable items: their content is lost, so no rule can require it. */
function spoiltItems({ dynamo }: Pick<World, 'dynamo'>) {
  return dynamo.garbled.filter(({ isReadable }) => !isReadable);
}

/** Whether an item in one of these places was spoilt. */
export function isSpoilt(world: Pick<World, 'dynamo'>, ...places: readonly LedgerPlace[]): boolean {
  return spoiltItems(world).some((key) => places.some((place) => placeOfKey(key) === place));
}

/** Whether a spoilt item names a user or is about a finding. */
export function isSpoiltAbout(world: Pick<World, 'dynamo'>, name: string): boolean {
  return spoiltItems(world).some(
    ({ sk, before }) => sk.includes(name) || before.data?.S?.includes(name) === true,
  );
}

/** Whether a spoilt item is about a change: a line, its finding, or its entry in the list. */
export function isSpoiltChange(world: Pick<World, 'dynamo'>, change: ChangePlan): boolean {
  if (spoiltItems(world).length === 0) return false;
  return (
    isSpoiltAbout(world, change.user) ||
    findingsIn(world.dynamo).some(
      (record) => isAbout(record, change) && isSpoiltAbout(world, record.finding.id),
    )
  );
}

/** Whether a finding of the monitor about itself was spoilt. */
export function isOwnSpoilt(world: Pick<World, 'dynamo'>): boolean {
  return spoiltItems(world).some(({ pk }) => pk === 'stream#monitor');
}
