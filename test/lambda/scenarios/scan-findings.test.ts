import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PublishCommand } from '@aws-sdk/client-sns';
import { allGroups, awsError, putValues } from '../setup/monitor-fixture.ts';
import {
  command,
  grant,
  monitorWith,
  published,
  stream,
  task,
  tickAt,
  withSeverity,
} from '../setup/pack-fixture.ts';

/** In the first half of the window that the tick of 09:00 reads. */
const at = '2026-03-01T08:51:00.500';
const changes = `PrivilegeChanges/${task}`;

function putsOfTick(fixture: ReturnType<typeof monitorWith>): Record<string, number | undefined> {
  const values = putValues(fixture.cloudWatch);
  fixture.cloudWatch.resetHistory();
  return values;
}

test('one privilege change is one finding, one notification and one in its group', async () => {
  const fixture = monitorWith([command('bob', at, 'Admin'), grant('bob', at, 'Admin')]);
  const report = await tickAt(fixture, '09:00');
  expect(published(fixture)).toMatchObject([
    {
      TopicArn: 'arn:aws:sns:eu-west-1:123456789012:findings',
      Subject: expect.stringMatching(/^\[CRITICAL\] prod: /),
      environment: 'prod',
      severity: 'critical',
      outcome: 'succeeded',
      target: 'bob',
      role: 'Admin',
      detectedAt: '2026-03-01T09:00:00.000Z',
      evidence: [{ logStream: stream }, { logStream: stream }],
    },
  ]);
  expect(putsOfTick(fixture)).toMatchObject({
    ...Object.fromEntries(allGroups.map((group) => [`PrivilegeChanges/${group}`, 0])),
    [changes]: 1,
    SuppressedChanges: 0,
    // The pack; the documented query, and its end.
    BytesScanned: 3000,
    ScanCompleted: 1,
  });
  expect(report).toMatchObject({ notified: 1, undelivered: 0 });
  expect(report.logGroups).toContainEqual(
    expect.objectContaining({ logGroup: task, privilegeChanges: 1 }),
  );
});

test("the pack is queried once per tick for all groups, in the tick's window", async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '09:00');
  const end = Date.parse('2026-03-01T08:55:00Z') / 1000;
  expect(fixture.asked).toEqual([{ start: end - 300, end, logGroups: allGroups }]);
});

test('an event that only the documented literal matches makes no finding', async () => {
  const fixture = monitorWith([{ at, message: 'aws iam add-role-to-instance-profile' }]);
  await tickAt(fixture, '09:00');
  expect(published(fixture)).toEqual([]);
});

test('the log names a finding by id, kind and title, and holds no line of a log event', async () => {
  const fixture = monitorWith([grant('bob', at, 'Admin')]);
  await tickAt(fixture, '09:00');
  const [finding] = published(fixture);
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({
      decision: 'finding-recorded',
      ...{ id: finding.id, logGroup: task, severity: 'critical', isNew: true },
      detection: 'cli-role-granted',
      delivery: 'pending',
      ...{ title: finding.title, runbook: 'docs/runbooks/role-granted.md' },
    }),
  );
  for (const { message } of finding.evidence ?? []) {
    expect(fixture.lines.some((line) => JSON.stringify(line).includes(message))).toBe(false);
  }
});

test('a retried tick reads nothing again, notifies nobody twice and puts the same numbers', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  await tickAt(fixture, '09:00');
  const first = putsOfTick(fixture);
  await tickAt(fixture, '09:00');
  expect(published(fixture)).toHaveLength(1);
  expect(fixture.asked).toHaveLength(1);
  expect(first).toMatchObject(putsOfTick(fixture));
});

test('a finding counts in the tick that found it, and not in the next', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  await tickAt(fixture, '09:00');
  await tickAt(fixture, '09:05');
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 0 });
});

