import { documentedDetectionId } from '../../queries/tools/load-detections.ts';
import type { ReadEvent } from './observation.ts';
import { eventsIn, type PlantedEvent, type PlantedLine, type Planting } from './planted-events.ts';
import type { SelftestReport } from './report.ts';

type Verdicts = SelftestReport['verdicts'];

/**
 * Compares the function's verdict on each planted line with the detection's file: the detection
 * must be found for a line of `matches`, and not for a line of `ignores`.
 *
 * @param read the events that the function read from the slice with the lines
 * @param refused the ids of detections that AWS refuses, whose lines are not checked
 */
export function judgeVerdicts(
  { events, slice }: Planting,
  read: readonly ReadEvent[],
  refused: ReadonlySet<string>,
): Verdicts {
  const found = Map.groupBy(read, placeOf);
  const lines = eventsIn(events, slice).flatMap((event) =>
    event.line === undefined ? [] : [{ event, line: event.line }],
  );
  const known = lines.filter(({ line }) => !refused.has(line.detection));
  return {
    checked: known.length,
    notChecked: lines.length - known.length,
    wrong: known.flatMap(({ event, line }) => {
      const ids = (found.get(placeOf(event)) ?? []).flatMap(({ detections }) => detections);
      if (ids.includes(line.detection) === (line.list === 'matches')) return [];
      return [
        {
          detection: line.detection,
          line: nameOf(line),
          logType: event.logType,
          isEnded: line.isEnded,
          expected: line.list === 'matches' ? ('found' as const) : ('not found' as const),
          found: [...new Set(ids)].filter((id) => id !== documentedDetectionId),
        },
      ];
    }),
  };
}

/**
 * Identifies a line by its time, which is unique in its log group, even if its text was changed.
 */
function placeOf({ logType, timestamp }: Pick<ReadEvent | PlantedEvent, 'logType' | 'timestamp'>) {
  return `${timestamp} ${logType}`;
}

function nameOf({ list, at }: PlantedLine): string {
  return `tests.${list}[${at}]`;
}
