import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { minuteMs } from '../../../lambda/common/time.ts';
import { invoke, putValues, scheduledEvent } from '../setup/monitor-fixture.ts';
import { command, grant, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

type Fixture = ReturnType<typeof monitorWith>;

/** The same monitor after a deployment that moves its ticks. */
function movedTo(fixture: Fixture, offsetMinutes: number): Fixture {
  const config = { ...fixture.monitor.config, offsetMinutes };
  return { ...fixture, monitor: { ...fixture.monitor, config } };
}

const matches = `AddRoleMatches/${task}`;

/** Runs ticks, and returns the matches that each of them counted. */
async function counted(fixture: Fixture, times: readonly string[]): Promise<number[]> {
  const values: number[] = [];
  for (const time of times) {
    fixture.cloudWatch.resetHistory();
    await tickAt(fixture, time);
    values.push(Number(putValues(fixture.cloudWatch)[matches]));
  }
  return values;
}

/** The spans that the scan read, each with the next one's begin. */
function scanned({ asked }: Fixture): [number, number][] {
  return asked.map(({ start, end }) => [start, end]);
}

test.each([
  ['later', 3, ['08:00', '08:05'], ['08:08', '08:13', '08:18']],
  ['earlier', 0, ['08:03', '08:08'], ['08:10', '08:15', '08:20']],
])(
  'a schedule that moves to %s minutes reads everything once, and notifies once',
  async (_how, offset, before, after) => {
    const firstEpochMs = Date.parse('2026-03-01T07:52:30Z');
    const events = Array.from({ length: 24 }, (_, minute) =>
      command(`u${minute}`, new Date(firstEpochMs + minute * minuteMs).toISOString().slice(0, -1)),
    );
    const fixture = monitorWith(events);
    const values = [
      ...(await counted(movedTo(fixture, offset === 0 ? 3 : 0), before)),
      ...(await counted(movedTo(fixture, offset), after)),
    ];
    const spans = scanned(fixture);
    for (const [at, [start]] of spans.entries()) {
      if (at > 0) expect(start).toBe(spans[at - 1]?.[1]);
    }
    const [from, to] = [spans[0]?.[0] ?? 0, spans.at(-1)?.[1] ?? 0];
    const inside = events.filter(({ at }) => {
      const seconds = Date.parse(`${at}Z`) / 1000;
      return seconds >= from && seconds < to;
    });
    expect(values.reduce((sum, value) => sum + value, 0)).toBe(inside.length);
  },
);

test('a change whose command and outcome lie on both sides of the move is one finding', async () => {
  const fixture = monitorWith([
    command('bob', '2026-03-01T07:59:50.000'),
    grant('bob', '2026-03-01T08:00:10.000'),
  ]);
  await tickAt(fixture, '08:00');
  await tickAt(fixture, '08:05');
  const moved = movedTo(fixture, 3);
  for (const time of ['08:08', '08:13']) await tickAt(moved, time);
  expect(published(moved)).toMatchObject([{ target: 'bob', outcome: 'succeeded' }]);
});

test('the lost position of the documented query is found again in ticks of the former schedule', async () => {
  const fixture = monitorWith([command('bob', '2026-03-01T07:56:00.000')]);
  await counted(fixture, ['08:00', '08:05']);
  const Key = { pk: { S: 'mark' }, sk: { S: `lane#documented#${task}` } };
  await fixture.table.send(new DeleteItemCommand({ TableName: 'ledger', Key }));
  const moved = movedTo(fixture, 3);
  await tickAt(moved, '08:08');
  expect(published(moved).filter(({ detections }) => detections?.includes('coverage-gap'))).toEqual(
    [],
  );
  expect(moved.counted.at(-1)).toMatchObject({ start: Date.parse('2026-03-01T08:00:00Z') / 1000 });
});

test('an event of the former schedule that comes late is read like any other', async () => {
  const fixture = monitorWith([grant('bob', '2026-03-01T08:01:00.000')]);
  await tickAt(fixture, '08:00');
  const moved = movedTo(fixture, 3);
  await invoke(moved.monitor, { ...scheduledEvent, time: '2026-03-01T08:05:00Z' });
  await tickAt(moved, '08:08');
  expect(published(moved)).toMatchObject([{ target: 'bob' }]);
});