test('a command without an outcome is a finding after its time, without further events', async () => {
  const fixture = monitorWith([command('bob', '2026-03-01T08:54:00.000')]);
  await tickAt(fixture, '09:00');
  expect(published(fixture)).toEqual([]);
  await tickAt(fixture, '09:05');
  expect(published(fixture)).toMatchObject([
    {
      severity: 'medium',
      outcome: 'unknown',
      target: 'bob',
      firstSeen: '2026-03-01T08:54:00.000Z',
    },
  ]);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 1 });
});

test('an outcome in the next window joins the command in this one', async () => {
  const fixture = monitorWith([
    command('bob', '2026-03-01T08:54:59.900'),
    grant('bob', '2026-03-01T08:55:01.000'),
  ]);
  await tickAt(fixture, '09:00');
  await tickAt(fixture, '09:05');
  await tickAt(fixture, '09:10');
  expect(published(fixture)).toMatchObject([{ outcome: 'succeeded', evidence: [{}, {}] }]);
});

test('below alertAt a finding is stored, not notified and not counted', async () => {
  const fixture = monitorWith([grant('bob', at)], withSeverity('low'));
  const report = await tickAt(fixture, '09:00');
  expect(published(fixture)).toEqual([]);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 0, SuppressedChanges: 0 });
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ decision: 'finding-recorded', delivery: 'withheld' }),
  );
  expect(report.notified).toBe(0);
});

test('an approved change is recorded and counted, and nobody is notified', async () => {
  const approval = {
    ...{ dag: 'promote', verb: ['grant-role' as const], user: ['bob'], role: ['Admin'] },
    reason: 'onboarding',
    owner: 'platform',
    expires: '2026-03-01',
  };
  const fixture = monitorWith([grant('bob', at, 'Admin')], { approvedChanges: [approval] });
  await tickAt(fixture, '09:00');
  expect(published(fixture)).toEqual([]);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 0, SuppressedChanges: 1 });
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({ decision: 'finding-recorded', approved: true }),
  );
});

test('an approval that had expired before the change covers nothing, and a warning is logged', async () => {
  const approval = {
    ...{ dag: 'promote', verb: ['grant-role' as const], user: ['bob'], role: ['Admin'] },
    reason: 'onboarding',
    owner: 'platform',
    expires: '2026-02-28',
  };
  const standing = { ...approval, dag: 'other', expires: '2026-03-02' };
  const fixture = monitorWith([grant('bob', at, 'Admin')], {
    approvedChanges: [standing, approval],
  });
  await tickAt(fixture, '09:00');
  expect(published(fixture)).toHaveLength(1);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 1, SuppressedChanges: 0 });
  expect(fixture.lines).toContainEqual(
    expect.objectContaining({
      ...{ level: 'warn', decision: 'approvals-expired' },
      approvals: [{ dag: 'promote', expires: '2026-02-28', owner: 'platform' }],
    }),
  );
});

test('a finding that gets worse is notified again by the same id, as an update', async () => {
  const later = grant('bob', '2026-03-01T08:55:10.000');
  const fixture = monitorWith([
    grant('bob', '2026-03-01T08:54:50.000'),
    { ...later, message: `${later.message} by root` },
  ]);
  await tickAt(fixture, '09:00');
  putsOfTick(fixture);
  await tickAt(fixture, '09:05');
  const [first, second, ...more] = published(fixture);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ severity: 'high', kind: 'finding' });
  expect(second).toMatchObject({ severity: 'critical', kind: 'update', id: first.id });
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 0 });
});

test('a finding that only gets more evidence is not notified again', async () => {
  const fixture = monitorWith([
    grant('bob', '2026-03-01T08:54:50.000'),
    grant('bob', '2026-03-01T08:55:10.000'),
  ]);
  await tickAt(fixture, '09:00');
  await tickAt(fixture, '09:05');
  expect(published(fixture)).toHaveLength(1);
});

