import { PublishCommand } from '@aws-sdk/client-sns';
import { approvedListedMax } from '../../../lambda/notify/report-approved.ts';
import type { ApprovedChange } from '../../../lambda/plan/approved-change.ts';
import { continued } from '../setup/continued.ts';
import { killAt } from '../setup/kill-at.ts';
import {
  grant,
  type HeldEvent,
  monitorWith,
  published,
  stream,
  tickAt,
} from '../setup/pack-fixture.ts';

const approval: ApprovedChange = {
  ...{ dag: 'promote', verb: ['grant-role'], user: ['*'], role: ['Viewer'] },
  ...{ reason: 'OPS-7: onboarding', owner: 'platform', expires: '2026-12-31' },
};
const approvedChanges = [approval];
const bob = grant('bob', '2026-03-01T23:43:00.000');
const eve = grant('eve', '2026-03-01T23:44:00.000');
const monitor = (events: readonly HeldEvent[]) => monitorWith(events, { approvedChanges });
type Fixture = ReturnType<typeof monitor>;

/** The digests that were published, each with the lines that it lists. */
function digests(fixture: Fixture) {
  return published(fixture)
    .filter(({ detections }) => detections?.[0] === 'approved-changes')
    .map(({ id, title, evidence }) => ({
      ...{ id, title },
      lines: evidence.map(({ timestamp, message }: { timestamp: string; message: string }) =>
        `${timestamp} ${message}`.replace(/ \[[0-9a-f]{32}\]$/, ''),
      ),
    }));
}

const line = (user: string, time: string) =>
  `2026-03-01T${time}.000Z HIGH ${user} was given role Viewer by DAG promote, task grant; approved: OPS-7: onboarding (platform)`;

async function ticks(fixture: Fixture, ...times: readonly string[]) {
  for (const time of times) await tickAt(fixture, time);
}

const nextDay = ['2026-03-02T00:00', '2026-03-02T00:05'];

test('approved changes are listed in one notification after the UTC day', async () => {
  const fixture = monitor([bob, eve]);
  await ticks(fixture, '23:50', '23:55');
  expect(published(fixture)).toEqual([]);
  await ticks(fixture, ...nextDay);
  expect(digests(fixture)).toEqual([
    {
      id: expect.any(String),
      title: '2 approved privilege changes were recorded on 2026-03-01 (UTC) and not sent',
      lines: [line('bob', '23:43:00'), line('eve', '23:44:00')],
    },
  ]);
  expect(published(fixture)).toHaveLength(1);
  const [call] = fixture.sns.commandCalls(PublishCommand);
  const { email } = JSON.parse(call?.args[0].input.Message ?? '');
  expect(email).toContain('2026-03-01 23:43:00.000 UTC  HIGH bob was given role Viewer');
  expect(email).toContain('worth as much as write access to the DAG bucket');
  expect(email).toContain('docs/runbooks/approved-changes.md');
});

test('a day on which nothing was approved has no digest', async () => {
  const fixture = monitor([grant('bob', '2026-03-01T23:43:00.000', 'Admin')]);
  await ticks(fixture, '23:50', ...nextDay);
  expect(digests(fixture)).toEqual([]);
  expect(published(fixture)).toHaveLength(1);
});

test('a change too mild to be notified is not listed as approved', async () => {
  const fixture = monitor([bob]);
  Object.assign(fixture.monitor, { config: { ...fixture.monitor.config, alertAt: 'critical' } });
  await ticks(fixture, '23:50', ...nextDay);
  expect(digests(fixture)).toEqual([]);
});

test('a late line is listed on the day on which it was recorded', async () => {
  const late = { ...eve, visibleAt: '2026-03-02T00:20:00.000' };
  const fixture = monitor([bob, late]);
  await ticks(fixture, '23:00', '23:50', '2026-03-02T00:00', '2026-03-02T01:00');
  await ticks(fixture, '2026-03-03T00:00');
  const lines = digests(fixture).map((digest) => digest.lines);
  expect(lines).toEqual([[line('bob', '23:43:00')], [line('eve', '23:44:00')]]);
});

test('after days without a tick, each day with an approved change has its digest', async () => {
  const fixture = monitor([bob, grant('eve', '2026-03-02T00:01:00.000')]);
  await ticks(fixture, '23:50', '2026-03-02T00:10');
  expect(digests(fixture)).toHaveLength(1);
  await ticks(fixture, '2026-03-04T10:00');
  expect(digests(fixture).map(({ lines }) => lines)).toEqual([
    [line('bob', '23:43:00')],
    [line('eve', '00:01:00').replace('03-01', '03-02')],
  ]);
});

