import { logTypes } from '../../lambda/model/log-types.ts';
import { countOf } from '../common/output.ts';
import type { RawAnswer } from './call-logs.ts';
import { judgeForms, judgeMessages, judgeOrder } from './judge-cells.ts';
import { type Observation, observedEndTime } from './observation.ts';
import { documentedCounts, eventsIn, type PlantedEvent } from './planted-events.ts';
import type { Check, SelftestReport } from './report.ts';

type Verdicts = SelftestReport['verdicts'];
type Judged = Pick<Check, 'result' | 'detail'>;

/** Checks the observation against everything that the monitor expects of AWS. */
export function judge(
  observation: Observation,
  verdicts: Verdicts,
  logGroups: readonly string[],
): Check[] {
  const { answer, documented, planting } = observation;
  const rows = answer.kind === 'answered' ? answer.rows : [];
  return [
    titled(
      'documented-accepted',
      'AWS accepts the documented query',
      judgeAnswer(documented.answer),
    ),
    titled('pack-accepted', "AWS accepts the pack's query", judgePack(observation)),
    titled(
      'verdicts',
      'Each planted line has the verdict of its file',
      judgeLines(observation, verdicts),
    ),
    titled('rows-readable', 'The function reads and judges every row', judgeProblems(observation)),
    titled('end-time', "How far StartQuery's endTime reaches is known", judgeEndTime(observation)),
    titled(
      'start-equals-end',
      'A query may start and end in one second',
      judgeOneSecond(observation),
    ),
    titled(
      'slices-join',
      'Each event is read by exactly one of adjacent slices',
      judgeSlices(observation),
    ),
    titled('documented-count', 'The documented count is exact', judgeCounts(observation)),
    judgeForms(rows, logGroups),
    judgeOrder(rows),
    judgeMessages(rows, planting.events),
    titled('groups-scanned', 'Statistics count the log groups', judgeScanned(answer)),
    titled(
      'empty-groups-scanned',
      'Statistics count empty log groups',
      judgeEmpty(observation.empty),
    ),
    titled(
      'row-limit',
      'One detection may request 100,000 rows',
      judgeManyRows(observation.manyRows),
    ),
  ];
}

function titled(id: string, title: string, judged: Judged): Check {
  return { id, title, ...judged };
}

const shownClauses = 4;

