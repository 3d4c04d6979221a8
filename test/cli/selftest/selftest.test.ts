import { readFileSync } from 'node:fs';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { UserError } from '../../../cli/common/output.ts';
import type { SelftestShell } from '../../../cli/selftest/call-logs.ts';
import { selftestReportSchema } from '../../../cli/selftest/report.ts';
import { ScratchGroups, scratchPrefix } from '../../../cli/selftest/scratch-groups.ts';
import { type SelftestOptions, selftest } from '../../../cli/selftest/selftest.ts';
import { showSelftestReport } from '../../../cli/selftest/show-selftest.ts';
import type { Timer } from '../../../lambda/common/time.ts';
import type {
  AwsEndpoints,
  AwsEndpointsOptions,
} from '../../../local/aws-endpoints/aws-endpoints.ts';
import { faultsByText } from '../../../local/aws-endpoints/logs/query-store.ts';
import { VirtualClock } from '../../../local/clock.ts';
import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { Detection } from '../../../queries/tools/detection-schema.ts';
import {
  clientFor,
  endpoints,
  now,
  stopEndpoints,
} from '../../local/aws-endpoints/with-endpoints.ts';
import { patientTimer } from '../patient-timer.ts';
import { detections } from './base-observation.ts';
import { type Fault, type FaultRule, type FaultyLogs, startFaultyLogs } from './faulty-logs.ts';

const foreign = ['airflow-prod-Task', 'privilege-monitor-selftest-other-Task'];
const place = { logStream: 's', timestamp: now, ingestionTime: now, message: 'add-role' };

let engine: InsightsEngine;
let clock: VirtualClock;
let timer: Timer;
let stop: AbortController;
let faulty: FaultyLogs | undefined;

beforeEach(async () => {
  engine = await InsightsEngine.open();
  await engine.load(foreign.map((logGroup) => ({ ...place, logGroup })));
  clock = new VirtualClock(now);
  timer = patientTimer(engine, clock);
  stop = new AbortController();
});

afterEach(async () => {
  await faulty?.close();
  faulty = undefined;
  await stopEndpoints();
  engine.close();
});

async function shellFor(
  changes: Partial<AwsEndpointsOptions>,
  rule: FaultRule | undefined,
): Promise<SelftestShell> {
  let started: Pick<AwsEndpoints, 'url'> = await endpoints({ engine, clock, ...changes });
  if (rule !== undefined) {
    faulty = await startFaultyLogs(started.url, rule);
    started = faulty;
  }
  const logs = new CloudWatchLogsClient({ ...clientFor(started as AwsEndpoints) });
  return { logs, timer, random: () => 0.5, log: () => undefined, interrupted: stop.signal };
}

/** Few detections, for tests that do not depend on them: each one makes every query slower. */
const few = detections.filter(({ id }) =>
  ['add-role', 'cli-role-granted', 'metadata-sql-result'].includes(id),
);

async function run({
  rule,
  those = few,
  keep = false,
  onStage = () => undefined,
  ...changes
}: Partial<AwsEndpointsOptions> &
  Partial<Pick<SelftestOptions, 'keep' | 'onStage'>> & {
    readonly rule?: FaultRule;
    readonly those?: readonly Detection[];
  } = {}) {
  const shell = await shellFor(changes, rule);
  const stages: string[] = [];
  const scratch = new ScratchGroups(shell, 'id');
  const end = await selftest(shell, {
    ...{ region: 'us-east-1', scratch, detections: those, keep, clock, deletingTimer: timer },
    onStage: (stage) => {
      stages.push(stage);
      onStage(stage);
    },
  });
  const { report, failure } = end;
  const notOk = report?.checks.flatMap(({ id, result }) => (result === 'ok' ? [] : [id]));
  return { report, notOk, failure: failure?.message, detail: failure?.detail, stages };
}

/** The log groups that did not exist before the test. */
async function groupsLeft(): Promise<string[]> {
  const names = (await engine.logGroups()).map(({ logGroup }) => logGroup);
  expect(names).toEqual(expect.arrayContaining(foreign));
  return names.filter((name) => !foreign.includes(name));
}

const scratchNames = ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'].map(
  (logType) => `privilege-monitor-selftest-id-${logType}`,
);

