import { correlateStream } from '../../../lambda/correlate/derive-stream.ts';
import type { Change } from '../../../lambda/model/correlation-state.ts';
import type { ObservedEvent, Signal } from '../../../lambda/model/signal.ts';

const settings = { environment: 'prod', correlateSeconds: 180 };
const endOfAll = Number.MAX_SAFE_INTEGER;

/** A line at a second that says one or more things. */
function line(atSeconds: number, ...signals: Partial<Signal>[]): ObservedEvent {
  return {
    key: `${atSeconds}${JSON.stringify(signals)}`,
    logGroup: 'airflow-prod-Task',
    logStream: 's',
    timestamp: atSeconds * 1000,
    message: JSON.stringify(signals),
    occurrences: 1,
    signals: signals.map((signal) => ({
      kind: 'outcome',
      detections: [`${signal.kind ?? 'outcome'}-detection`],
      severity: 'high',
      ...signal,
    })),
  };
}

function changesOf(events: readonly ObservedEvent[], horizonEpochMs = endOfAll): readonly Change[] {
  return correlateStream(events, horizonEpochMs, settings);
}

const grant = { verb: 'grant-role', target: 'bob', role: 'Op' } as const;
const echo: Partial<Signal> = { ...grant, kind: 'command', severity: 'medium' };
const updated: Partial<Signal> = { kind: 'write', verb: 'update-user', target: 'Bob Smith' };

test("echo, security manager's line and confirmation of a command are one change", () => {
  const changes = changesOf([line(1, echo), line(20, updated), line(20.002, grant)]);
  expect(changes).toMatchObject([
    { outcome: 'succeeded', severity: 'high', targets: ['bob'], roles: ['Op'] },
  ]);
  expect(changes[0]?.evidence.map(({ timestamp }) => timestamp)).toEqual([1000, 20_000, 20_002]);
  expect(changes[0]?.anchorEpochMs).toBe(20_002);
});

test('a command waits 180 seconds for its outcome, then is a change of medium severity', () => {
  expect(changesOf([line(1, echo)], 181_000)).toEqual([]);
  expect(changesOf([line(1, echo)], 181_001)).toMatchObject([
    { outcome: 'unknown', severity: 'medium', targets: ['bob'], roles: ['Op'] },
  ]);
});

test('a command that worked is not milder than one of unknown outcome', () => {
  const synced = { verb: 'sync-permissions', severity: 'low' } as const;
  const command = { verb: 'sync-permissions', kind: 'command', severity: 'medium' } as const;
  expect(changesOf([line(1, synced)])).toMatchObject([{ severity: 'low' }]);
  expect(changesOf([line(1, command), line(2, synced)])).toMatchObject([{ severity: 'medium' }]);
});

test('a command that failed by the log is medium: its author could have written that', () => {
  const failure = { ...grant, kind: 'failure', severity: 'info' } as const;
  const changes = changesOf([line(1, echo), line(9, failure)]);
  expect(changes).toMatchObject([{ outcome: 'failed', severity: 'medium', anchorEpochMs: 1000 }]);
  const others = changesOf([line(1, echo), line(9, { ...failure, target: 'eve' })]);
  expect(others).toMatchObject([{ outcome: 'unknown', severity: 'medium' }]);
});

test('a failure without names settles a command only if a single one waits', () => {
  const failure = { kind: 'failure', severity: 'info' } as const;
  expect(changesOf([line(1, echo), line(2, failure)])).toMatchObject([{ outcome: 'failed' }]);
  const two = [line(1, echo), line(1, { ...echo, target: 'eve' }), line(2, failure)];
  expect(changesOf(two).map(({ outcome }) => outcome)).toEqual(['unknown', 'unknown']);
});

test('a failure or block in the log does not settle a command whose errors go elsewhere', () => {
  const silenced = { ...echo, silenced: true };
  const failure = { ...grant, kind: 'failure', severity: 'info' } as const;
  const block = { kind: 'block', verb: 'bypass-metadata-block', severity: 'low' } as const;
  const [change] = changesOf([line(1, silenced), line(2, failure), line(3, block)]);
  expect(change).toMatchObject({ outcome: 'unknown', severity: 'medium' });
});

