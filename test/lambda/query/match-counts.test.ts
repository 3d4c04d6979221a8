import fc from 'fast-check';
import { countMatches, logGroupOfLogField } from '../../../lambda/query/match-counts.ts';
import { allGroups, countRow, environment } from '../setup/monitor-fixture.ts';

const taskGroup = `airflow-${environment}-Task`;

test('a group without matches gets an explicit zero', () => {
  expect([...countMatches([], allGroups).counts]).toEqual(
    allGroups.map((logGroup) => [logGroup, 0]),
  );
});

test('every scanned group has its count, whichever rows come in whichever order', () => {
  const rows = fc
    .uniqueArray(fc.constantFrom(...allGroups))
    .chain((groups) => fc.tuple(...groups.map((group) => fc.tuple(fc.constant(group), fc.nat()))));
  fc.assert(
    fc.property(rows, (counts) => {
      const { counts: result, unreadable } = countMatches(
        counts.map(([logGroup, count]) => countRow(logGroup, count)),
        allGroups,
      );
      expect([...unreadable]).toEqual([]);
      expect([...result.keys()].sort()).toEqual([...allGroups].sort());
      for (const [logGroup, count] of result) {
        expect(count).toBe(new Map(counts).get(logGroup) ?? 0);
      }
    }),
  );
});

test('the account before a log group is cut off, whatever the name of the group', () => {
  const logGroup = fc.stringMatching(/^[\w/.#-]{1,100}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^\d{12}$/), logGroup, (account, name) => {
      expect(logGroupOfLogField(`${account}:${name}`)).toBe(name);
    }),
  );
});

test('the count column may be spelled in any way', () => {
  const row = [countRow(taskGroup, 0)[0] ?? {}, { field: 'count(*)', value: '3' }];
  expect(countMatches([row], [taskGroup]).counts.get(taskGroup)).toBe(3);
});

const log = { field: '@log', value: `123456789012:${taskGroup}` };
const workerGroup = `airflow-${environment}-Worker`;

test.each([
  ['a group twice', [countRow(taskGroup, 1), countRow(taskGroup, 2)], 'is not the only row'],
  ['no count', [[log]], 'not one @log and one count'],
  ['two counts', [[...countRow(taskGroup, 1), { field: 'x', value: '1' }]], 'not one @log'],
  ['an empty count', [[log, { field: 'count()', value: '' }]], 'not a whole number'],
  ['a count without value', [[log, { field: 'count()' }]], 'not a whole number'],
  ['half a match', [[log, { field: 'count()', value: '0.5' }]], 'not a whole number'],
  ['fewer than none', [[log, { field: 'count()', value: '-1' }]], 'not a whole number'],
])('a row with %s makes only the count of its own log group unreadable', (_, rows, problem) => {
  const all = [...rows, countRow(workerGroup, 7)];
  const { counts, unreadable } = countMatches(all, allGroups);
  expect(counts).toEqual(
    new Map(
      allGroups
        .filter((group) => group !== taskGroup)
        .map((group) => [group, group === workerGroup ? 7 : 0]),
    ),
  );
  expect([...unreadable]).toEqual([[taskGroup, expect.stringContaining(problem)]]);
});

test.each([
  ['no log group', [{ field: 'count()', value: '1' }], 'does not name one log group'],
  ['nothing', [], 'does not name one log group'],
  ['no fields', null, 'does not name one log group'],
  ['two log groups', [log, log, { field: 'count()', value: '1' }], 'does not name one log group'],
  ['a group that was not queried', countRow('airflow-other-Task', 1), 'was not queried'],
])(
  'a row with %s may belong to any group without a row, so none of them counts as zero',
  (_, row, problem) => {
    const { counts, unreadable } = countMatches([row, countRow(workerGroup, 7)], allGroups);
    expect([...counts]).toEqual([[workerGroup, 7]]);
    expect([...unreadable.keys()]).toEqual(allGroups.filter((group) => group !== workerGroup));
    expect(unreadable.get(taskGroup)).toContain(problem);
  },
);

test.each([
  taskGroup,
  `123456789012:${taskGroup}`,
  `123456789012:${taskGroup}:*`,
  `${taskGroup}:*`,
  `arn:aws:logs:eu-west-1:123456789012:log-group:${taskGroup}:*`,
])('@log of the form %s names the log group', (value) => {
  expect(logGroupOfLogField(value)).toBe(taskGroup);
});