const denied: Fault = {
  code: 'AccessDeniedException',
  message: 'User: arn:aws:iam::000000000000:user/me is not authorized',
};
/** Injects a fault into the calls of one operation, from the nth on. */
const failing =
  (operation: string, fault: Fault, from = 1): FaultRule =>
  (called) => {
    if (called !== operation) return undefined;
    const nth = (faulty?.calls ?? []).filter((call) => call === operation).length;
    return nth >= from ? fault : undefined;
  };

describe.each(['second', 'millisecond'] as const)('if endTime includes a %s', (endTime) => {
  test('every check is ok, the reading is reported, and no log group remains', async () => {
    const { report, notOk, failure, stages } = await run({ endTime, those: detections });
    expect(failure).toBeUndefined();
    expect(notOk).toEqual([]);
    expect(report?.endTime.reading).toBe(endTime);
    expect(report?.verdicts).toMatchObject({ notChecked: 0, wrong: [] });
    expect(report?.verdicts.checked).toBeGreaterThan(450);
    expect(selftestReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(JSON.stringify(report)).not.toMatch(/\d{12}:|000000000000/);
    expect(await groupsLeft()).toEqual([]);
    expect(stages).toContain(
      `log groups of other runs exist and are left unchanged: ${foreign[1]}`,
    );
  });
});

test('a refused detection is reported, and all others are judged', async () => {
  const queryFault = faultsByText({ refuse: /Rows affected/ });
  const { report, notOk } = await run({ queryFault });
  expect(notOk).toEqual(['pack-accepted']);
  expect(report?.refusedDetections).toEqual([
    {
      id: 'metadata-sql-result',
      message: expect.stringContaining('the text matches /Rows affected/'),
      excerpt: expect.stringMatching(/^characters \d+ to \d+: Rows affected$/),
    },
  ]);
  expect(report?.verdicts.notChecked).toBe(18);
  expect(await groupsLeft()).toEqual([]);
});

test('when AWS refuses every query of the pack, the documented query is still judged', async () => {
  const queryFault = faultsByText({ refuse: /@ingestionTime/ });
  const { report, notOk } = await run({ queryFault });
  expect(report?.result).toBe('differs');
  expect(notOk).toEqual(expect.arrayContaining(['pack-accepted', 'verdicts', 'slices-join']));
  expect(notOk).not.toContain('documented-count');
  expect(notOk).not.toContain('end-time');
  const refused = report?.refusedDetections ?? [];
  expect(report?.isPackRefused).toBe(true);
  expect(refused).toHaveLength(few.length);
  expect(refused.map(({ excerpt }) => excerpt !== undefined)).toEqual([
    true,
    ...few.slice(1).map(() => false),
  ]);
  if (report === undefined) return;
  const shown = showSelftestReport(report).split('\n');
  expect(shown.filter((line) => line.startsWith('refused'))).toEqual([
    expect.stringMatching(/^refused {2}every detection, such as \S+: .*@ingestionTime/),
  ]);
});

test('when every query of the pack fails, the documented query is still judged', async () => {
  const { report, notOk } = await run({ queryFault: faultsByText({ fail: /@ingestionTime/ }) });
  expect(report?.refusedDetections).toEqual([]);
  expect(notOk).toContain('pack-accepted');
  expect(notOk).not.toContain('documented-count');
});

test('when the documented query is refused, its count is unknown', async () => {
  const { notOk } = await run({ queryFault: faultsByText({ refuse: /stats count\(\) by @log$/ }) });
  expect(notOk).toBeUndefined();
  const documented = faultsByText({ refuse: /"add-role" \| stats/ });
  expect((await run({ queryFault: documented })).notOk).toEqual([
    'documented-accepted',
    'rows-readable',
    'documented-count',
  ]);
});

test('without queries of one second the count is inexact, and the report says so', async () => {
  const { notOk, report } = await run({
    endTime: 'millisecond',
    rule: (operation, input) =>
      operation === 'StartQuery' && isOneSecond(input)
        ? { code: 'InvalidParameterException', message: 'end must be after start' }
        : undefined,
  });
  expect(notOk).toEqual(expect.arrayContaining(['start-equals-end', 'documented-count']));
  expect(report?.endTime.reading).toBe('millisecond');
});

function isOneSecond(input: unknown): boolean {
  return (
    typeof input === 'object' &&
    input !== null &&
    Reflect.get(input, 'startTime') === Reflect.get(input, 'endTime')
  );
}

test('with --keep the log groups remain', async () => {
  const { report, failure } = await run({ keep: true, rule: () => undefined });
  expect(failure).toBeUndefined();
  expect(report?.kept).toBe(true);
  expect(report?.logGroups).toEqual(scratchNames);
  expect(await groupsLeft()).toEqual(scratchNames);
  expect(faulty?.calls).not.toContain('DeleteLogGroup');
  // Forgotten groups do not cost money for long.
  expect(faulty?.calls.filter((call) => call === 'PutRetentionPolicy')).toHaveLength(5);
});

test('the IAM policy has exactly the calls made, and writes only to scratch log groups', async () => {
  await run({ rule: () => undefined });
  const policy = JSON.parse(readFileSync('docs/selftest-policy.json', 'utf8'));
  const [groups, queries] = policy.Statement;
  const allowed = [...groups.Action, ...queries.Action];
  // A query that times out is stopped.
  const called = new Set([...(faulty?.calls ?? []), 'StopQuery']);
  expect(allowed.toSorted()).toEqual([...called].map((name) => `logs:${name}`).toSorted());
  for (const resource of groups.Resource) expect(resource).toContain(`log-group:${scratchPrefix}*`);
  expect(queries.Action).toEqual([
    'logs:DescribeLogGroups',
    'logs:GetQueryResults',
    'logs:StopQuery',
  ]);
});

test('docs/selftest.md explains every check', async () => {
  const { report } = await run();
  const page = readFileSync('docs/selftest.md', 'utf8');
  const explained = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id);
  expect(explained).toEqual(report?.checks.map(({ id }) => id));
});