test('a failed publish fails the tick; the finding stays pending and is sent in the next', async () => {
  const fixture = monitorWith([grant('bob', at), grant('eve', at)]);
  fixture.sns
    .on(PublishCommand)
    .rejectsOnce(awsError('AuthorizationError', 'no'))
    .resolves({ MessageId: 'm' });
  await expect(tickAt(fixture, '09:00')).rejects.toThrow(/finding \w+ cannot be published/);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 2, ScanCompleted: 1 });
  await tickAt(fixture, '09:05');
  const sent = published(fixture).map(({ target }) => target);
  expect(sent).toHaveLength(3);
  expect(new Set(sent)).toEqual(new Set(['bob', 'eve']));
});

test('a publish whose answer was lost is not retried within the tick', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.sns.on(PublishCommand).rejects(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('cannot be published');
  expect(fixture.sns.commandCalls(PublishCommand)).toHaveLength(1);
});

test('above twenty findings the mildest come in one digest', async () => {
  const users = Array.from({ length: 25 }, (_, index) => `user${index}`);
  const fixture = monitorWith(
    users.map((user, index) => grant(user, at, index < 3 ? 'Admin' : 'X')),
  );
  const report = await tickAt(fixture, '09:00');
  const messages = published(fixture);
  const digest = messages.find(({ kind }) => kind === 'digest');
  expect(messages).toHaveLength(21);
  expect(messages.filter(({ severity }) => severity === 'critical')).toHaveLength(3);
  expect(digest).toMatchObject({ count: 5, severity: 'high' });
  expect(report).toMatchObject({ notified: 25, undelivered: 0 });
  await tickAt(fixture, '09:05');
  expect(published(fixture)).toHaveLength(21);
});

test('failed metrics prevent no notification', async () => {
  const fixture = monitorWith([grant('bob', at)]);
  fixture.cloudWatch.on(PutMetricDataCommand).rejects(awsError('AccessDeniedException'));
  await expect(tickAt(fixture, '09:00')).rejects.toThrow('PutMetricData failed');
  expect(published(fixture)).toHaveLength(1);
});

describe('when the pack cannot be read', () => {
  test('the documented query still counts, no number of findings is put, and the tick fails', async () => {
    const fixture = monitorWith([]);
    const answers = { status: 'Failed', statistics: { bytesScanned: 5 } } as const;
    for (let query = 0; query < 6; query += 1) {
      fixture.logs.on(GetQueryResultsCommand, { queryId: `pack ${query}` }).resolves(answers);
    }
    await expect(tickAt(fixture, '09:00')).rejects.toThrow('status Failed');
    const values = putsOfTick(fixture);
    for (const name of [changes, 'SuppressedChanges', 'LateChanges', 'ScanCompleted']) {
      expect(values).not.toHaveProperty([name]);
    }
    expect(values).toMatchObject({
      ...{ [`AddRoleMatches/${task}`]: 0, DocumentedLag: 300, ScanLag: 600 },
      ...{ [`LogGroupCovered/${task}`]: 0, BytesScanned: 1030 },
    });
  });

  test('the next tick reads what was missed and finds it', async () => {
    const fixture = monitorWith([grant('amy', '2026-03-01T08:46:00.000'), grant('bob', at)]);
    await tickAt(fixture, '08:55');
    fixture.logs.on(GetQueryResultsCommand, { queryId: 'pack 1' }).resolves({ status: 'Timeout' });
    await expect(tickAt(fixture, '09:00')).rejects.toThrow('status Timeout');
    await tickAt(fixture, '09:05');
    expect(published(fixture).map(({ target }) => target)).toEqual(['amy', 'bob']);
    expect(fixture.asked[2]).toMatchObject({
      start: Date.parse('2026-03-01T08:50:00Z') / 1000,
      end: Date.parse('2026-03-01T09:00:00Z') / 1000,
    });
  });

  test('an invalid row is reported, and the tick continues', async () => {
    const fixture = monitorWith([grant('bob', '2026-03-01T08:58:00.000')]);
    const row = [{ field: '@message', value: 'what' }];
    fixture.logs
      .on(GetQueryResultsCommand, { queryId: 'pack 0' })
      .resolves({ status: 'Complete', results: [row] });
    await tickAt(fixture, '09:00');
    expect(published(fixture)).toMatchObject([
      {
        detections: ['unreadable-row'],
        severity: 'high',
        runbook: 'docs/runbooks/unreadable-row.md',
      },
    ]);
    await tickAt(fixture, '09:05');
    expect(published(fixture)).toMatchObject([{}, { target: 'bob' }]);
  });
});

