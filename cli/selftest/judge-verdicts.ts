import { documentedDetectionId } from '../../queries/load-detections.ts';
import type { ReadEvent } from './observation.ts';
import { eventsIn, type PlantedEvent, type PlantedLine, type Planting } from './planted-events.ts';
import type { SelftestReport } from './report.ts';

type Verdicts = SelftestReport['verdicts'];

/**
 * Holds the function's verdict on each planted line to the line's file: a line of `matches` has the
 * detection among those found, a line of `ignores` has not.
 *
 * @param read what the function read of the slice that holds the lines
 * @param refused ids of detections whose texts AWS refuses: about their lines nothing is known
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

/** A line's time is its own within its log group, so that it is known whatever became of its text. */
function placeOf({ logType, timestamp }: Pick<ReadEvent | PlantedEvent, 'logType' | 'timestamp'>) {
  return `${timestamp} ${logType}`;
}

function nameOf({ list, at }: PlantedLine): string {
  return `tests.${list}[${at}]`;
}
