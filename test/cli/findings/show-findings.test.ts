import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { findingsCommand } from '../../../cli/findings/findings-command.ts';
import { readApprovals } from '../../../infra/config/written-approval.ts';
import type { Finding } from '../../../lambda/model/finding.ts';
import { command, grant, monitorWith, published, tickAt } from '../../lambda/setup/pack-fixture.ts';
import { runInProcess } from '../run-in-process.ts';

const cloudFormation = mockClient(CloudFormationClient);
const dynamo = mockClient(DynamoDBClient);
const folder = mkdtempSync(join(tmpdir(), 'findings-'));

afterAll(() => {
  cloudFormation.restore();
  dynamo.restore();
  rmSync(folder, { recursive: true });
});

/** What a monitor stored in two ticks that found that bob was given a role. */
const monitor = monitorWith([
  command('bob', '2026-03-01T08:56:00.000'),
  grant('bob', '2026-03-01T08:56:02.000'),
]);
for (const time of ['08:55', '09:00', '09:05']) await tickAt(monitor, time);
const [sent] = published(monitor);
const id = `${sent?.id}`;
const items = monitor.table
  .items()
  .filter(({ sk }) => /^(?:finding|slice)#/.test(`${sk}`))
  .filter(({ pk }) => /^(?:stream|tick)#/.test(`${pk}`))
  .filter(({ sk }) => !`${sk}`.startsWith('slice#') || `${sk}`.startsWith('slice#scan#'));

beforeEach(() => {
  cloudFormation.reset();
  cloudFormation.on(DescribeStacksCommand).resolves({
    Stacks: [
      {
        StackName: 'MonitorStack-prod',
        StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/MonitorStack-prod/id',
        CreationTime: new Date(0),
        StackStatus: 'CREATE_COMPLETE',
        Outputs: [
          { OutputKey: 'FindingsTopicArn', OutputValue: 'arn:findings' },
          { OutputKey: 'AlarmTopicArn', OutputValue: 'arn:alarms' },
          { OutputKey: 'TestAlarmName', OutputValue: 'mwaa-privilege-monitor-prod-test' },
          { OutputKey: 'LedgerTableName', OutputValue: 'ledger' },
          { OutputKey: 'ScannerFunctionName', OutputValue: 'Scanner' },
        ],
      },
    ],
  });
  answerScan(items);
});

function answerScan(answered: readonly Record<string, unknown>[]): void {
  dynamo.reset();
  dynamo.on(ScanCommand).resolves({
    Items: answered.map((item) => marshall(item, { removeUndefinedValues: true })),
  });
}

const findings = (...args: string[]) =>
  runInProcess(findingsCommand(), ['--env', 'prod', ...args], {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
const all = ['--from', '2026-03-01', '--to', '2026-03-02'];

test('a finding is listed with its outcome, and when and by which message people were notified', async () => {
  const { exitCode, stdout, stderr } = await findings(...all);
  expect(exitCode).toBe(0);
  expect(stderr).toContain('1 finding (1 high) of MWAA environment prod');
  expect(stdout).toContain('outcome succeeded');
  expect(stdout).toMatch(
    /notified 2026-03-01T09:0\d:\d\d\.\d{3}Z by SNS message \S+; id [0-9a-f]{32}/,
  );
});

test('as JSON, a finding is one line with the id that was published', async () => {
  const { stdout } = await findings(...all, '--json');
  const [line = '', ...more] = stdout.trim().split('\n');
  expect(more).toEqual([]);
  expect(JSON.parse(line)).toMatchObject({
    schema: 1,
    finding: { id, target: 'bob' },
    verb: 'grant-role',
    notification: 'notified',
    messages: [{ at: expect.any(String) }],
    approvals: [],
  });
});

test('as CSV, a finding is one row below a header', async () => {
  const { stdout } = await findings(...all, '--csv');
  const [header, row, ...more] = stdout.trim().split('\n');
  expect(more).toEqual([]);
  expect(header).toMatch(/^first_seen,last_seen,.+,id$/);
  expect(row).toContain(id);
});

/** The ledger, in which every finding has these fields. */
function withFinding(changes: (finding: Finding) => Partial<Finding>) {
  return items.map((item) => {
    if (!`${item.sk}`.startsWith('finding#')) return item;
    const data = JSON.parse(`${item.data}`);
    const finding = { ...data.finding, ...changes(data.finding) };
    return { ...item, data: JSON.stringify({ ...data, finding }) };
  });
}

test.each([
  ['=cmd()', "'=cmd()"],
  ['x;=cmd()', "x;'=cmd()"],
  ['x; "=cmd()', `x; "'=cmd()`],
  ['x\n;\t@cmd()', 'x\\n;\\t@cmd()'],
  ['\u001b[2J\u202ebob', '\\x1b[2J\\u202ebob'],
])(
  'no cell of the CSV is a formula or hides text, whatever a log line says: %j',
  async (target, cell) => {
    answerScan(withFinding(() => ({ target })));
    const { stdout } = await findings(...all, '--csv');
    expect(stdout.replaceAll('""', '"')).toContain(cell);
    expect(stdout).not.toMatch(/(?:^|[,;])[\s"]*=/m);
  },
);

test('a range without findings is an empty list', async () => {
  const { exitCode, stdout, stderr } = await findings('--from', '2025-01-01', '--to', '2025-02-01');
  expect([exitCode, stdout]).toEqual([0, '']);
  expect(stderr).toContain('0 findings');
});

test('coverage shows for each log group what was watched', async () => {
  const { stdout } = await findings(
    ...['--from', '2026-03-01T08:50', '--to', '2026-03-01T08:55', '--coverage'],
  );
  expect(stdout.match(/^airflow-prod-\w+$/gm)).toHaveLength(5);
  expect(stdout).toContain('  2026-03-01 08:50 to 2026-03-01 08:55 UTC  watched');
});

test('the printed approval is accepted in a file, and names the DAG, the verb, the user and the role', async () => {
  const { exitCode, stdout } = await findings('--approve', id);
  expect(exitCode).toBe(0);
  const path = join(folder, 'approval.yaml');
  writeFileSync(path, stdout);
  expect(readApprovals(path)).toMatchObject([
    { dag: sent?.actor.dag, verb: ['grant-role'], user: ['bob'], role: ['Viewer'] },
  ]);
});

test('an approval is printed for no DAG whose id is a pattern', async () => {
  answerScan(withFinding(({ actor }) => ({ actor: { ...actor, dag: '*' } })));
  const { exitCode, stdout, stderr } = await findings('--approve', id);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain('has a *');
});

test('a finding whose change is not known cannot be approved', async () => {
  answerScan(
    items.map((item) =>
      `${item.sk}`.startsWith('finding#')
        ? { ...item, data: `${item.data}`.replace('"verb":"grant-role",', '') }
        : item,
    ),
  );
  const { exitCode, stderr } = await findings('--approve', id);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(`finding ${id} cannot be approved: the ledger does not say`);
});

test.each([
  ['a user who is called *', '*', 'has a * in its name'],
  ['a name with a comma, which may be two users', 'bob, eve', 'several names as user'],
])('no approval is suggested for %s', async (_what, target, text) => {
  answerScan(
    items.map((item) =>
      `${item.sk}`.startsWith('finding#')
        ? { ...item, data: `${item.data}`.replace('"target":"bob"', `"target":"${target}"`) }
        : item,
    ),
  );
  const { exitCode, stdout, stderr } = await findings('--approve', id);
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(text);
});

test('an item that cannot be read is named, the others are shown, and the exit code is 2', async () => {
  answerScan([...items, { pk: 'stream#x', sk: 'finding#1', schema: 3, data: '{}' }]);
  const { exitCode, stdout, stderr } = await findings(...all);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('ledger item stream#x / finding#1: field "revision"');
  expect(stdout).toContain(id);
});

test.each([
  ['two ranges', ['--last', '1d', '--to', '2026-03-01'], '--last cannot be given together'],
  ['two formats', ['--json', '--csv'], '--json cannot be given together with --csv'],
  ['no id', ['--approve', 'bob'], '--approve: must be the id of a finding'],
  ['an unknown id', ['--approve', 'f'.repeat(32)], '--approve: the ledger has no finding'],
])('refused: %s', async (_what, args, text) => {
  const { exitCode, stderr } = await findings(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(text);
});
