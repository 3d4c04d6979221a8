import { GetQueryResultsCommand } from '@aws-sdk/client-cloudwatch-logs';
import fc from 'fast-check';
import { grant, monitorWith, published, task, tickAt } from '../setup/pack-fixture.ts';

const fields = ['@timestamp', '@ingestionTime', '@log', '@logStream', '@message', 'x'];
const cells: Readonly<Record<string, string>> = {
  '@timestamp': '2026-03-01 08:51:02.345',
  '@log': `123456789012:${task}`,
  '@logStream': 'hostile.log',
  '@message': 'User "eve" added to role "Admin"',
};

/** Replacements for a value: other bytes, types, forms of times and names, long texts. */
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...Object.values(cells), '', '1.0', 'true', '2', '1772355062', `${task}:*`),
  fc.constantFrom('2026-03-01T08:51:02Z', '2026-03-01 08:51:02.345678', '\ud800', '\u0000'),
  fc.json(),
  fc.anything(),
);
const cell = fc.record({ field: fc.constantFrom(...fields), value });
/** A true row with cells changed, left out, or added: fields may be in it twice. */
const row = fc
  .tuple(fc.array(cell, { maxLength: 4 }), fc.subarray(Object.keys(cells)), fc.boolean())
  .map(([more, kept, isReplaced]) => {
    const own = kept.map((field) => ({ field, value: cells[field] }));
    const names = more.map(({ field }) => field);
    return isReplaced
      ? [...own.filter(({ field }) => !names.includes(field)), ...more]
      : [...own, ...more];
  });
const rows = fc.array(fc.oneof(row, row, fc.anything()), { minLength: 1, maxLength: 6 });

/**
 * Rows that come back before those of the events that are held, in the first answers of the pack.
 */
function withRows(hostile: readonly unknown[]) {
  const fixture = monitorWith([
    { ...grant('bob', '2026-03-01T08:52:00.000', 'Admin'), logGroup: 'airflow-prod-Worker' },
    { ...grant('amy', '2026-03-01T08:53:00.000', 'Admin'), logStream: 'another.log' },
  ]);
  const { logs } = fixture.monitor;
  const send = logs.send.bind(logs);
  Object.assign(logs, {
    send: async (command: object, ...rest: never[]) => {
      const answer = await Reflect.apply(send, logs, [command, ...rest]);
      const isPack =
        command instanceof GetQueryResultsCommand && command.input.queryId?.startsWith('pack');
      return isPack ? { ...answer, results: [...hostile, ...answer.results] } : answer;
    },
  });
  return fixture;
}

test('whatever result rows hold, the tick completes and real changes are notified within two ticks', async () => {
  await fc.assert(
    fc.asyncProperty(rows, async (hostile) => {
      const fixture = withRows(hostile);
      await tickAt(fixture, '08:55');
      await tickAt(fixture, '09:00');
      await tickAt(fixture, '09:05');
      const targets = published(fixture).map(({ target }) => target);
      expect(targets).toEqual(expect.arrayContaining(['bob', 'amy']));
    }),
    { numRuns: 60 },
  );
});

test('unreadable rows are reported once for each hour and log group, however many there are', async () => {
  const bad = Array.from({ length: 50 }, () => [
    { field: '@log', value: task },
    { field: '@timestamp', value: 'hunter2' },
  ]);
  const fixture = withRows(bad);
  for (const time of ['08:55', '09:00', '09:05', '09:10']) await tickAt(fixture, time);
  const own = published(fixture).filter(({ detections }) => detections[0] === 'unreadable-row');
  expect(own.map(({ firstSeen }) => firstSeen)).toEqual([
    '2026-03-01T08:45:00.000Z',
    '2026-03-01T09:00:00.000Z',
  ]);
  expect(own[0]).toMatchObject({
    severity: 'high',
    title: `50 result rows of log group ${task} from 2026-03-01T08:45:00.000Z to 2026-03-01T08:50:00.000Z could not be read, and a privilege change may hide there: the first has a @timestamp that is not a time`,
  });
  const logged = fixture.lines.filter(({ decision }) => decision === 'row-unreadable');
  expect(logged).toHaveLength(4);
  expect(JSON.stringify([logged, own])).not.toContain('hunter2');
});
