import type { RawAnswer } from '../../../cli/selftest/call-logs.ts';
import type { EndTimeAnswer, Observation } from '../../../cli/selftest/observation.ts';
import { selftestReportSchema } from '../../../cli/selftest/report.ts';
import { makeReport } from '../../../cli/selftest/selftest.ts';
import { answered, baseObservation, logGroups, planting, rowOf } from './base-observation.ts';

const facts = {
  ...{ region: 'eu-west-1', observedAt: '2026-11-22T06:00:00.000Z', durationSeconds: 60 },
  ...{ logGroups, kept: false, bytesScanned: 1000, queries: 30 },
};
const base = baseObservation();
const report = (changes: Partial<Observation> = {}) =>
  selftestReportSchema.parse(makeReport({ ...base, ...changes }, facts));

/** The checks that are not `ok`, as `id result`. */
const notOk = (changes: Partial<Observation>) =>
  report(changes).checks.flatMap(({ id, result }) => (result === 'ok' ? [] : [`${id} ${result}`]));

const refused: RawAnswer = { kind: 'refused', message: 'MalformedQueryException: no' };
const failed: RawAnswer = { kind: 'failed', message: 'the query ended as Failed' };
const [before, slice, after] = base.packSlices;
const first = { timestamp: 0, message: '', ...planting.events[0] };
const inSlice = (change: (events: NonNullable<typeof slice>['events']) => typeof events) =>
  [before, slice && { ...slice, events: change(slice.events) }, after].filter(
    (it) => it !== undefined,
  );

test.each(['second', 'millisecond'] as const)(
  'everything is ok if endTime includes a %s, and the report says which',
  (reading) => {
    const { checks, result, endTime } = report(baseObservation(reading));
    expect(checks.filter((check) => check.result !== 'ok')).toEqual([]);
    expect([result, endTime.reading]).toEqual(['ok', reading]);
  },
);

/** A change to a run without differences, and the checks that must report it. */
const changes: readonly (readonly [string, Partial<Observation>, readonly string[]])[] = [
  [
    'the documented query is refused',
    { documented: { ...base.documented, answer: refused } },
    ['documented-accepted differs'],
  ],
  [
    "the pack's query is refused because of one detection",
    {
      pack: { ...base.pack, answer: refused },
      refused: [{ id: 'metadata-sql-result', message: 'no' }],
    },
    ['pack-accepted differs'],
  ],
  [
    'the pack fails',
    { pack: { ...base.pack, answer: failed }, answer: failed },
    [
      'pack-accepted differs',
      'cells unknown',
      'order unknown',
      'messages unknown',
      'groups-scanned unknown',
    ],
  ],
  [
    'a matching line is not found',
    {
      packSlices: inSlice((events) =>
        events.filter(({ detections }) => !detections.includes('cli-users-imported')),
      ),
    },
    ['verdicts differs'],
  ],
  [
    'a line that should be ignored is found',
    {
      packSlices: inSlice((events) =>
        events.map((event) =>
          event.detections.length === 0 ? { ...event, detections: ['cli-role-granted'] } : event,
        ),
      ),
    },
    ['verdicts differs'],
  ],
  [
    'a row cannot be read',
    {
      packSlices: base.packSlices.map((read) => ({
        ...read,
        problems: ['1 rows: the first is bad'],
      })),
    },
    ['rows-readable differs'],
  ],
  [
    'a slice cannot be read',
    { packSlices: base.packSlices.map((read) => ({ ...read, isRead: false, problems: ['no'] })) },
    ['verdicts unknown', 'rows-readable differs', 'slices-join unknown'],
  ],
  [
    'endTime excludes its second',
    { endTime: base.endTime.map(withoutLastSecond) },
    ['end-time note'],
  ],
  [
    'the answers about endTime match no reading',
    { endTime: base.endTime.map((answer) => ({ ...answer, timestamps: [] })) },
    ['end-time differs'],
  ],
  [
    'a query over one second is refused',
    {
      endTime: base.endTime.map((answer) =>
        answer.startTime === answer.endTime ? { ...answer, ...refused } : answer,
      ),
    },
    ['start-equals-end note'],
  ],
  [
    'an event at the end is read twice',
    {
      packSlices: base.packSlices.map((read) => ({
        ...read,
        events: [...read.events, ...(after?.events.slice(0, 1) ?? [])],
      })),
    },
    ['slices-join differs'],
  ],
  [
    'an event in the last millisecond is not read',
    {
      packSlices: inSlice((events) =>
        events.filter(({ timestamp }) => timestamp !== planting.slice.endEpochMs - 1),
      ),
    },
    ['slices-join differs'],
  ],
  [
    'a count is one too high',
    {
      countedSlices: base.countedSlices.map((counted) => ({
        ...counted,
        counts: new Map([...counted.counts].map(([logType, count]) => [logType, count + 1])),
      })),
    },
    ['documented-count differs'],
  ],
  [
    'a count is not known',
    { countedSlices: base.countedSlices.map((counted) => ({ ...counted, counts: new Map() })) },
    ['documented-count differs'],
  ],
  [
    'times have another readable form',
    {
      answer: answered([
        rowOf(first.timestamp, first.message, { '@timestamp': `${first.timestamp}` }),
      ]),
    },
    ['cells note'],
  ],
  [
    'times cannot be read',
    {
      answer: answered([rowOf(first.timestamp, first.message, { '@ingestionTime': 'noon' })]),
    },
    ['cells differs'],
  ],
  [
    'rows are in another order',
    {
      answer: answered(
        planting.events.toReversed().map(({ timestamp, message }) => rowOf(timestamp, message)),
      ),
    },
    ['order differs'],
  ],
  [
    'messages lose their final line feed',
    {
      answer: answered(
        planting.events.map(({ timestamp, message }) => rowOf(timestamp, message.trimEnd())),
      ),
    },
    ['messages note'],
  ],
  ['a message is returned changed', { answer: answered([rowOf(0, 'x')]) }, ['messages differs']],
  [
    'log groups are not counted',
    { answer: answered([], 0) },
    ['cells unknown', 'order unknown', 'messages unknown', 'groups-scanned differs'],
  ],
  ['empty log groups are not counted', { empty: answered([], 0) }, ['empty-groups-scanned note']],
  ['100,000 rows are too many', { manyRows: refused }, ['row-limit differs']],
];