test('a block denies the waiting command, or is a change of its own', () => {
  const block = { kind: 'block', verb: 'bypass-metadata-block', severity: 'low' } as const;
  const [denied, ...others] = changesOf([line(1, echo), line(5, block)]);
  expect(others).toEqual([]);
  expect(denied).toMatchObject({ outcome: 'denied', severity: 'medium', verb: 'grant-role' });
  expect(denied?.evidence).toHaveLength(2);
  expect(changesOf([line(5, block)])).toMatchObject([{ outcome: 'denied', severity: 'low' }]);
});

test('user and role decide which command an outcome belongs to', () => {
  const eve = { ...grant, target: 'eve' };
  const changes = changesOf([
    line(1, echo, { ...echo, target: 'eve' }),
    line(10, grant),
    line(20, eve),
  ]);
  expect(changes.map(({ targets, evidence }) => [targets, evidence.length])).toEqual([
    [['bob'], 2],
    [['eve'], 2],
  ]);
});

test('a command with a variable or an e-mail address fits its outcome', () => {
  const variable = { kind: 'command', severity: 'medium', target: 'bob', role: 'Op' } as const;
  expect(changesOf([line(1, variable), line(9, grant)])).toHaveLength(1);
  const byMail = { ...echo, target: 'bob@example.com' };
  expect(changesOf([line(1, byMail), line(9, grant)])).toMatchObject([{ targets: ['bob'] }]);
});

test('the closing count of permissions joins the permissions it counts', () => {
  const added = { verb: 'add-permissions', role: 'analysts' } as const;
  const changes = changesOf([
    line(1, added),
    line(1.1, added),
    line(1.1, { verb: 'add-permissions' }),
  ]);
  expect(changes).toHaveLength(1);
  expect(changes[0]?.evidence).toHaveLength(3);
});

test('one import is one change, however many roles or users its lines name', () => {
  const command = { kind: 'command', verb: 'import-roles', severity: 'medium' } as const;
  const changes = changesOf([
    line(1, command),
    line(9, { verb: 'add-permissions', role: 'a' }),
    line(9.1, { verb: 'add-permissions', role: 'b' }),
    line(9.2, { verb: 'import-roles' }),
  ]);
  expect(changes).toMatchObject([{ verb: 'import-roles', roles: ['a', 'b'] }]);
});

test('a permission line without names belongs to no command', () => {
  const started: Partial<Signal> = { kind: 'write', verb: 'add-permissions', severity: 'low' };
  const added = { verb: 'add-permissions', role: 'Op' } as const;
  const changes = changesOf([line(1, started), line(2, added)]);
  expect(changes.map(({ evidence }) => evidence.length)).toEqual([1, 1]);
});

test("an unclaimed security manager's line is a change by code in the process", () => {
  const created: Partial<Signal> = { kind: 'write', verb: 'create-role', role: 'shadow' };
  const critical = { severity: 'critical', verb: 'add-permissions', role: 'shadow' } as const;
  const changes = changesOf([line(1, created), line(1.5, { ...critical, kind: 'write' })]);
  expect(changes).toMatchObject([
    { outcome: 'succeeded', severity: 'critical', verb: 'create-role' },
  ]);
});

test('evidence of severity info alone is no change', () => {
  expect(
    changesOf([
      line(1, { kind: 'write', verb: 'create-user', target: 'eve', severity: 'info' }),
      line(2, { kind: 'notice', severity: 'info' }),
      line(3, { kind: 'failure', severity: 'info' }),
      line(4, { kind: 'denial', severity: 'info' }),
    ]),
  ).toEqual([]);
});

