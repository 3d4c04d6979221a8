import type { RawAnswer } from '../../../cli/selftest/call-logs.ts';
import { endTimeTimestamps } from '../../../cli/selftest/judge.ts';
import { endTimeQueries, type Observation } from '../../../cli/selftest/observation.ts';
import {
  documentedCounts,
  eventsIn,
  neighbours,
  planEvents,
} from '../../../cli/selftest/planted-events.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import type { Window } from '../../../lambda/model/windows.ts';
import { type EndTimeReading, endEpochMsOf } from '../../../local/insights-engine/engine-types.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';

export const detections = loadDetections();
export const planting = planEvents(detections, Date.UTC(2026, 10, 22, 6, 0, 0, 123));
export const logGroups = logTypes.map((logType) => `privilege-monitor-selftest-id-${logType}`);

export const rowOf = (timestamp: number, message: string, changes: object = {}) =>
  Object.entries({
    '@timestamp': new Date(timestamp).toISOString().replace('T', ' ').replace('Z', ''),
    '@ingestionTime': '2026-11-22 06:00:30.000',
    '@log': '000000000000:privilege-monitor-selftest-id-Task',
    '@logStream': 'selftest',
    '@message': message,
    ...changes,
  }).map(([field, value]) => ({ field, value }));

export const answered = (rows: readonly unknown[] = [], logGroupsScanned = 5): RawAnswer => ({
  kind: 'answered',
  rows,
  statistics: { logGroupsScanned, bytesScanned: 1 },
});

/** The events that the function reads when each line has the verdict of its file. */
export const readOf = (window: Window) =>
  eventsIn(planting.events, window).map(({ logType, timestamp, message, line, boundary }) => ({
    ...{ logType, timestamp, message },
    detections: [
      ...(line?.list === 'matches' ? [line.detection] : []),
      ...(boundary === undefined ? [] : [boundary.detection]),
    ],
  }));

const [before, after] = neighbours(planting.slice);

/** The observation of a run in which AWS behaves as the monitor expects. */
export function baseObservation(reading: EndTimeReading = 'second'): Observation {
  const { slice, events } = planting;
  const answer = answered(
    eventsIn(events, slice).map(({ timestamp, message }) => rowOf(timestamp, message)),
  );
  const windows = [
    ['before', before],
    ['the slice', slice],
    ['after', after],
  ] as const;
  return {
    ...{ planting, visibleAfterSeconds: 3, refused: [], isPackRefused: false, answer },
    documented: { name: 'documented', queryString: 'documented', answer: answered() },
    pack: { name: 'pack', queryString: 'pack', answer },
    packSlices: windows.map(([, window]) => ({
      window,
      events: readOf(window),
      isRead: true,
      problems: [],
    })),
    countedSlices: windows.map(([name, window]) => ({
      ...{ slice: name, window, isRead: true, problems: [], doubts: 0 },
      counts: documentedCounts(events, window),
    })),
    endTime: endTimeQueries(slice).map((query) => ({
      ...query,
      kind: 'answered',
      timestamps: endTimeTimestamps(events).filter(
        (time) => time >= query.startTime * 1000 && time <= endEpochMsOf(query.endTime, reading),
      ),
    })),
    ...{ empty: answered(), manyRows: answered() },
  };
}