test.each(changes)('when %s, exactly the affected checks report it', (_, change, expected) => {
  expect(notOk(change)).toEqual(expected);
  const differs = expected.some((line) => line.endsWith('differs'));
  expect(report(change).result).toBe(differs ? 'differs' : 'ok');
});

test('lines of refused detections are not judged', () => {
  const all = report();
  const some = report({ refused: [{ id: 'cli-role-granted', message: 'no' }] });
  expect(all.verdicts.notChecked).toBe(0);
  expect(some.verdicts.notChecked).toBeGreaterThan(10);
  expect(some.verdicts.checked + some.verdicts.notChecked).toBe(all.verdicts.checked);
});

test('without any accepted query of the pack, verdicts are unknown', () => {
  const none = report({ packSlices: [], answer: refused, pack: { ...base.pack, answer: refused } });
  expect(none.verdicts).toMatchObject({ checked: 0, wrong: [] });
  expect(none.checks.find(({ id }) => id === 'verdicts')?.result).toBe('unknown');
});

test('no part of a report contains the account', () => {
  const arn = 'arn:aws:logs:eu-west-1:111122223333:log-group:secret-name:*';
  const message = `AccessDenied: 111122223333 may not use ${arn}`;
  const redacted = report({
    documented: { ...base.documented, answer: { kind: 'refused', message } },
    pack: { ...base.pack, answer: { kind: 'refused', message } },
    refused: [{ id: 'cli-role-granted', message }],
    manyRows: { kind: 'failed', message },
    answer: answered([
      rowOf(0, 'x', { '@log': '111122223333:privilege-monitor-selftest-id-Task' }),
    ]),
    endTime: base.endTime.map((answer) => ({ ...answer, kind: 'refused', message })),
  });
  expect(JSON.stringify(redacted)).not.toContain('111122223333');
  expect(JSON.stringify(redacted)).not.toContain('secret-name');
});

function withoutLastSecond(answer: EndTimeAnswer): EndTimeAnswer {
  return answer.kind === 'answered'
    ? { ...answer, timestamps: answer.timestamps.filter((time) => time < answer.endTime * 1000) }
    : answer;
}
