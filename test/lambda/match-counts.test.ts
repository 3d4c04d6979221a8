import fc from 'fast-check';
import { countMatches, logGroupOfLogField } from '../../lambda/match-counts.ts';
import { allGroups, countRow, environment } from './monitor-fixture.ts';

const taskGroup = `airflow-${environment}-Task`;

test('a group without matches gets an explicit zero', () => {
  expect([...countMatches([], allGroups)]).toEqual(allGroups.map((logGroup) => [logGroup, 0]));
});

test('every scanned group has its count, whatever rows came back in whatever order', () => {
  const rows = fc
    .uniqueArray(fc.constantFrom(...allGroups))
    .chain((groups) => fc.tuple(...groups.map((group) => fc.tuple(fc.constant(group), fc.nat()))));
  fc.assert(
    fc.property(rows, (counts) => {
      const result = countMatches(
        counts.map(([logGroup, count]) => countRow(logGroup, count)),
        allGroups,
      );
      expect([...result.keys()]).toEqual(allGroups);
      for (const [logGroup, count] of result) {
        expect(count).toBe(new Map(counts).get(logGroup) ?? 0);
      }
    }),
  );
});

test('the account in front of a log group is cut off, whatever the group is called', () => {
  const logGroup = fc.stringMatching(/^[\w/.#-]{1,100}$/);
  fc.assert(
    fc.property(fc.stringMatching(/^\d{12}$/), logGroup, (account, name) => {
      expect(logGroupOfLogField(`${account}:${name}`)).toBe(name);
    }),
  );
});

test('the count column may be spelled in any way', () => {
  const row = [countRow(taskGroup, 0)[0] ?? {}, { field: 'count(*)', value: '3' }];
  expect(countMatches([row], [taskGroup]).get(taskGroup)).toBe(3);
});

const log = { field: '@log', value: `123456789012:${taskGroup}` };
test.each([
  ['a group that was not asked for', [countRow('airflow-other-Task', 1)], 'was not asked for'],
  ['a group twice', [countRow(taskGroup, 1), countRow(taskGroup, 2)], 'more than one result row'],
  ['no log group', [[{ field: 'count()', value: '1' }]], 'not one @log and one count'],
  ['no count', [[log]], 'not one @log and one count'],
  ['nothing', [[]], 'not one @log and one count'],
  ['two log groups', [[log, log, { field: 'count()', value: '1' }]], 'not one @log'],
  ['two counts', [[...countRow(taskGroup, 1), { field: 'x', value: '1' }]], 'not one @log'],
  ['an empty count', [[log, { field: 'count()', value: '' }]], 'not a whole number'],
  ['a count without value', [[log, { field: 'count()' }]], 'not a whole number'],
  ['half a match', [[log, { field: 'count()', value: '0.5' }]], 'not a whole number'],
  ['fewer than none', [[log, { field: 'count()', value: '-1' }]], 'not a whole number'],
])('a result row with %s is refused', (_, rows, message) => {
  expect(() => countMatches(rows, [taskGroup])).toThrow(message);
});
