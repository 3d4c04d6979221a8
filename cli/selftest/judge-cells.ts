import { logGroupOfLogField, readResultTime } from '../../lambda/query/match-counts.ts';
import { documentedDetectionId } from '../../queries/tools/load-detections.ts';
import { countOf } from '../common/output.ts';
import { cellsOf, type ReadEvent } from './observation.ts';
import { eventsIn, type PlantedEvent, type PlantedLine, type Planting } from './planted-events.ts';
import { type Check, type SelftestReport, withoutAccount } from './report.ts';

const knownTimeForm = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/;
const knownLogForm = /^\d{12}:[^:]+$/;

/** The form of the cells in an answer to the pack's query, taken from its first row. */
export function observedCells(rows: readonly unknown[]): SelftestReport['cells'] {
  const cells = cellsOf(rows[0]);
  const [timestamp, ingestionTime, log] = ['@timestamp', '@ingestionTime', '@log'].map((field) =>
    cells.get(field),
  );
  return {
    fields: [...cells.keys()],
    ...(timestamp !== undefined && { timestamp }),
    ...(ingestionTime !== undefined && { ingestionTime }),
    ...(log !== undefined && { log: logForm(log) }),
  };
}

/** Whether times and log groups have the usual form, or at least one that the monitor can read. */
export function judgeForms(rows: readonly unknown[], logGroups: readonly string[]): Check {
  const title = 'Times and log groups have a form that the monitor reads';
  const about = { id: 'cells', title };
  if (rows.length === 0) return { ...about, result: 'unknown', detail: 'there are no rows' };
  const odd = new Map<string, string>();
  let isOther = false;
  for (const row of rows) {
    const cells = cellsOf(row);
    for (const field of ['@timestamp', '@ingestionTime']) {
      const text = cells.get(field) ?? '';
      if (readResultTime(text) === undefined) odd.set(field, text);
      isOther ||= !knownTimeForm.test(text);
    }
    const log = cells.get('@log') ?? '';
    if (!logGroups.includes(logGroupOfLogField(log))) odd.set('@log', withoutAccount(log));
    isOther ||= !knownLogForm.test(log);
    for (const field of ['@logStream', '@message']) if (!cells.has(field)) odd.set(field, '');
  }
  if (odd.size > 0) {
    const shown = [...odd].map(
      ([field, text]) => `${field} ${text === '' ? 'is missing' : `"${text}"`}`,
    );
    return { ...about, result: 'differs', detail: shown.join('; ') };
  }
  const { timestamp = '', ingestionTime = '', log = '' } = observedCells(rows);
  const detail = `@timestamp ${timestamp}, @ingestionTime ${ingestionTime}, @log ${log}`;
  return { ...about, result: isOther ? 'note' : 'ok', detail };
}

/** Whether the rows are in the order of their times, as `sort @timestamp asc` requests. */
export function judgeOrder(rows: readonly unknown[]): Check {
  const about = { id: 'order', title: 'Rows are in the order of their times' };
  if (rows.length === 0) return { ...about, result: 'unknown', detail: 'there are no rows' };
  const times = rows.map((row) => readResultTime(cellsOf(row).get('@timestamp') ?? ''));
  const at = times.findIndex((time, index) => (time ?? 0) < (times[index - 1] ?? 0));
  return at === -1
    ? { ...about, result: 'ok', detail: `${rows.length} rows` }
    : {
        ...about,
        result: 'differs',
        detail: `row ${at + 1} of ${rows.length} is earlier than the previous one`,
      };
}

/**
 * Whether messages are returned as they were put. Trailing white space does not matter to
 * detections.
 */
export function judgeMessages(rows: readonly unknown[], events: readonly PlantedEvent[]): Check {
  const about = { id: 'messages', title: 'Messages are returned as they were put' };
  if (rows.length === 0) return { ...about, result: 'unknown', detail: 'there are no rows' };
  const put = Map.groupBy(events, ({ timestamp }) => timestamp);
  const changed = rows.flatMap((row) => {
    const cells = cellsOf(row);
    const message = cells.get('@message') ?? '';
    const then = put.get(readResultTime(cells.get('@timestamp') ?? '') ?? Number.NaN) ?? [];
    const isTrimmed = then.some((event) => event.message.trimEnd() === message.trimEnd());
    return then.some((event) => event.message === message) ? [] : [{ message, isTrimmed }];
  });
  const other = changed.find(({ isTrimmed }) => !isTrimmed);
  if (other !== undefined) {
    const shown = JSON.stringify(other.message.slice(0, shownCharacters));
    return {
      ...about,
      result: 'differs',
      detail: `one message was not put at its time: ${shown}`,
    };
  }
  return changed.length > 0
    ? {
        ...about,
        result: 'note',
        detail: `${changed.length} of ${countOf(rows.length, 'message')} lost the final line feed`,
      }
    : { ...about, result: 'ok', detail: `${rows.length} messages` };
}

const shownCharacters = 200;

/** The form of a value of `@log`, with placeholders for the names. */
function logForm(log: string): string {
  return withoutAccount(log).replace(logGroupOfLogField(log), '<log group>');
}

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