describe('a run that cannot be completed explains why in one line, and leaves no log groups', () => {
  test.each([
    ['DescribeLogGroups', 1, 'nothing was created'],
    ['CreateLogGroup', 1, 'nothing was created'],
    ['CreateLogGroup', 3, 'nothing remains, 2 log groups deleted'],
    ['PutRetentionPolicy', 1, 'nothing remains, 1 log group deleted'],
    ['CreateLogStream', 2, 'nothing remains, 2 log groups deleted'],
    ['PutLogEvents', 1, 'nothing remains, 5 log groups deleted'],
    ['StartQuery', 1, 'nothing remains, 5 log groups deleted'],
    ['StartQuery', 8, 'nothing remains, 5 log groups deleted'],
    ['GetQueryResults', 1, 'nothing remains, 5 log groups deleted'],
  ])('%s is denied at call %i', async (operation, from, left) => {
    const { report, failure } = await run({ rule: failing(operation, denied, from) });
    expect(report).toBeUndefined();
    expect(failure).toContain(`these credentials may not call logs:${operation}: User:`);
    expect(failure).toContain('docs/selftest-policy.json');
    expect(failure).toContain(`; ${left}`);
    expect(failure).not.toContain('\n');
    expect(await groupsLeft()).toEqual([]);
  });

  test.each([
    [
      'others use up the account’s query quota',
      'StartQuery',
      { code: 'LimitExceededException', message: 'Account maximum query concurrency limit' },
      "other queries use up the account's concurrent query quota; try again later",
    ],
    [
      'the account is throttled',
      'StartQuery',
      { code: 'ThrottlingException', message: 'Rate exceeded' },
      'AWS refused every attempt of logs:StartQuery until the deadline',
    ],
    [
      'the account has reached its quota of log groups',
      'CreateLogGroup',
      { code: 'LimitExceededException', message: 'Resource limit exceeded.' },
      'AWS refused every attempt of logs:CreateLogGroup until the deadline',
    ],
    [
      'the credentials are no longer valid',
      'PutLogEvents',
      { code: 'ExpiredTokenException', message: 'expired' },
      'no valid AWS credentials were found',
    ],
    [
      'another operation on the log group never ends',
      'PutRetentionPolicy',
      { code: 'OperationAbortedException', message: 'conflict' },
      'AWS refused every attempt of logs:PutRetentionPolicy until the deadline',
    ],
  ])('%s', async (_, operation, fault, expected) => {
    const { report, failure } = await run({ rule: failing(operation, fault) });
    expect(report).toBeUndefined();
    expect(failure).toContain(expected);
    expect(failure).toContain(fault.message);
    expect(failure).not.toContain('\n');
    expect(await groupsLeft()).toEqual([]);
  });

  test('the query quota is exhausted after some queries were answered', async () => {
    const fault = { code: 'LimitExceededException', message: 'concurrency' };
    const { failure } = await run({ rule: failing('StartQuery', fault, 6) });
    expect(failure).toContain("other queries use up the account's concurrent query quota");
    expect(await groupsLeft()).toEqual([]);
  });

  test('events do not become visible', async () => {
    const { failure } = await run({
      engine: withoutEvents(),
    });
    expect(failure).toContain('not all events are visible to queries 180 s after they were put');
    expect(failure).toMatch(/privilege-monitor-selftest-id-Task: 0 of \d+/);
    expect(await groupsLeft()).toEqual([]);
  });

  test('AWS refuses even the simplest count', async () => {
    const { failure } = await run({ queryFault: faultsByText({ refuse: /./ }) });
    expect(failure).toContain('AWS refuses even "stats count() by @log"');
    expect(await groupsLeft()).toEqual([]);
  });
});

