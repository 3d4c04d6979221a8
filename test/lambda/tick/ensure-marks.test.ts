import { deadlineIn } from '../../../lambda/common/time.ts';
import { assessCoverage } from '../../../lambda/coverage/assess-coverage.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import {
  claimSlice,
  createMark,
  loadMarks,
  type Mark,
  type SliceRecord,
  saveSliceRecord,
} from '../../../lambda/ledger/marks.ts';
import type { ExistingLogGroups, LogGroupFacts } from '../../../lambda/model/coverage.ts';
import { lanes } from '../../../lambda/model/windows.ts';
import { tickContext } from '../../../lambda/record/tick-context.ts';
import { ensureMarks } from '../../../lambda/tick/ensure-marks.ts';
import { allGroups, environment, healthyMonitor } from '../setup/monitor-fixture.ts';

const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);
const tick = at('09:00:00');
const [task = ''] = allGroups;

function fixture(initialLookbackHours = 0) {
  const { shell, timer, lines } = healthyMonitor();
  const deadline = deadlineIn(timer, 60_000);
  const table = new LedgerTable(shell, 'ledger', deadline);
  const config = { ...shell.config, initialLookbackHours };
  const marksAt = async (
    tickEpochMs: number,
    facts: LogGroupFacts = {},
    state: { lastTickEpochMs?: number } = {},
  ) => {
    const existing: ExistingLogGroups = { kind: 'known', logGroups: new Map([[task, facts]]) };
    const unknown = { kind: 'unknown', reason: 'not asked' } as const;
    const answers = { logging: unknown, existing, incoming: unknown };
    const coverage = assessCoverage(environment, answers, 48);
    const context = tickContext({
      ...{ table, tickEpochMs, shell: { ...shell, config }, deadline, scanDeadline: deadline },
    });
    return ensureMarks(context, coverage, existing, state);
  };
  return { table, lines, marksAt };
}

const ofTask = (marks: readonly Mark[], lane: Mark['lane'] = 'scan') =>
  marks.find((mark) => mark.logGroup === task && mark.lane === lane);

test('the first tick begins every lane of every log group one period before its target', async () => {
  const { marksAt, lines } = fixture();
  const marks = await marksAt(tick);
  expect(marks).toHaveLength(lanes.length * allGroups.length);
  for (const mark of marks) {
    expect(mark).toMatchObject({ positionEpochMs: at('08:50:00'), sinceEpochMs: at('08:50:00') });
  }
  expect(lines).toContainEqual(
    expect.objectContaining({
      decision: 'monitoring-begins',
      monitoredSince: '2026-03-01T08:50:00.000Z',
    }),
  );
});

test('a later tick loads the marks and creates none', async () => {
  const { marksAt, lines } = fixture();
  const first = await marksAt(tick);
  expect(await marksAt(at('10:00:00'))).toEqual(first);
  expect(lines.filter(({ decision }) => decision === 'monitoring-begins')).toHaveLength(1);
});

test('the scan and the documented query look back before the first tick; sweeps do not', async () => {
  const marks = await fixture(6).marksAt(tick);
  for (const lane of ['scan', 'documented'] as const) {
    expect(ofTask(marks, lane)).toMatchObject({
      positionEpochMs: at('02:50:00'),
      sinceEpochMs: at('08:50:00'),
    });
  }
  expect(ofTask(marks, 'far')).toMatchObject({ positionEpochMs: at('08:50:00') });
});

test('a younger log group begins with the second of its creation', async () => {
  const marks = await fixture(6).marksAt(tick, { createdEpochMs: at('08:52:03.456') });
  expect(ofTask(marks)).toMatchObject({
    positionEpochMs: at('08:52:03'),
    sinceEpochMs: at('08:52:03'),
  });
});

test("a look-back goes no further than the log group's retention", async () => {
  const marks = await fixture(48).marksAt(tick, { retentionDays: 1 });
  expect(ofTask(marks)?.positionEpochMs).toBe(tick - 86_400_000);
});

test('lanes that an interrupted invocation did not create begin where its scan began', async () => {
  const { table, marksAt } = fixture();
  const since = at('08:50:00');
  const scan: Mark = { lane: 'scan', logGroup: task, positionEpochMs: since, sinceEpochMs: since };
  await createMark(table, scan);
  const marks = await marksAt(at('09:30:00'));
  expect(ofTask(marks, 'near')).toMatchObject({ positionEpochMs: since, sinceEpochMs: since });
  expect(await loadMarks(table)).toEqual(marks);
});

