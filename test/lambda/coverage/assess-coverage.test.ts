import { assessCoverage } from '../../../lambda/coverage/assess-coverage.ts';
import type {
  BlindCause,
  EnvironmentLogging,
  ExistingLogGroups,
  IncomingEvents,
  LogGroupFacts,
  LogTypeSetting,
} from '../../../lambda/model/coverage.ts';
import { defaultDuties, type LogType } from '../../../lambda/model/log-types.ts';
import { allGroups, environment } from '../setup/monitor-fixture.ts';

const info: LogTypeSetting = { enabled: true, logLevel: 'INFO' };
const old: LogGroupFacts = { createdEpochMs: 0 };
const allExist = withFacts({});
const sinceEpochMs = Date.parse('2026-03-01T08:00:00Z');
const lively: IncomingEvents = { kind: 'known', silent: new Set(), sinceEpochMs };
const sweepHours = 48;
const notAllowed: ExistingLogGroups = { kind: 'unknown', reason: 'not allowed to list' };

function logging(changes: Partial<Record<LogType, LogTypeSetting>> = {}): EnvironmentLogging {
  const settings = { DAGProcessing: info, Scheduler: info, Task: info, WebServer: info };
  return { kind: 'found', settings: { ...settings, Worker: info, ...changes } };
}

function withFacts(facts: Partial<Record<LogType, LogGroupFacts>>): ExistingLogGroups {
  const of = (name: string) => facts[name.split('-').at(-1) as LogType] ?? old;
  return { kind: 'known', logGroups: new Map(allGroups.map((name) => [name, of(name)])) };
}

function existing(...absent: LogType[]): ExistingLogGroups {
  const gone = new Set(absent.map((logType) => `airflow-${environment}-${logType}`));
  const left = allGroups.filter((name) => !gone.has(name));
  return { kind: 'known', logGroups: new Map(left.map((name) => [name, old])) };
}

function assess(answer: EnvironmentLogging, groups: ExistingLogGroups, incoming = lively) {
  const answers = { logging: answer, existing: groups, incoming };
  return assessCoverage(environment, answers, sweepHours);
}

function group(logType: LogType, groups: ExistingLogGroups, incoming = lively) {
  return assess(logging(), groups, incoming).find((one) => one.logType === logType);
}

function task(answer: EnvironmentLogging, groups: ExistingLogGroups) {
  return assess(answer, groups).find(({ logType }) => logType === 'Task');
}

test('five enabled log types at INFO with their groups are covered and scanned', () => {
  expect(assess(logging(), allExist)).toEqual(
    ['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'].map((logType) => ({
      logType,
      logGroup: `airflow-prod-${logType}`,
      scan: true,
    })),
  );
});

test.each(['DEBUG', 'INFO'])('a log type at %s is covered', (logLevel) => {
  expect(task(logging({ Task: { enabled: true, logLevel } }), allExist)?.blind).toBeUndefined();
});

test.each(['WARNING', 'ERROR', 'CRITICAL'])(
  'a log type at %s is blind, with its level; what was logged before is still read',
  (logLevel) => {
    expect(task(logging({ Task: { enabled: true, logLevel } }), allExist)).toMatchObject({
      blind: { cause: 'level-above-info', detail: `log level is ${logLevel}` },
      scan: true,
    });
  },
);

test('a disabled log type is blind, and its old group is read while it exists', () => {
  expect(task(logging({ Task: { enabled: false, logLevel: 'INFO' } }), allExist)).toMatchObject({
    blind: { cause: 'disabled' },
    scan: true,
  });
});

test('a disabled log type without a group is disabled, not missing', () => {
  expect(task(logging({ Task: { enabled: false } }), existing('Task'))?.blind?.cause).toBe(
    'disabled',
  );
});

test('an enabled log type without a group is missing and not scanned', () => {
  expect(task(logging(), existing('Task'))).toMatchObject({
    blind: { cause: 'missing' },
    scan: false,
  });
});

test('one blind group leaves the others covered', () => {
  const blind = assess(logging(), existing('Task')).filter((group) => group.blind !== undefined);
  expect(blind.map(({ logType }) => logType)).toEqual(['Task']);
});

test('without an answer from MWAA an existing group is scanned, and its coverage is unknown', () => {
  const answer: EnvironmentLogging = { kind: 'unknown', reason: 'denied' };
  expect(task(answer, allExist)).toMatchObject({
    blind: { cause: 'unknown', detail: 'denied' },
    scan: true,
  });
  expect(task(answer, existing('Task'))).toMatchObject({
    blind: { cause: 'missing' },
    scan: false,
  });
});

test('without a list of log groups all five are scanned, and their coverage is unknown', () => {
  for (const group of assess(logging(), notAllowed)) {
    expect(group).toMatchObject({
      blind: { cause: 'unknown', detail: 'not allowed to list' },
      scan: true,
    });
  }
});