function someOf(clauses: readonly string[]): string {
  const rest = clauses.length - shownClauses;
  return [...clauses.slice(0, shownClauses), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

const ok = (detail: string): Judged => ({ result: 'ok', detail });
const note = (detail: string): Judged => ({ result: 'note', detail });
const differs = (detail: string): Judged => ({ result: 'differs', detail });
const unknown = (detail: string): Judged => ({ result: 'unknown', detail });

function judgeAnswer(answer: RawAnswer): Judged {
  return answer.kind === 'answered' ? ok('accepted') : differs(answer.message);
}

function judgePack({ pack, refused, isPackRefused }: Observation): Judged {
  if (pack.answer.kind === 'answered') return ok(`accepted, ${pack.queryString.length} characters`);
  if (refused.length === 0) return differs(pack.answer.message);
  if (isPackRefused) return differs(`AWS accepts no detection: ${refused[0]?.message}`);
  const ids = refused.map(({ id }) => id).join(', ');
  return differs(
    `AWS refuses ${countOf(refused.length, 'detection')}: ${ids} (${refused[0]?.message})`,
  );
}

function judgeLines({ packSlices }: Observation, { checked, notChecked, wrong }: Verdicts): Judged {
  if (!areRead(packSlices)) return unknown('the slice was not read');
  const rest =
    notChecked === 0 ? '' : `; ${countOf(notChecked, 'line')} of refused detections not checked`;
  const [first] = wrong;
  if (first === undefined) return ok(`${countOf(checked, 'line')}${rest}`);
  const such = `${first.detection} ${first.line} is ${first.expected === 'found' ? 'not found' : 'found'}`;
  return differs(
    `${wrong.length} of ${countOf(checked, 'line')} ${wrong.length === 1 ? 'is' : 'are'} wrong, such as ${such}${rest}`,
  );
}

/** Whether the slice and its neighbours were read. */
export function areRead(packSlices: Observation['packSlices']): boolean {
  return packSlices.length > 0 && packSlices.every(({ isRead }) => isRead);
}

function judgeProblems({ packSlices, countedSlices }: Observation): Judged {
  const problems = [...packSlices, ...countedSlices].flatMap((slice) => slice.problems);
  const rows = packSlices.reduce((sum, { events }) => sum + events.length, 0);
  return problems.length > 0
    ? differs(someOf([...new Set(problems)]))
    : ok(`${countOf(rows, 'row')} with a verdict`);
}

function judgeEndTime({ endTime, planting }: Observation): Judged {
  switch (observedEndTime(endTime, endTimeTimestamps(planting.events))) {
    case 'second':
      return ok('it includes its whole second, to the last millisecond');
    case 'millisecond':
      return ok('it includes the first millisecond of its second');
    case 'exclusive':
      return note('it excludes its second');
    default:
      return differs('the answers match no reading that the monitor knows');
  }
}

/** One log group is enough for the queries about `endTime`. */
export const endTimeLogType = 'WebServer';

/** The times of the events around the slice's ends, which the queries about `endTime` must find. */
export function endTimeTimestamps(events: readonly PlantedEvent[]): number[] {
  const times = events.flatMap(({ boundary, logType, timestamp }) =>
    boundary !== undefined && logType === endTimeLogType ? [timestamp] : [],
  );
  return [...new Set(times)];
}

function judgeOneSecond({ endTime, countedSlices }: Observation): Judged {
  const asked = endTime.find(({ startTime, endTime: end }) => startTime === end);
  if (asked === undefined) return unknown('the query was not run');
  if (asked.kind === 'answered') return ok('accepted');
  const doubts = countedSlices.reduce((sum, slice) => sum + slice.doubts, 0);
  return note(
    `${asked.message}; the documented count may include one second too much, and is marked so (${countOf(doubts, 'doubt')})`,
  );
}

function judgeSlices({ packSlices, planting, refused }: Observation): Judged {
  if (!areRead(packSlices)) return unknown('the slices were not read');
  const isRefused = new Set(refused.map(({ id }) => id));
  const ends = planting.events.filter(
    ({ boundary }) => boundary !== undefined && !isRefused.has(boundary.detection),
  );
  const wrong: string[] = [];
  for (const { boundary, ...event } of ends) {
    for (const { window, events } of packSlices) {
      const times = events.filter(
        ({ logType, timestamp, message }) =>
          logType === event.logType && timestamp === event.timestamp && message === event.message,
      ).length;
      const isHere = eventsIn([event], window).length === 1;
      if (times === (isHere ? 1 : 0)) continue;
      wrong.push(
        `${boundary?.name} is read ${countOf(times, 'time')} by the slice that ${isHere ? 'contains it' : 'does not contain it'}`,
      );
    }
  }
  return wrong.length > 0
    ? differs(someOf([...new Set(wrong)]))
    : ok(`${countOf(ends.length, 'event')} at the ends of three slices`);
}

function judgeCounts(observation: Observation): Judged {
  const rows = countRows(observation);
  const wrong = rows.filter(({ planted, counted }) => planted !== counted);
  const shown = wrong.map(
    ({ slice, logType, planted, counted }) =>
      `${slice}, ${logType}: ${counted ?? 'nothing'} instead of ${planted}`,
  );
  const total = rows.reduce((sum, { planted }) => sum + planted, 0);
  return wrong.length > 0 ? differs(someOf(shown)) : ok(`${total} in three slices`);
}

/** The planted and the counted events, by slice and log type. */
export function countRows({ countedSlices, planting }: Observation) {
  return countedSlices.flatMap(({ slice, window, counts }) => {
    const planted = documentedCounts(planting.events, window);
    return logTypes.map((logType) => {
      const counted = counts.get(logType);
      return {
        ...{ slice, logType, planted: planted.get(logType) ?? 0 },
        ...(counted !== undefined && { counted }),
      };
    });
  });
}

function judgeScanned(answer: RawAnswer): Judged {
  const scanned = scannedOf(answer);
  if (scanned === undefined) return unknown('the answer has no such statistic');
  const detail = `${scanned} of ${logTypes.length}, all with events`;
  return scanned === logTypes.length ? ok(detail) : differs(detail);
}

/** The monitor publishes a zero only for log groups that AWS counts as scanned. */
function judgeEmpty(answer: RawAnswer): Judged {
  const scanned = scannedOf(answer);
  if (scanned === undefined) return unknown('the answer has no such statistic');
  const detail = `${scanned} of ${logTypes.length}, all of them empty`;
  if (scanned === logTypes.length) return ok(detail);
  return note(`${detail}: for a slice without any events, no zeros are published`);
}

export function scannedOf(answer: RawAnswer): number | undefined {
  return answer.kind === 'answered' ? answer.statistics.logGroupsScanned : undefined;
}

function judgeManyRows(answer: RawAnswer | undefined): Judged {
  if (answer === undefined) return unknown('AWS accepts no detection alone');
  return judgeAnswer(answer);
}
