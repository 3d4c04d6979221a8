import { deadlineIn } from '../../../lambda/common/time.ts';
import type { OwnFinding } from '../../../lambda/findings/own-finding.ts';
import { LedgerTable } from '../../../lambda/ledger/ledger-table.ts';
import { saveFinding } from '../../../lambda/ledger/stored-findings.ts';
import { saveFloodFinding, saveOwnFinding } from '../../../lambda/record/save-own-finding.ts';
import { tickContext } from '../../../lambda/record/tick-context.ts';
import { healthyMonitor } from '../setup/monitor-fixture.ts';
import { loadPendingFindings } from '../setup/pending-findings.ts';

const tick = Date.parse('2026-03-01T09:00:00Z');
const gap: OwnFinding = {
  ...{ detection: 'coverage-gap', identity: ['airflow-prod-Task', 1], severity: 'high' },
  ...{ title: 'it was not read', logGroups: ['airflow-prod-Task'] },
  ...{ startEpochMs: tick - 7_200_000, endEpochMs: tick - 3_600_000 },
};

function contexts() {
  const { shell, timer, lines } = healthyMonitor();
  const deadline = deadlineIn(timer, 60_000);
  const table = new LedgerTable(shell, 'ledger', deadline);
  const at = (tickEpochMs: number) =>
    tickContext({ table, tickEpochMs, shell, deadline, scanDeadline: deadline });
  return { at, table, lines };
}

test('a finding about the monitor is pending and logged, and is not a failure', async () => {
  const { at, table, lines } = contexts();
  await saveOwnFinding(at(tick), gap);
  expect(await loadPendingFindings(table)).toMatchObject([
    { finding: { title: 'it was not read', detectedAt: '2026-03-01T09:00:00.000Z' }, revision: 1 },
  ]);
  expect(lines).toContainEqual(
    expect.objectContaining({
      ...{ level: 'warn', decision: 'own-finding-recorded', detection: 'coverage-gap' },
    }),
  );
});

test('a finding about the monitor that recurs is not notified again', async () => {
  const { at, table, lines } = contexts();
  await saveOwnFinding(at(tick), gap);
  const [record] = await loadPendingFindings(table);
  if (record === undefined) throw new Error('nothing waits');
  await saveFinding(table, { ...record, delivery: { status: 'notified', severity: 'high' } });
  await saveOwnFinding(at(tick + 300_000), { ...gap, endEpochMs: tick });
  expect(await loadPendingFindings(table)).toEqual([]);
  expect(lines).toHaveLength(1);
});

test('a flood is reported once per hour and log group, with the number of lines read', async () => {
  const { at, table } = contexts();
  for (const [group, second] of [
    ['a', 0],
    ['a', 3_599_000],
    ['a', 3_600_000],
    ['b', 0],
  ] as const) {
    await saveFloodFinding(at(tick), group, tick + second, 10_000);
  }
  const floods = await loadPendingFindings(table);
  expect(floods.map(({ logGroup }) => logGroup).toSorted()).toEqual(['a', 'a', 'b']);
  expect(floods[0]?.finding.title).toContain('10000 were read');
});