test('an approved change hides no worse one beside it', async () => {
  const fixture = monitor([bob, grant('bob', '2026-03-01T23:43:30.000', 'Admin')]);
  await ticks(fixture, '23:50', ...nextDay);
  expect(published(fixture).map(({ kind, role }) => [kind, role])).toContainEqual([
    'finding',
    'Admin',
  ]);
  expect(digests(fixture).map(({ lines }) => lines)).toEqual([[line('bob', '23:43:00')]]);
});

describe('of very many approved changes', () => {
  const users = Array.from({ length: 1.5 * approvedListedMax }, (_, at) => `u${1000 + at}`);
  const events = users.map((user, at) => ({
    ...grant(user, `2026-03-01T23:${String(40 + (at % 5))}:00.000`),
    logStream: stream.replace('manual', `r${at}`),
  }));

  test('the digest lists as many as fit and says that the others are not listed', async () => {
    const fixture = monitor(events);
    await ticks(fixture, '23:45', '23:50', ...nextDay);
    const [digest, ...others] = digests(fixture);
    expect(others).toEqual([]);
    expect(digest?.lines).toHaveLength(approvedListedMax);
    expect(digest?.title).toBe(
      '150 approved privilege changes were recorded on 2026-03-01 (UTC) and not sent; 100 are listed, the others are not',
    );
  });
});

describe('an interrupted tick', () => {
  const midnight = '2026-03-02T00:00';

  /** The tick before midnight has recorded both changes. */
  async function recorded() {
    const before = monitor([bob, eve]);
    await ticks(before, '23:50', '23:55');
    return () => continued(before, monitor([bob, eve]));
  }

  const callsOf = ({ logs, cloudWatch, sns, table }: Fixture) =>
    [logs, cloudWatch, sns].reduce((sum, client) => sum + client.calls().length, 0) +
    table.calls.length;

  test('after midnight lists nothing twice and omits nothing, killed at any of its last calls', async () => {
    const from = await recorded();
    const whole = from();
    const before = callsOf(whole);
    await tickAt(whole, midnight);
    const calls = callsOf(whole) - before;
    for (let callsBefore = calls - 20; callsBefore <= calls; callsBefore += 1) {
      const fixture = from();
      const kill = killAt(fixture, callsBefore);
      await tickAt(fixture, midnight).catch(() => undefined);
      expect(kill.wasReached()).toBe(callsBefore < calls);
      kill.revive();
      // Longer than any claim or lease.
      await ticks(fixture, '2026-03-02T00:20', '2026-03-02T00:40');
      const sent = digests(fixture);
      // The outcome of an interrupted publish is unknown: it is repeated by the same id.
      expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
      expect(sent.length).toBeLessThanOrEqual(2);
      for (const { lines } of sent) expect(lines).toHaveLength(2);
    }
  });

  /** Ends an invocation between a finding's entry on the list and the finding itself. */
  function killAfterEntry(fixture: Fixture) {
    const { dynamo } = fixture.monitor;
    const { send } = dynamo;
    let isKilled = false;
    Object.assign(dynamo, {
      send: async (...args: unknown[]) => {
        if (isKilled) throw new Error('killed');
        const answer = await Reflect.apply(send, dynamo, args);
        isKilled = fixture.table.raw('silenced').length > 0;
        return answer;
      },
    });
    return { revive: () => Object.assign(dynamo, { send }) };
  }

  test('that saved only the entry of a change and is retried on the next day lists it once', async () => {
    const fixture = monitor([grant('bob', '2026-03-01T23:48:00.000')]);
    await ticks(fixture, '23:45', '23:50');
    const kill = killAfterEntry(fixture);
    await tickAt(fixture, '23:55').catch(() => undefined);
    kill.revive();
    await ticks(fixture, '2026-03-02T00:20', '2026-03-03T00:00');
    expect(fixture.table.raw('silenced')).toHaveLength(2);
    expect(digests(fixture).map(({ title, lines }) => [title, lines])).toEqual([
      [
        '1 approved privilege change was recorded on 2026-03-02 (UTC) and not sent',
        [line('bob', '23:48:00')],
      ],
    ]);
  });
});
