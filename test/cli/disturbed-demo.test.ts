import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minuteMs } from '../../lambda/common/time.ts';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { demoInProcess } from './demo-in-process.ts';
import type { Finished } from './run-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'disturbed-demo-'));
const logs = join(directory, 'events.ndjson');
const start = Date.UTC(2026, 10, 22, 5, 47);
const minutes = 14;

let run: Finished;
let result: DemoResult;

const demo = demoInProcess(directory, logs);

/** One user becomes Admin each minute; every third time by a command with add-role. */
function writeLogs(): void {
  const lines = Array.from({ length: minutes }, (_, minute) => {
    const command =
      minute % 3 === 0
        ? `airflow users add-role -u user${minute} -r Admin`
        : `airflow users create -u user${minute} -r Admin -p x -e e@example.com -f E -l V`;
    const outcome =
      minute % 3 === 0
        ? `User "user${minute}" added to role "Admin"`
        : `User "user${minute}" created with role "Admin"`;
    const event = (second: number, message: string) =>
      JSON.stringify({
        logGroup: 'airflow-Prod-Task',
        logStream: `dag_id=grant/run_id=run${minute}/task_id=promote/attempt=1.log`,
        timestamp: start + minute * minuteMs + second * 1000,
        message: `[2026-11-22T05:47:00.000+0000] {subprocess.py:88} INFO - ${message}`,
      });
    return [
      event(20, `Running command: ['/usr/bin/bash', '-c', '${command}']`),
      event(25, outcome),
    ];
  });
  writeFileSync(logs, lines.flat().join('\n'));
}

beforeAll(async () => {
  writeLogs();
  ({ finished: run, result } = await demo('--outage', '5m', '--late', '2'));
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('demo with an outage and late changes', () => {
  test('everything agrees, and each change is notified once', () => {
    expect(result.disagreements).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(result.findings).toHaveLength(minutes);
    expect(result.findings.every(({ notifiedAs }) => notifiedAs.length === 1)).toBe(true);
  });

  test('no tick runs during the outage, and the heartbeat alarm is raised', () => {
    const { outage = { startEpochMs: 0, endEpochMs: 0, ticks: 0 } } = result;
    expect(outage.ticks).toBe(5);
    const rang = result.alarms
      .find(({ label }) => label === 'silent')
      ?.changes.find(({ state }) => state === 'ALARM');
    expect(rang?.atEpochMs).toBeGreaterThan(outage.startEpochMs);
    expect(rang?.atEpochMs).toBeLessThanOrEqual(outage.endEpochMs);
  });

  test('the first tick after it reads everything that was missed', () => {
    const next = result.ticks.find(({ tickEpochMs }) => tickEpochMs === result.outage?.endEpochMs);
    const scans = next?.reading?.spans.filter(({ lane }) => lane === 'scan') ?? [];
    expect(scans.map(({ startEpochMs, endEpochMs }) => endEpochMs - startEpochMs)).toEqual([
      6 * minuteMs,
    ]);
    expect(next?.reading?.scanLagSeconds).toBe(300);
  });

  test('each sweep finds one late change and marks it', () => {
    expect(result.lateChanges.map(({ lane }) => lane).sort()).toEqual(['far', 'near']);
    const late = result.findings.filter((finding) => finding.late).map(({ id }) => id);
    expect(new Set(late)).toEqual(new Set(result.lateChanges.map(({ findingId }) => findingId)));
    expect(result.sumOfLateChanges).toBe(2);
  });

  test('a late line with add-role is not in the sum, and the output says so', () => {
    const [task] = result.logGroups;
    expect(task).toMatchObject({ eventsWithAddRole: 5, lateWithAddRole: 1, sumOfMatches: 4 });
    expect(run.stdout).toContain('of these late');
    expect(run.stdout).toContain('All sums agree once the late events are subtracted');
    expect(run.stdout).toContain('Not counted in AddRoleMatches: 1 event with add-role');
  });

  test('the output shows the outage, what was read after it, and the late changes', () => {
    expect(run.stdout).toMatch(/OUTAGE {2}the monitor does not run\n/);
    expect(run.stdout).toMatch(/BACK {2}reads 6 min of every log group\n/);
    expect(run.stdout.match(/ {2}late: /g)).toHaveLength(2);
    expect(run.stdout).toContain(
      'Late: 2 privilege changes found, 1 by the near sweep, 1 by the far',
    );
  });
});

test.each([
  ['an outage that is not whole minutes', ['--outage', '90s'], 'whole minutes'],
  ['zero late changes', ['--late', '0'], 'a whole number from 1 to 100'],
  ['an outage as long as the session', ['--outage', '1h'], 'an outage of 60 min takes 60 of'],
  ['more late changes than there are', ['--late', '50'], 'changes to delay: 50; only'],
])(
  '%s is bad input',
  async (_, options, expected) => {
    const { finished } = await demo(...options);
    expect(finished.stderr).toContain(expected);
    expect(finished.exitCode).toBe(2);
  },
  60_000,
);