/** The engine, except that events put into it are lost. */
function withoutEvents(): InsightsEngine {
  return new Proxy(engine, {
    get(target, name) {
      if (name === 'putEvents') return async () => undefined;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

describe('deletion', () => {
  test('a log group that cannot be deleted is named with the command to delete it', async () => {
    const { report, failure, detail } = await run({ rule: failing('DeleteLogGroup', denied, 4) });
    expect(report?.result).toBe('ok');
    expect(failure).toContain('2 log groups could not be deleted');
    expect(failure).toContain('may not call logs:DeleteLogGroup');
    const [, , , first, second] = scratchNames;
    expect(detail?.split('\n')).toEqual(
      [first, second].map(
        (name) => `  aws logs delete-log-group --region us-east-1 --log-group-name ${name}`,
      ),
    );
    expect(await groupsLeft()).toEqual([first, second]);
  });

  test('the failure and the remaining groups are reported together', async () => {
    const rule: FaultRule = (operation) =>
      ['PutLogEvents', 'DeleteLogGroup'].includes(operation) ? denied : undefined;
    const { failure } = await run({ rule });
    expect(failure).toMatch(/may not call logs:PutLogEvents.*; 5 log groups could not be deleted/);
  });

  test('an existing log group of the same name is not touched', async () => {
    await engine.load([{ ...place, logGroup: scratchNames[1] ?? '' }]);
    const { failure } = await run();
    expect(failure).toContain(`log group ${scratchNames[1]} already exists`);
    expect(failure).toContain('nothing remains, 1 log group deleted');
    expect(await groupsLeft()).toEqual([scratchNames[1]]);
  });

  test('a log group that may have been created, since its answer was lost, is deleted', async () => {
    const { failure } = await run({ rule: failing('CreateLogGroup', 'lost-answer', 2) });
    expect(failure).toContain(`creating log group ${scratchNames[1]}`);
    expect(failure).toContain('nothing remains, 2 log groups deleted');
    expect(await groupsLeft()).toEqual([]);
  });

  test('a log group that was created despite a server error belongs to the run', async () => {
    const rule: FaultRule = (operation) =>
      operation === 'CreateLogGroup' &&
      faulty?.calls.filter((call) => call === operation).length === 2
        ? 'away'
        : undefined;
    const { failure } = await run({ rule });
    expect(failure).toBeUndefined();
    expect(await groupsLeft()).toEqual([]);
  });

  test('a deletion whose answer is lost is retried', async () => {
    const rule: FaultRule = (operation) =>
      operation === 'DeleteLogGroup' &&
      faulty?.calls.filter((call) => call === operation).length === 1
        ? 'lost-answer'
        : undefined;
    const { failure } = await run({ rule });
    expect(failure).toBeUndefined();
    expect(await groupsLeft()).toEqual([]);
  });
});

test.each([
  'creating five log groups',
  'times have passed',
  'putting',
  'waiting until queries',
  'visible after',
  'reading three slices',
  'testing how far',
])('an interruption at "%s" ends the run, and no log groups remain', async (stage) => {
  const { report, failure } = await run({
    onStage: (begun) => {
      if (begun.includes(stage)) stop.abort();
    },
  });
  expect(report).toBeUndefined();
  expect(failure).toMatch(
    /^it was interrupted; nothing (remains, 5 log groups deleted|was created)$/,
  );
  expect(await groupsLeft()).toEqual([]);
});

test('an error of this program is thrown, and no log groups remain', async () => {
  const onStage = (stage: string) => {
    if (stage.startsWith('putting')) throw new TypeError('x is not a function');
  };
  const failure = await run({ onStage }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(TypeError);
  expect(failure).not.toBeInstanceOf(UserError);
  expect(await groupsLeft()).toEqual([]);
});
