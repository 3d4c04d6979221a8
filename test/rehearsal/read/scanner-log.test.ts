import { createLog } from '../../../lambda/common/log.ts';
import { decisionsIn, notifiedIds, recordedIds, unequal } from './scanner-log.ts';

/** Lines as the function itself writes them. */
function logged(...decisions: [decision: string, fields: Record<string, unknown>][]): string[] {
  const lines: string[] = [];
  const clock = { nowEpochMs: () => 0 };
  const log = createLog((line) => lines.push(line), clock, { environment: 'prod', tick: 't' });
  for (const [decision, fields] of decisions) log('info', decision, fields);
  return lines;
}

test("the function's decisions are found among Lambda's own lines, with or without a prefix", () => {
  const [line = ''] = logged(['tick-finished', { notified: 1 }]);
  const decisions = decisionsIn(['START RequestId: 1', line, `2026-03-01T00:00:00Z ${line}`]);
  expect(decisions.map(({ decision, tick }) => [decision, tick])).toEqual([
    ['tick-finished', 't'],
    ['tick-finished', 't'],
  ]);
});

test('a line of JSON that is cut off is an error, not nothing', () => {
  const [line = ''] = logged(['tick-finished', {}]);
  expect(() => decisionsIn([line.slice(0, -5)])).toThrow(SyntaxError);
});

test('recorded findings count once, notifications as often as they were sent', () => {
  const decisions = decisionsIn(
    logged(
      ['finding-recorded', { id: 'a', isNew: true }],
      ['finding-recorded', { id: 'a', isNew: false }],
      ['own-finding-recorded', { id: 'own' }],
      ['findings-notified', { ids: ['a', 'b'] }],
      ['findings-notified', { ids: ['a'] }],
    ),
  );
  expect([...recordedIds(decisions)]).toEqual(['a']);
  expect(notifiedIds(decisions)).toEqual(['a', 'b', 'a']);
});

test.each([
  ['in another order', ['a', 'b'], ['b', 'a'], []],
  ['with one more', ['a'], ['a', 'b'], [{ id: 'b', times: [0, 1] }]],
  ['with one twice', ['a', 'a'], ['a'], [{ id: 'a', times: [2, 1] }]],
])('two lists of ids are compared %s', (_, left, right, expected) => {
  expect(unequal(left, right)).toEqual(expected);
});
