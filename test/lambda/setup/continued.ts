import type { monitorWith } from './pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;

/**
 * Gives a fresh monitor what the ticks of another one left: its ledger, and what it put and published.
 * A loop over faults runs the ticks before the fault once.
 */
export function continued<Fresh extends Fixture>(before: Fixture, fresh: Fresh): Fresh {
  fresh.table.fill(before.table);
  fresh.cloudWatch.recall(before.cloudWatch);
  fresh.sns.recall(before.sns);
  // An id of the ledger must not occur twice.
  return { ...fresh, monitor: { ...fresh.monitor, newId: before.monitor.newId } };
}