test('without a list of log groups a disabled log type is still known to be disabled', () => {
  expect(task(logging({ Task: { enabled: false } }), notAllowed)).toMatchObject({
    blind: { cause: 'disabled' },
    scan: false,
  });
});

test('without either answer both reasons are given', () => {
  const answer: EnvironmentLogging = { kind: 'unknown', reason: 'denied' };
  expect(task(answer, notAllowed)?.blind?.detail).toBe('denied; not allowed to list');
});

test('an environment that MWAA does not know is blind for that reason; its existing groups are scanned', () => {
  const answer: EnvironmentLogging = { kind: 'not-found' };
  expect(task(answer, allExist)).toMatchObject({
    blind: { cause: 'environment-not-found' },
    scan: true,
  });
  expect(task(answer, existing('Task'))).toMatchObject({
    blind: { cause: 'environment-not-found' },
    scan: false,
  });
});

test.each<[string, LogTypeSetting | undefined]>([
  ['is not mentioned', undefined],
  ['does not say whether it is enabled', { logLevel: 'INFO' }],
  ['names no level', { enabled: true }],
  ['names a level that Airflow does not have', { enabled: true, logLevel: 'VERBOSE' }],
])('a log type that %s is unknown, never covered', (_, setting) => {
  const answer: EnvironmentLogging = {
    kind: 'found',
    settings: setting === undefined ? {} : { Task: setting },
  };
  expect(task(answer, allExist)).toMatchObject({ blind: { cause: 'unknown' }, scan: true });
});

describe('silence', () => {
  const silent = (...names: string[]): IncomingEvents => ({
    ...{ kind: 'known', sinceEpochMs },
    silent: new Set(names),
  });

  test.each(['DAGProcessing', 'Scheduler'] as const)('%s without an event is blind', (logType) => {
    expect(group(logType, allExist, silent(`airflow-prod-${logType}`))).toMatchObject({
      blind: { cause: 'silent', detail: expect.stringContaining('2026-03-01T08:00:00.000Z') },
      scan: true,
    });
  });

  test.each(['Task', 'WebServer', 'Worker'] as const)('%s may be silent', (logType) => {
    const found = group(logType, allExist, silent(`airflow-prod-${logType}`));
    expect(found?.blind).toBeUndefined();
  });

  test('a group that was created during the silence is not silent', () => {
    const young = withFacts({ Scheduler: { createdEpochMs: sinceEpochMs + 1 } });
    expect(group('Scheduler', young, silent('airflow-prod-Scheduler'))?.blind).toBeUndefined();
  });

  test('is unknown if the count of events failed', () => {
    const unknown: IncomingEvents = { kind: 'unknown', reason: 'not allowed to read metrics' };
    expect(group('Scheduler', allExist, unknown)).toMatchObject({
      blind: { cause: 'unknown', detail: 'not allowed to read metrics' },
      scan: true,
    });
    expect(group('Task', allExist, unknown)?.blind).toBeUndefined();
  });
});

test.each([
  [1, 'retention-too-short'],
  [2, undefined],
  [undefined, undefined],
])('with a retention of %s days and a far sweep of 48 hours: %s', (retentionDays, cause) => {
  const found = group('Task', withFacts({ Task: { ...old, retentionDays } }));
  expect(found?.blind?.cause).toBe(cause);
  expect(found?.scan).toBe(true);
});

describe('a log type that may be off', () => {
  const duties = { ...defaultDuties, Task: 'optional' } as const;
  const optional = (answer: EnvironmentLogging, groups: ExistingLogGroups) =>
    assessCoverage(
      environment,
      { logging: answer, existing: groups, incoming: lively },
      sweepHours,
      duties,
    ).find(({ logType }) => logType === 'Task');

  test.each<[BlindCause, LogTypeSetting, ExistingLogGroups, boolean]>([
    ['disabled', { enabled: false }, allExist, true],
    ['disabled', { enabled: false }, existing('Task'), false],
    ['missing', info, existing('Task'), false],
    ['level-above-info', { enabled: true, logLevel: 'ERROR' }, allExist, true],
  ])('is off, not blind: %s', (cause, setting, groups, scan) => {
    const found = optional(logging({ Task: setting }), groups);
    expect(found).toMatchObject({ off: { cause }, scan });
    expect(found).not.toHaveProperty('blind');
  });

  test('is blind if it is not known whether it is off', () => {
    const found = optional({ kind: 'unknown', reason: 'denied' }, allExist);
    expect(found).toMatchObject({ blind: { cause: 'unknown' }, scan: true });
    expect(found).not.toHaveProperty('off');
  });

  test('is covered when it is on', () => {
    expect(optional(logging(), allExist)).toEqual({ ...group('Task', allExist) });
  });
});
