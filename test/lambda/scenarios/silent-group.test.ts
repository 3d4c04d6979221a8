import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { PublishCommand } from '@aws-sdk/client-sns';
import { hourMs } from '../../../lambda/common/time.ts';
import {
  awsError,
  environmentAnswer,
  fakeFetch,
  incomingAnswer,
} from '../setup/monitor-fixture.ts';
import { monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

/** From then on nothing comes into the log group of the tasks; the others go on. */
const stop = Date.parse('2026-03-01T03:00:00Z');

/** A monitor of an environment whose tasks write in all hours except those of some spans. */
function withoutTasks(
  ...spans: readonly (readonly [number, number])[]
): ReturnType<typeof monitorWith> {
  const fixture = monitorWith([]);
  fixture.cloudWatch.on(GetMetricDataCommand).callsFake((input) =>
    incomingAnswer(input, (logGroup, hour) => {
      const isQuiet = spans.some(([from, to]) => hour >= from && hour < to);
      return logGroup !== task || !isQuiet;
    }),
  );
  return fixture;
}

const silences = (fixture: ReturnType<typeof monitorWith>) =>
  published(fixture).filter(({ detections }) => detections?.[0] === 'log-group-silent');
const historyQuestions = ({ cloudWatch }: ReturnType<typeof monitorWith>) =>
  cloudWatch
    .commandCalls(GetMetricDataCommand)
    .filter(({ args: [{ input }] }) => input.MetricDataQueries?.[0]?.MetricStat?.Period === 3600);

test('a log group that falls silent is reported once, with low severity, in the tick that finds it', async () => {
  const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
  await tickAt(fixture, '05:10');
  expect(silences(fixture)).toEqual([]);
  await tickAt(fixture, '05:15');
  expect(silences(fixture)).toEqual([
    expect.objectContaining({
      severity: 'low',
      title: expect.stringContaining(
        `log group ${task} fell silent: no event came in from 2026-03-01T03`,
      ),
      runbook: 'docs/runbooks/log-group-silent.md',
      links: expect.objectContaining({ logStream: expect.stringContaining('airflow-prod-Task') }),
    }),
  ]);
  for (const tick of ['05:15', '05:20', '08:15', '09:15', '12:15']) await tickAt(fixture, tick);
  expect(silences(fixture)).toHaveLength(1);
});

test('a silent group stays covered: its events would be seen', async () => {
  const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
  const { logGroups } = await tickAt(fixture, '07:15');
  expect(logGroups.every(({ covered }) => covered)).toBe(true);
});

test('its next event is not reported, but the next silence is', async () => {
  const [back, again] = [stop + 6 * hourMs, stop + 8 * hourMs];
  const fixture = withoutTasks([stop, back], [again, Number.POSITIVE_INFINITY]);
  for (const tick of ['07:15', '09:15', '10:15', '11:15', '14:15']) await tickAt(fixture, tick);
  expect(silences(fixture)).toHaveLength(1);
  await tickAt(fixture, '15:15');
  expect(silences(fixture).map(({ firstSeen }) => firstSeen)).toEqual([
    '2026-03-01T03:00:00.000Z',
    '2026-03-01T11:00:00.000Z',
  ]);
});

test('the history is loaded once an hour', async () => {
  const fixture = withoutTasks();
  for (const tick of ['07:10', '07:15', '07:20', '07:25', '08:10', '08:15', '08:20']) {
    await tickAt(fixture, tick);
  }
  expect(historyQuestions(fixture)).toHaveLength(3);
});

test('a silence that could not be published is sent in the next tick, once', async () => {
  const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
  fixture.sns
    .on(PublishCommand)
    .rejectsOnce(awsError('AuthorizationError', 'no', 403))
    .resolves({ MessageId: 'message-2' });
  await tickAt(fixture, '07:15').catch(() => {});
  await tickAt(fixture, '07:20');
  await tickAt(fixture, '07:25');
  // The first was refused.
  expect(silences(fixture)).toHaveLength(2);
});

/** Each run is killed at another write of the ledger. */
test('a run that is killed at any write notifies nobody twice, and the next one notifies', async () => {
  for (let killAt = 0; ; killAt += 1) {
    const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
    await tickAt(fixture, '05:10');
    const { dynamo } = fixture.monitor;
    const send = dynamo.send.bind(dynamo);
    let writes = 0;
    Object.assign(dynamo, {
      send: async (command: Parameters<typeof send>[0]) => {
        const isWrite = /^(?:Put|Delete|BatchWrite)/.test(command.constructor.name);
        if (isWrite && writes++ >= killAt) throw new Error('the run was killed');
        return send(command);
      },
    });
    const isKilled = await tickAt(fixture, '05:15').then(
      () => false,
      () => true,
    );
    Object.assign(dynamo, { send });
    // A lease that was not returned has expired by then.
    for (const tick of ['05:20', '05:25', '06:20']) await tickAt(fixture, tick);
    const ids = silences(fixture).map(({ id }) => id);
    // Only a publish that was killed before its record is repeated, with the same id.
    expect(new Set(ids).size).toBe(1);
    expect(ids.length).toBeLessThanOrEqual(2);
    if (!isKilled) {
      expect(ids).toHaveLength(1);
      break;
    }
  }
});

test.each([
  ['is refused', awsError('AccessDenied', 'not authorized')],
  ['is throttled', awsError('ThrottlingException', 'Rate exceeded', 400)],
])(
  'an answer that %s is not a silence; the next one is requested at once, and judged',
  async (_, error) => {
    const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
    let isAway = true;
    const ofGroups = fixture.cloudWatch.on(GetMetricDataCommand);
    ofGroups.callsFake((input) => {
      const isHistory = input.MetricDataQueries[0]?.MetricStat?.Period === 3600;
      if (isHistory && isAway) throw error;
      return incomingAnswer(input, (logGroup, hour) => logGroup !== task || hour < stop);
    });
    await tickAt(fixture, '07:15');
    expect(silences(fixture)).toEqual([]);
    expect(fixture.lines).toContainEqual(
      expect.objectContaining({ level: 'error', decision: 'incoming-history-unknown' }),
    );
    isAway = false;
    await tickAt(fixture, '07:20');
    expect(silences(fixture)).toHaveLength(1);
  },
);

test('a log type that may be off and is, is neither blind nor silent, and is reported once', async () => {
  const fixture = withoutTasks([stop, Number.POSITIVE_INFINITY]);
  const logTypes = {
    ...{ DAGProcessing: 'never-silent', Scheduler: 'never-silent', Task: 'optional' },
    ...{ WebServer: 'required', Worker: 'required' },
  };
  Object.assign(fixture.monitor, { config: { ...fixture.monitor.config, logTypes } });
  await tickAt(fixture, '05:10');
  const { fetch } = fakeFetch(200, environmentAnswer({ TaskLogs: { Enabled: false } }));
  Object.assign(fixture.monitor, { mwaa: { ...fixture.monitor.mwaa, fetch } });
  for (const tick of ['05:15', '07:15', '09:15']) {
    const { logGroups, scanCompleted } = await tickAt(fixture, tick);
    const [off] = logGroups.filter(({ logGroup }) => logGroup === task);
    expect(off).toMatchObject({ covered: false, off: { cause: 'disabled' } });
    expect([off?.blind, scanCompleted]).toEqual([undefined, true]);
  }
  expect(published(fixture).map(({ severity, detections }) => [severity, detections])).toEqual([
    ['low', ['coverage-changed']],
  ]);
});
