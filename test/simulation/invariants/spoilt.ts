import type { LedgerPlace } from '../faults/fault-kinds.ts';
import { placeOfKey } from '../faults/ledger-faults.ts';
import type { World } from '../world/world.ts';

/** Items that cannot be read any more: what they held is lost, and no rule can ask for it. */
function spoiltItems({ dynamo }: Pick<World, 'dynamo'>) {
  return dynamo.garbled.filter(({ isReadable }) => !isReadable);
}

/** Whether an item of one of these places was spoilt. */
export function isSpoilt(world: Pick<World, 'dynamo'>, ...places: readonly LedgerPlace[]): boolean {
  return spoiltItems(world).some((key) => places.some((place) => placeOfKey(key) === place));
}

/** Whether an item was spoilt that names a user, or is about a finding. */
export function isSpoiltAbout(world: Pick<World, 'dynamo'>, name: string): boolean {
  return spoiltItems(world).some(
    ({ sk, before }) => sk.includes(name) || before.data?.S?.includes(name) === true,
  );
}

/** Whether a finding was spoilt in which the monitor tells of itself. */
export function isOwnSpoilt(world: Pick<World, 'dynamo'>): boolean {
  return spoiltItems(world).some(({ pk }) => pk === 'stream#monitor');
}
