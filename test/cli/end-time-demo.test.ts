import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoCommand } from '../../cli/demo/demo-command.ts';
import { minuteMs } from '../../lambda/common/time.ts';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { endTimeReadings } from '../../local/insights-engine/engine-types.ts';
import { demoInProcess } from './demo-in-process.ts';
import type { Finished } from './run-command.ts';
import { runInProcess } from './run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'end-time-demo-'));
const logs = join(directory, 'events.ndjson');
const start = Date.UTC(2026, 10, 22, 5, 47);
/** Times around the end of a minute, where slices end; three fall around each of three minutes. */
const edgesMs = [58_999, 59_000, 59_001, 59_500, 59_999, 60_000, 60_001, 60_999, 61_000];

let runs: { readonly finished: Finished; readonly result: DemoResult }[];

/** Each command makes another user Admin, and contains the documented literal. */
function writeLogs(): void {
  const lines = edgesMs.map((edgeMs, at) => {
    const message = `[2026-11-22T05:47:00.000+0000] {subprocess.py:88} INFO - Running command: ['/usr/bin/bash', '-c', 'airflow users add-role -u user${at} -r Admin']`;
    const logStream = `dag_id=grant/run_id=run${at}/task_id=promote/attempt=1.log`;
    const place = { logGroup: 'airflow-Prod-Task', logStream };
    return JSON.stringify({ ...place, timestamp: start + (at % 3) * minuteMs + edgeMs, message });
  });
  writeFileSync(logs, lines.join('\n'));
}

beforeAll(async () => {
  writeLogs();
  const demo = demoInProcess(directory, logs);
  runs = [];
  for (const endTime of endTimeReadings) runs.push(await demo('--end-time', endTime));
});

afterAll(() => rmSync(directory, { recursive: true }));

test('with either meaning of endTime all sums agree and no event near a slice’s end is lost', () => {
  for (const { finished, result } of runs) {
    expect(result.disagreements).toEqual([]);
    expect(finished.exitCode).toBe(0);
    expect(result.logGroups).toMatchObject([
      { eventsWithAddRole: edgesMs.length, sumOfMatches: edgesMs.length },
    ]);
  }
});

test('each event counts in the same tick with both, and results in the same finding id', () => {
  const [second, millisecond] = runs.map(({ result }) => ({
    matches: result.logGroups.map(({ matchesByTick }) => matchesByTick),
    findings: result.findings,
  }));
  expect(second?.findings).toHaveLength(edgesMs.length);
  expect(millisecond).toEqual(second);
});

test('the output shows which meaning the run used', () => {
  expect(runs.map(({ result }) => result.endTime)).toEqual(['second', 'millisecond']);
  const [second, millisecond] = runs.map(({ finished }) => finished.stdout);
  expect(second).toContain('endTime is read as its whole second');
  expect(millisecond).toContain('endTime is read as its first millisecond');
});

test('any other meaning is bad input', async () => {
  const { exitCode, stderr } = await runInProcess(demoCommand(), ['--end-time', 'minute']);
  expect(stderr).toContain('Allowed choices are second, millisecond');
  expect(exitCode).toBe(2);
});
