import { coverageChange } from '../../../lambda/coverage/coverage-change.ts';
import type { MonitorState } from '../../../lambda/ledger/monitor-state.ts';
import type { BlindCause, GroupCoverage } from '../../../lambda/model/coverage.ts';

type Groups = MonitorState['groups'];

const tick = Date.parse('2026-03-01T09:00:00Z');
const laterTick = tick + 300_000;
const task = 'airflow-prod-Task';

function group(cause?: BlindCause, logGroup = task): GroupCoverage {
  const about = { logType: 'Task', logGroup, scan: true } as const;
  return cause === undefined ? about : { ...about, blind: { cause, detail: 'the detail' } };
}

const knownAs = (cause: BlindCause | null): Groups => ({
  [task]: { cause, sinceTickEpochMs: tick },
});

test('a monitor that begins with full coverage reports nothing', () => {
  expect(coverageChange({}, [group()], tick)).toEqual({
    groups: { [task]: { cause: null, sinceTickEpochMs: 0 } },
  });
});

test('a monitor that begins blind reports it, with the cause', () => {
  const { finding, groups } = coverageChange({}, [group('missing')], tick);
  expect(finding).toMatchObject({
    detection: 'coverage-changed',
    severity: 'high',
    title: `log group ${task} is blind (missing: the detail)`,
    logGroups: [task],
  });
  expect(groups).toEqual(knownAs('missing'));
});

test('a reported cause is not reported again, and its first tick stays the same', () => {
  const { finding, groups } = coverageChange(knownAs('missing'), [group('missing')], laterTick);
  expect(finding).toBeUndefined();
  expect(groups).toEqual(knownAs('missing'));
});

test('another cause is reported, since it needs another reaction', () => {
  const { finding } = coverageChange(knownAs('missing'), [group('disabled')], laterTick);
  expect(finding?.title).toContain('disabled');
});

describe('a group that may be off', () => {
  const off = { cause: 'disabled', detail: 'it is not published' } as const;
  const offGroup: GroupCoverage = { ...group(), off };
  const known: Groups = { [task]: { cause: 'off', sinceTickEpochMs: tick } };

  test('is reported with low severity when it is switched off, and not when it was off from the start', () => {
    const { finding, groups } = coverageChange(knownAs(null), [offGroup], tick);
    expect(finding).toMatchObject({
      severity: 'low',
      title: `log group ${task} is off (disabled: it is not published), as the environment's file allows; what happens meanwhile is not logged`,
    });
    expect(groups).toEqual(known);
    expect(coverageChange({}, [offGroup], tick)).toEqual({ groups: known });
  });

  test('is reported once while it is off', () => {
    expect(coverageChange(known, [offGroup], laterTick)).toEqual({ groups: known });
  });

  test('is reported when it is on again, with the time that is missing', () => {
    const { finding } = coverageChange(known, [group()], laterTick);
    expect(finding?.title).toBe(
      `log group ${task} is covered again; it was off since 2026-03-01T09:00:00.000Z, and what happened in that time was never logged`,
    );
  });
});

test('a group that is covered again is reported with low severity, with the time that it was blind', () => {
  const { finding, groups } = coverageChange(knownAs('query-denied'), [group()], laterTick);
  expect(finding).toMatchObject({
    severity: 'low',
    title: `log group ${task} is covered again; it was blind (query-denied) since 2026-03-01T09:00:00.000Z`,
    startEpochMs: tick,
    endEpochMs: laterTick,
  });
  expect(groups[task]).toEqual({ cause: null, sinceTickEpochMs: laterTick });
});

test.each<BlindCause>(['disabled', 'missing', 'level-above-info'])(
  'of a group that was %s it is said that nothing was written in that time',
  (cause) => {
    const { finding } = coverageChange(knownAs(cause), [group()], laterTick);
    expect(finding?.title).toMatch(/what happened in that time was never logged$/);
  },
);

test('a query that failed once does not change the reported state', () => {
  for (const known of [null, 'missing'] as const) {
    const { finding, groups } = coverageChange(knownAs(known), [group('scan-failed')], laterTick);
    expect(finding).toBeUndefined();
    expect(groups).toEqual(knownAs(known));
  }
});

test('groups that change in one tick share a finding, which is high if one of them is blind', () => {
  const coverage = [group(), group('silent', 'airflow-prod-Scheduler'), group(undefined, 'same')];
  const { finding } = coverageChange(knownAs('unknown'), coverage, laterTick);
  expect(finding).toMatchObject({
    severity: 'high',
    logGroups: [task, 'airflow-prod-Scheduler'],
  });
  expect(finding?.title.split('; log group')).toHaveLength(2);
});

test('a long message from AWS about one group leaves room for the others', () => {
  const names = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'];
  const coverage = names.map((name): GroupCoverage => {
    const blind = { cause: 'query-denied', detail: `User ${'x'.repeat(2_000)}` } as const;
    return { ...group(undefined, `airflow-prod-${name}`), blind };
  });
  const title = coverageChange({}, coverage, tick).finding?.title ?? '';
  expect(title.length).toBeLessThanOrEqual(1_000);
  for (const name of names) {
    expect(title).toContain(`log group airflow-prod-${name} is blind (query-denied: User x`);
  }
});

test('a tick that dies before the finding is saved is followed by one with the same id', () => {
  const identity = (at: number) =>
    coverageChange(knownAs(null), [group('missing')], at).finding?.identity;
  expect(identity(laterTick)).toEqual(identity(laterTick + 300_000));
});

test('the same cause on another day is another finding', () => {
  const since = (sinceTickEpochMs: number): Groups => ({
    [task]: { cause: null, sinceTickEpochMs },
  });
  const identity = (before: Groups) =>
    coverageChange(before, [group('missing')], laterTick).finding?.identity;
  expect(identity(since(1))).not.toEqual(identity(since(2)));
});

test('the title is bounded, however long the details are', () => {
  const blind = { cause: 'unknown', detail: 'x'.repeat(5000) } as const;
  const { finding } = coverageChange({}, [{ ...group(), blind }], tick);
  expect(finding?.title.length).toBeLessThanOrEqual(1000);
});
