import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DemoResult } from '../../local/demo/result/demo-result.ts';
import { demoInProcess } from './demo-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'refused-demo-'));
const logs = join(directory, 'events.ndjson');
const start = Date.UTC(2026, 10, 22, 5, 47);

/**
 * A line that only one detection finds, one that another finds, and lines of the documented query.
 */
const messages = [
  '[2026-11-22T05:47:10.000+0000] {subprocess.py:106} INFO - User "bob" added to role "Admin"',
  '[2026-11-22T05:47:20.000+0000] {subprocess.py:106} INFO - User "carol" removed from role "Op"',
  '[2026-11-22T05:47:30.000+0000] {logging_mixin.py:190} INFO - somebody mentions add-role',
  '[2026-11-22T05:47:59.999+0000] {logging_mixin.py:190} INFO - somebody mentions add-role',
];

/** Milliseconds within the minute, from the message's own timestamp. */
const secondsMs = (message: string) => Number(message.slice(18, 24)) * 1000;

beforeAll(() => {
  const lines = messages.map((message, at) => {
    const logStream = `dag_id=grant/run_id=run${at}/task_id=promote/attempt=1.log`;
    const timestamp = start + secondsMs(message);
    return JSON.stringify({ logGroup: 'airflow-Prod-Task', logStream, timestamp, message });
  });
  writeFileSync(logs, lines.join('\n'));
});

afterAll(() => rmSync(directory, { recursive: true }));

const demo = demoInProcess(directory, logs);

/** The findings of refused detections; a disabled log type is reported as well. */
const refusals = ({ ownFindings }: DemoResult) =>
  ownFindings.filter(({ detections }) => detections[0] === 'detection-refused');
const titles = (findings: DemoResult['findings']) => findings.map(({ title }) => title).join('\n');

test('a refused detection costs only itself and is reported once', async () => {
  const { finished, result } = await demo('--refuse-detection', 'cli-role-granted');
  expect(result.disagreements).toEqual([]);
  expect(finished.exitCode).toBe(0);
  expect(result.logGroups).toMatchObject([{ eventsWithAddRole: 2, sumOfMatches: 2 }]);
  expect(titles(result.findings)).toContain('carol');
  expect(titles(result.findings)).not.toContain('bob');
  expect(refusals(result)).toMatchObject([
    {
      severity: 'high',
      title: expect.stringMatching(
        /cli-role-granted .*does not compile .*at characters \d+ to \d+: @message like/,
      ),
    },
  ]);
  expect(result.packFault).toMatchObject({ missing: 1 });
  const rang = result.notifications.map(({ alarmName, state }) => `${state} ${alarmName}`);
  expect(rang).toContain('ALARM mwaa-privilege-monitor-Prod-detections-refused');
  expect(finished.stdout).toContain(
    'Refused: cli-role-granted. Without that, there would be 1 more finding',
  );
});

test.each([
  ['--refuse-pack', 'millisecond', ['critical'], 'The pack was refused in each tick'],
  ['--fail-pack', 'second', [], 'The pack failed in each tick'],
])(
  '%s: AddRoleMatches remains exact, each tick fails for the pack, and nothing is skipped',
  async (option, endTime, own, said) => {
    const { finished, result } = await demo(option, '--end-time', endTime);
    expect(result.disagreements).toEqual([]);
    expect(finished.exitCode).toBe(0);
    expect(result.logGroups).toMatchObject([{ eventsWithAddRole: 2, sumOfMatches: 2 }]);
    expect(result.findings).toEqual([]);
    expect(refusals(result).map(({ severity }) => severity)).toEqual(own);
    expect(result.packFault).toMatchObject({ missing: 2 });
    const rang = result.notifications.map(({ alarmName }) => alarmName.split('Prod-')[1]);
    for (const alarm of ['add-role-Task', 'blind-Task', 'failing-errors', 'silent']) {
      expect(rang).toContain(alarm);
    }
    expect(finished.stdout).toContain(said);
  },
  180_000,
);

test.each([
  [['--refuse-detection', 'no-such-detection'], 'the pack has no detection no-such-detection'],
  [['--refuse-pack', '--fail-pack'], 'cannot be used with'],
  [['--refuse-pack', '--late', '1'], 'cannot be used with'],
])(
  '%j is bad input',
  async (options, message) => {
    const { finished } = await demo(...options);
    expect(finished.stderr).toContain(message);
    expect(finished.exitCode).toBe(2);
  },
  180_000,
);
