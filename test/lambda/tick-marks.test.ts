import { assessCoverage } from '../../lambda/assess-coverage.ts';
import type { ExistingLogGroups, LogGroupFacts } from '../../lambda/coverage.ts';
import { createFindingMaker } from '../../lambda/findings/make-findings.ts';
import { lanes } from '../../lambda/lane.ts';
import { LedgerTable } from '../../lambda/ledger/ledger-table.ts';
import { claimSlice, createMark, loadMarks, type Mark } from '../../lambda/ledger/marks.ts';
import type { SliceRecord } from '../../lambda/ledger/slice-record.ts';
import { tickMarks } from '../../lambda/tick-marks.ts';
import type { TickContext } from '../../lambda/tick-shell.ts';
import { deadlineIn } from '../../lambda/time.ts';
import { allGroups, environment, healthyMonitor } from './monitor-fixture.ts';

const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);
const tick = at('09:00:00');
const [task = ''] = allGroups;

function fixture(initialLookbackHours = 0) {
  const { shell, timer, lines } = healthyMonitor();
  const deadline = deadlineIn(timer, 60_000);
  const table = new LedgerTable(shell, 'ledger', deadline);
  const config = { ...shell.config, initialLookbackHours };
  const marksAt = async (tickEpochMs: number, facts: LogGroupFacts = {}) => {
    const existing: ExistingLogGroups = { kind: 'known', logGroups: new Map([[task, facts]]) };
    const unknown = { kind: 'unknown', reason: 'not asked' } as const;
    const answers = { logging: unknown, existing, incoming: unknown };
    const coverage = assessCoverage(environment, answers, 48);
    const context: TickContext = {
      ...{ table, tickEpochMs, shell: { ...shell, config }, countedSlices: new Map() },
      ...{ deadline, scanDeadline: deadline },
      findingMaker: createFindingMaker({ config, plan: shell.plan, region: 'eu-west-1' }),
    };
    return tickMarks(context, coverage, existing);
  };
  return { table, lines, marksAt };
}

const ofTask = (marks: readonly Mark[], lane: Mark['lane'] = 'scan') =>
  marks.find((mark) => mark.logGroup === task && mark.lane === lane);

test('the first tick begins every lane of every log group one period before what it reaches', async () => {
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

test('a later tick finds the marks where they stand, and begins nothing', async () => {
  const { marksAt, lines } = fixture();
  const first = await marksAt(tick);
  expect(await marksAt(at('10:00:00'))).toEqual(first);
  expect(lines.filter(({ decision }) => decision === 'monitoring-begins')).toHaveLength(1);
});

test('the scan and the documented query look back before the first tick, and no sweep does', async () => {
  const marks = await fixture(6).marksAt(tick);
  for (const lane of ['scan', 'documented'] as const) {
    expect(ofTask(marks, lane)).toMatchObject({
      positionEpochMs: at('02:50:00'),
      sinceEpochMs: at('08:50:00'),
    });
  }
  expect(ofTask(marks, 'far')).toMatchObject({ positionEpochMs: at('08:50:00') });
});

test('a log group that is younger begins with the second in which it was created', async () => {
  const marks = await fixture(6).marksAt(tick, { createdEpochMs: at('08:52:03.456') });
  expect(ofTask(marks)).toMatchObject({
    positionEpochMs: at('08:52:03'),
    sinceEpochMs: at('08:52:03'),
  });
});

test('a look back goes no further than a log group keeps its events', async () => {
  const marks = await fixture(48).marksAt(tick, { retentionDays: 1 });
  expect(ofTask(marks)?.positionEpochMs).toBe(tick - 86_400_000);
});

test('lanes that an ended invocation did not come to begin where its scan began', async () => {
  const { table, marksAt } = fixture();
  const since = at('08:50:00');
  const scan: Mark = { lane: 'scan', logGroup: task, positionEpochMs: since, sinceEpochMs: since };
  await createMark(table, scan);
  const marks = await marksAt(at('09:30:00'));
  expect(ofTask(marks, 'near')).toMatchObject({ positionEpochMs: since, sinceEpochMs: since });
  expect(await loadMarks(table)).toEqual(marks);
});

describe('a documented query that has no mark yet, as in a ledger of version 2', () => {
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

  test('begins where the scan stands, not where monitoring began', async () => {
    expect(await documentedBeside(scan)).toMatchObject({
      ...{ positionEpochMs: at('08:50:00'), sinceEpochMs: since },
    });
  });

  test('begins at the end of a claim that has a count already', async () => {
    expect(await documentedBeside(scan, { ...claim, matches: 2 })).toMatchObject({
      positionEpochMs: at('08:55:00'),
    });
  });

  test('begins where a claim begins that has no count: it was not asked, or was unreadable', async () => {
    expect(await documentedBeside(scan, claim)).toMatchObject({
      positionEpochMs: at('08:50:00'),
    });
  });

  test('begins where the scan begins again, when that was lost as well', async () => {
    const near: Mark = { ...scan, lane: 'near', positionEpochMs: at('07:00:00') };
    expect(await documentedBeside(near)).toMatchObject({ positionEpochMs: at('07:00:00') });
  });
});