test('an unreadable group delays no other, and is read later from its position', async () => {
  const fixture = monitorWith([
    grant('amy', at),
    { ...grant('bob', at), logGroup: 'airflow-prod-Worker', logStream: 'worker.log' },
  ]);
  fixture.missing.add(task);
  await tickAt(fixture, '09:00');
  expect(targets(fixture)).toEqual(['bob']);
  expect(putsOfTick(fixture)).not.toHaveProperty([changes]);
  fixture.missing.clear();
  await tickAt(fixture, '09:05');
  expect(targets(fixture)).toEqual(['bob', 'amy']);
  expect(putsOfTick(fixture)).toMatchObject({ [changes]: 1 });
});

test('a group that goes blind is reported once, and once more when it is covered again', async () => {
  const fixture = monitorWith([]);
  await tickAt(fixture, '08:55');
  fixture.missing.add(task);
  await tickAt(fixture, '09:00');
  await tickAt(fixture, '09:05');
  fixture.missing.clear();
  await tickAt(fixture, '09:10');
  await tickAt(fixture, '09:15');
  expect(published(fixture).map(({ title }) => title)).toEqual([
    expect.stringContaining(`log group ${task} is blind (missing: `),
    expect.stringContaining(
      `log group ${task} is covered again; it was blind (missing) since 2026-03-01T09:00:00.000Z`,
    ),
  ]);
});

function targets(fixture: ReturnType<typeof monitorWith>): string[] {
  return published(fixture).flatMap(({ target }) => target ?? []);
}

describe('when the ledger is unavailable', () => {
  /** Every write of items whose partition key begins with this fails permanently. */
  function failing(fixture: ReturnType<typeof monitorWith>, partition: string) {
    const { table, monitor } = fixture;
    Object.assign(monitor.dynamo, {
      send: async (command: Parameters<typeof table.send>[0]) => {
        if (JSON.stringify(command.input).includes(`{"S":"${partition}`)) {
          throw awsError('AccessDeniedException', 'ledger is away');
        }
        return table.send(command);
      },
    });
  }

  test('while findings are saved: the tick fails, no number is put, and the next tick repeats it', async () => {
    const fixture = monitorWith([grant('bob', at)]);
    await tickAt(fixture, '08:55');
    putsOfTick(fixture);
    failing(fixture, 'stream#');
    await expect(tickAt(fixture, '09:00')).rejects.toThrow('ledger is away');
    expect(putsOfTick(fixture)).not.toHaveProperty([changes]);
    expect(published(fixture)).toEqual([]);
    failing(fixture, 'nothing#');
    await tickAt(fixture, '09:05');
    expect(published(fixture)).toMatchObject([{ target: 'bob' }]);
    expect(putsOfTick(fixture)).toMatchObject({ [changes]: 1 });
  });

  test('from the start: nothing is read, since the positions are unknown', async () => {
    const fixture = monitorWith([grant('bob', at)]);
    failing(fixture, 'lease');
    await expect(tickAt(fixture, '09:00')).rejects.toThrow('ledger is away');
    expect(fixture.asked).toEqual([]);
    expect(fixture.cloudWatch.calls()).toEqual([]);
  });
});
