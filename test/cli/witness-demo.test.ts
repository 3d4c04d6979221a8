import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WitnessDemoResult } from '../../local/demo/witness/run-witness-demo.ts';
import { changeResults, witnessDisagreements } from '../../local/demo/witness/witness-verdict.ts';
import { demoInProcess } from './demo-in-process.ts';
import type { Finished } from './run-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'witness-demo-'));
afterAll(() => rmSync(directory, { recursive: true }));

let finished: Finished;
let result: WitnessDemoResult;
let mails: readonly string[];

beforeAll(async () => {
  const demo = await demoInProcess(directory)('--witness');
  finished = demo.finished;
  result = demo.result as unknown as WitnessDemoResult;
  const folder = join(demo.output, 'mails');
  mails = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
});

test('each change is told once, by those who can tell it', () => {
  expect(result.disagreements).toEqual([]);
  expect(finished.exitCode).toBe(0);
  expect(result.changes.map(({ change, findings }) => [change.object, findings.length])).toEqual([
    ['bob', 1],
    ['bob', 1],
    ['frank', 1],
    ['Public', 1],
    ['uima', 1],
  ]);
});

test('a grant by SQL from a file, of which no log line tells, is mailed with who has which role', () => {
  const mail = mails.find((text) => text.includes('frank has role Admin')) ?? '';
  expect(mail).toMatch(/^Subject: \[CRITICAL\] Prod: frank has role Admin since 15:30-15:35 UTC/m);
  expect(mail).toContain('no log line explains it (experimental)');
  expect(mail).not.toMatch(/- 2026-11-28 .* airflow-Prod-/);
});

test('who only logs in is not told', () => {
  expect(mails.join('\n')).not.toMatch(/\bdave\b/);
});

test('the output shows which of the witnesses told each change', () => {
  expect(finished.stdout).toMatch(
    /│ psql -f in a task: SQL from a file +│ frank +│ Admin +│ – +│ – +│ yes +│ critical │/,
  );
  expect(finished.stdout).toContain(
    '5 changes, each told once. Of 3 no log line tells; the second witness found them.',
  );
});

test('a change that is not told, is told twice, or by whom it should not, is a disagreement', () => {
  const [first, second] = result.changes;
  if (first === undefined || second === undefined) throw new Error('the demo has no changes');
  const [finding] = first.findings;
  if (finding === undefined) throw new Error('the first change has no finding');
  const untold = changeResults([first.change], []);
  expect(witnessDisagreements(untold, [])).toContain(
    `${first.change.what} (bob): 0 findings tell it, not one`,
  );
  const twice = [finding, { ...finding, id: 'other' }];
  expect(witnessDisagreements(changeResults([first.change], twice), twice)).toEqual([
    `${first.change.what} (bob): 2 findings tell it, not one`,
  ]);
  const byLogs = changeResults([{ ...first.change, logs: false }], [finding]);
  expect(witnessDisagreements(byLogs, [finding])).toEqual([
    `${first.change.what} (bob): logs tells it and should not`,
  ]);
  expect(witnessDisagreements([], [finding])).toEqual([
    `finding ${finding.id} tells nothing that was changed: ${finding.title}`,
  ]);
});

test.each([
  ['--late', '3'],
  ['--airflow', '3.0.6'],
  ['--every', '5'],
])('%s does not go with --witness', async (...option) => {
  const refused = await demoInProcess(directory)('--witness', ...option);
  expect(refused.finished.stderr).toMatch(/option '--witness' cannot be used with/);
  expect(refused.finished.exitCode).toBe(2);
});
