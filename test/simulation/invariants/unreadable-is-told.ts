import type { OwnDetection } from '../../../lambda/findings/own-finding.ts';
import { packLanes } from '../../../lambda/model/windows.ts';
import { findingsIn } from '../ledger-view.ts';
import type { World } from '../world/world.ts';
import { scannedIn } from './answers-behind.ts';
import { fine, type Invariant } from './invariant.ts';
import { isOwnSpoilt } from './spoilt.ts';

export const unreadableItemsAreTold: Invariant = {
  rule: 'an unreadable item of the ledger is set aside and reported once',
  watch: (world) => ({
    atEnd: () => {
      if (isOwnSpoilt(world)) return [];
      const aside = world.dynamo.partition('quarantine');
      const waiting = aside.filter(({ sk }) => !sk?.S?.startsWith('reported#'));
      const told = toldOwn(world, 'unreadable-item');
      return [
        ...(waiting.length > 0 ? [`${waiting.length} items were set aside and not told`] : []),
        ...(aside.length > 0 && told === 0 ? ['nobody was told of what was set aside'] : []),
        ...(told > aside.length
          ? [`${aside.length} items were set aside, and told ${told} times`]
          : []),
      ];
    },
  }),
};

export const unreadableRowsAreTold: Invariant = {
  rule: 'an unreadable row is reported, at most once for each slice whose query finds it',
  watch: (world) => {
    const met = new Set<string>();
    return {
      see: (effect) => {
        for (const { logGroup } of scannedIn(effect)) {
          for (const { shown, groups, answered } of effect.invocation.memory.queries) {
            const isBroken = shown.some(
              (line) => line.rowFault !== undefined && line.logGroup === logGroup,
            );
            if (isBroken && answered && groups.includes(logGroup)) met.add(logGroup);
          }
        }
        return fine;
      },
      atEnd: () => {
        if (isOwnSpoilt(world)) return [];
        const told = toldOwn(world, 'unreadable-row');
        const rows = world.lines.filter(({ rowFault }) => rowFault !== undefined).length;
        // A query reads on into the next slice, which reads the row as well.
        const most = 2 * rows * packLanes.length;
        return [
          ...(met.size > 0 && told === 0 ? ['nobody was told of a row that cannot be read'] : []),
          ...(told > most ? [`${rows} rows cannot be read, and were told ${told} times`] : []),
        ];
      },
    };
  },
};

/** How many findings of the monitor's own people were told of. */
function toldOwn({ dynamo, messages }: World, detection: OwnDetection): number {
  const told = new Set(messages.flatMap(({ findings }) => findings.map(({ id }) => id)));
  return findingsIn(dynamo).filter(
    ({ finding: { id, detections } }) => detections[0] === detection && told.has(id),
  ).length;
}