describe('web requests', () => {
  const request: Partial<Signal> = {
    ...{ kind: 'request', verb: 'change-role', object: 'roles', role: 'a' },
    ...{ method: 'PATCH', status: 200, outcome: 'succeeded' },
  };
  const permission: Partial<Signal> = { kind: 'write', verb: 'add-permissions', role: 'a' };

  test('are one change each, however alike they are', () => {
    expect(changesOf([line(1, request), line(1.2, request)])).toHaveLength(2);
  });

  test('claim the lines written before their answer, and take over their severity', () => {
    const before = line(1, { ...permission, severity: 'critical' });
    expect(changesOf([before, line(1.01, request)])).toMatchObject([
      { severity: 'critical', evidence: [{ timestamp: 1000 }, { timestamp: 1010 }] },
    ]);
  });

  test('leave the lines of the next request to it', () => {
    const changes = changesOf([
      ...[line(1, permission), line(1.01, request)],
      ...[line(1.1, permission), line(1.11, request)],
    ]);
    expect(changes.map(({ evidence }) => evidence.map(({ timestamp }) => timestamp))).toEqual([
      [1000, 1010],
      [1100, 1110],
    ]);
  });

  test('are low if they failed or were refused', () => {
    const failed = { ...request, status: 404, outcome: 'failed' } as const;
    expect(changesOf([line(1, failed)])).toMatchObject([{ outcome: 'failed', severity: 'low' }]);
  });

  test('are no change if they only view a form', () => {
    const look = { ...request, method: 'GET', status: 302 };
    expect(changesOf([line(1, look)])).toEqual([]);
  });
});

describe("Flask-AppBuilder's line about a new user, near another product's line", () => {
  const made: Partial<Signal> = { verb: 'create-user', target: 'admin', severity: 'critical' };
  const other: Partial<Signal> = { kind: 'other-product', severity: 'info' };
  const worst = (...events: ObservedEvent[]) => changesOf(events).map(({ severity }) => severity);

  test("is the other product's for as long as a command waits", () => {
    expect(worst(line(1, other), line(20, made))).toEqual(['low']);
    expect(worst(line(1, other), line(182, made))).toEqual(['critical']);
    expect(worst(line(20, made), line(21, other))).toEqual(['low']);
    expect(worst(line(20, made), line(201, other))).toEqual(['critical']);
  });

  test("is Airflow's if its security manager or an Airflow command shows", () => {
    const added: Partial<Signal> = { kind: 'write', verb: 'create-user', target: 'admin' };
    const command: Partial<Signal> = { kind: 'command', verb: 'create-user', severity: 'medium' };
    expect(worst(line(1, other), line(19.99, added), line(20, made))).toEqual(['high']);
    expect(worst(line(1, other), line(2, command), line(20, made))).toEqual(['critical']);
  });

  test("does not affect what Airflow's own command line prints", () => {
    expect(worst(line(1, other), line(20, { ...made, role: 'Admin' }))).toEqual(['critical']);
    expect(worst(line(1, other), line(20, grant))).toEqual(['high']);
  });

  test("results in no change if only the other product's line is there", () => {
    expect(changesOf([line(1, other)])).toEqual([]);
  });
});

test('a line without a role takes all names of its command', () => {
  const command: Partial<Signal> = {
    ...{ kind: 'command', verb: 'create-role', severity: 'medium' },
    roles: ['analysts', 'superops'],
  };
  const created: Partial<Signal> = { verb: 'create-role' };
  expect(changesOf([line(1, command), line(9, created)])).toMatchObject([
    { outcome: 'succeeded', roles: ['analysts', 'superops'] },
  ]);
  expect(changesOf([line(1, command)])).toMatchObject([
    { outcome: 'unknown', roles: ['analysts', 'superops'] },
  ]);
});

test('commands that name different roles are different changes', () => {
  const command = (...roles: string[]): Partial<Signal> => ({
    ...{ kind: 'command', verb: 'delete-role', severity: 'medium' },
    roles,
  });
  expect(changesOf([line(1, command('a', 'b')), line(2, command('c', 'd'))])).toHaveLength(2);
  expect(changesOf([line(1, command('a', 'b')), line(2, command('a', 'b'))])).toHaveLength(1);
});