describe('a documented query without a mark, as in a ledger of version 2', () => {
  const since = at('06:00:00');
  const scan: Mark = {
    ...{ lane: 'scan', logGroup: task, positionEpochMs: at('08:50:00'), sinceEpochMs: since },
  };
  const claim: SliceRecord = {
    ...{ lane: 'scan', logGroup: task, startEpochMs: at('08:50:00'), endEpochMs: at('08:55:00') },
    ...{ outcome: 'scanned', tickEpochMs: tick, covered: true, rows: 0, bytes: 0 },
    ...{ privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
  };

  async function documentedBeside(mark: Mark, ownClaim?: SliceRecord) {
    const { table, marksAt } = fixture();
    await createMark(table, mark);
    if (ownClaim !== undefined) await claimSlice(table, mark, ownClaim);
    return ofTask(await marksAt(at('09:30:00')), 'documented');
  }

  test("begins at the scan's position, not where monitoring began", async () => {
    expect(await documentedBeside(scan)).toMatchObject({
      ...{ positionEpochMs: at('08:50:00'), sinceEpochMs: since },
    });
  });

  test('begins at the end of a claim that already holds a count', async () => {
    expect(await documentedBeside(scan, { ...claim, matches: 2 })).toMatchObject({
      positionEpochMs: at('08:55:00'),
    });
  });

  test('begins at the start of a claim without a count: it was not queried or unreadable', async () => {
    expect(await documentedBeside(scan, claim)).toMatchObject({
      positionEpochMs: at('08:50:00'),
    });
  });

  test('begins where the scan begins again, if that was lost as well', async () => {
    const near: Mark = { ...scan, lane: 'near', positionEpochMs: at('07:00:00') };
    expect(await documentedBeside(near)).toMatchObject({ positionEpochMs: at('07:00:00') });
  });
});

describe('a lost mark of the documented query', () => {
  const since = at('06:00:00');
  const [, other = ''] = allGroups;
  const mark = (lane: Mark['lane'], logGroup: string, time: string): Mark => ({
    ...{ lane, logGroup, positionEpochMs: at(time), sinceEpochMs: since },
  });
  const counted = (logGroup: string, tickTime: string, endTime: string): SliceRecord => ({
    ...{ lane: 'documented', logGroup, endEpochMs: at(endTime), tickEpochMs: at(tickTime) },
    ...{ startEpochMs: at(endTime) - 300_000, outcome: 'scanned', covered: true, rows: 0 },
    ...{ bytes: 0, matches: 0, privilegeChanges: 0, suppressedChanges: 0, lateChanges: 0 },
  });
  /** Where the task group's lane begins again at 09:00, and what is reported about it. */
  async function again(
    marks: readonly Mark[],
    records: readonly SliceRecord[],
    lastTickEpochMs?: number,
  ) {
    const { table, lines, marksAt } = fixture();
    for (const one of marks) await createMark(table, one);
    for (const record of records) await saveSliceRecord(table, record);
    const state = lastTickEpochMs === undefined ? {} : { lastTickEpochMs };
    const begun = ofTask(await marksAt(at('09:00:00'), {}, state), 'documented');
    const isOfTask = ({ title }: { title?: unknown }) => String(title).includes(task);
    const reported = lines.filter(
      (line) => line.decision === 'own-finding-recorded' && isOfTask(line),
    );
    return {
      position: begun && new Date(begun.positionEpochMs).toISOString().slice(11, 16),
      reported: reported.map(({ title }) => String(title)),
      isLost: lines.some(({ decision }) => decision === 'documented-position-lost'),
    };
  }
  const stuckScan = mark('scan', task, '06:10:00');
  const aheadScan = mark('scan', task, '08:50:00');

  test.each([
    ['the scan has stood still since', stuckScan],
    ['the scan is further', aheadScan],
  ])('begins again where its last slice ended, though %s', async (_, scan) => {
    const records = [
      counted(task, '08:00:00', '07:55:00'),
      counted(task, '08:05:00', '08:00:00'),
      counted(other, '08:55:00', '08:50:00'),
    ];
    expect(await again([scan], records)).toEqual({
      ...{ position: '08:00', reported: [], isLost: true },
    });
  });

  test('begins there even after an outage of days, found by the last completed tick', async () => {
    const before = Date.parse('2026-02-20T09:00:00Z');
    const record = { ...counted(task, '09:00:00', '08:55:00'), tickEpochMs: before };
    const ended = { ...record, startEpochMs: before - 600_000, endEpochMs: before - 300_000 };
    expect(await again([aheadScan], [ended], before)).toMatchObject({ position: '08:55' });
    expect(await again([aheadScan], [ended])).toMatchObject({ position: '08:50' });
  });

  test.each([
    [
      'the lanes of other groups have records',
      [],
      [counted(other, '08:55:00', '08:50:00')],
      '08:50',
    ],
    [
      'the lane of another group was moved',
      [mark('documented', other, '08:10:00'), mark('scan', other, '08:30:00')],
      [],
      '08:10',
    ],
    [
      'its last slice ends in the future',
      [],
      [
        { ...counted(task, '08:55:00', '08:50:00'), endEpochMs: at('08:50:00') + 9e9 },
        counted(other, '08:55:00', '08:50:00'),
      ],
      '08:50',
    ],
  ])(
    'without a record, begins at the earliest known position and is reported: %s',
    async (_, marks, records, position) => {
      const result = await again([aheadScan, ...marks], records);
      expect(result).toMatchObject({ position, isLost: true });
      expect(result.reported).toEqual([
        `the position of the documented query in log group ${task} is lost: counting begins again at 2026-03-01T${position}:00.000Z; matches before that may not have been counted, and matches after it may be counted twice`,
      ]);
    },
  );

  test('is not assumed if an upgrade ended after it created the mark of another group', async () => {
    const marks = [
      ...[aheadScan, mark('scan', other, '08:30:00'), mark('documented', other, '08:30:00')],
    ];
    expect(await again(marks, [])).toEqual({ position: '08:50', reported: [], isLost: false });
  });
});
