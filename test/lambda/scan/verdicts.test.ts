import fc from 'fast-check';
import type { Candidate } from '../../../lambda/plan/scan-plan.ts';
import { Verdicts } from '../../../lambda/scan/pack-rows.ts';
import { withPrograms } from '../../../queries/tools/compile-regexp.ts';
import type { EventCondition } from '../../../query-language/pack/event-condition.ts';

const task = 'airflow-prod-Task';
const event = {
  message: 'User "bob" added to role "Admin"',
  log: `123456789012:${task}`,
  logGroup: task,
  logStream: 'dag_id=a/attempt=1.log',
};
const found: EventCondition = { field: 'message', contains: 'added to role' };
const notFound: EventCondition = { field: 'message', contains: 'removed' };

function candidate(condition: EventCondition, changes: Partial<Candidate> = {}): Candidate {
  return { id: 'one', filter: 'not asked here', condition: withPrograms(condition), ...changes };
}

function holds(condition: EventCondition, changes: Partial<typeof event> = {}): boolean {
  const { detections, undecided } = new Verdicts([candidate(condition)]).decide({
    ...event,
    ...changes,
  });
  expect(undecided).toEqual([]);
  return detections.length === 1;
}

test.each<[string, EventCondition, boolean]>([
  ['contains', found, true],
  ['contains in other case', { field: 'message', contains: 'Added to role' }, false],
  ['equals', { field: 'logStream', equals: 'dag_id=a/attempt=1.log' }, true],
  ['equals a part', { field: 'logStream', equals: 'dag_id=a' }, false],
  ['like', { field: 'message', like: 'role "A.min"' }, true],
  ['like on the log field as it is', { field: 'log', like: '^\\d+:airflow' }, true],
  ['like with one of its anchors', { field: 'message', like: 'bob', anchors: ['x', 'bob'] }, true],
  ['like without an anchor', { field: 'message', like: 'b.b', anchors: ['x'] }, false],
  ['below', { field: 'message', below: 'V' }, true],
  ['below itself', { field: 'message', below: event.message }, false],
  ['above', { field: 'message', above: 'User' }, true],
  ['above itself', { field: 'message', above: event.message }, false],
  ['not', { not: notFound }, true],
  ['and', { and: [found, notFound] }, false],
  ['and of none', { and: [] }, true],
  ['or', { or: [notFound, found] }, true],
  ['or of none', { or: [] }, false],
])('%s', (_, condition, expected) => {
  expect(holds(condition)).toBe(expected);
});

test.each([
  ['a line feed ends no text', 'end\\z', 'end\n', false],
  ['but may be allowed to', 'end(?:\\n?\\z)', 'end\n', true],
  ['only the last one', 'end(?:\\n?\\z)', 'end\n\n', false],
  ['a carriage return is no end of a line', '(?m:^)b', 'a\rb', false],
  ['a no-break space is no blank', 'a\\sb', 'a\u00a0b', false],
  ['nor is a vertical tab', 'a\\sb', 'a\vb', false],
  ['the long s is an s in either case', '(?i)s', 'ſ', true],
])('regexps mean what they mean in RE2: %s', (_, like, message, expected) => {
  expect(holds({ field: 'message', like }, { message })).toBe(expected);
});

test('texts are ordered by code points', () => {
  const text = fc.string({ unit: 'binary', maxLength: 4 });
  fc.assert(
    fc.property(text, text, (message, other) => {
      const order = Buffer.compare(Buffer.from(message), Buffer.from(other));
      expect(holds({ field: 'message', below: other }, { message })).toBe(order < 0);
      expect(holds({ field: 'message', above: other }, { message })).toBe(order > 0);
    }),
  );
});

test('log types are those of the log group, whatever the form of @log', () => {
  const verdicts = new Verdicts([candidate(found, { logTypes: ['Task', 'Worker'] })]);
  const decide = (logGroup: string, log: string) =>
    verdicts.decide({ ...event, logGroup, log }).detections;
  for (const log of [task, `123456789012:${task}`, `${task}:*`, `arn:aws:logs:${task}:*`]) {
    expect(decide(task, log)).toEqual(['one']);
  }
  expect(decide('airflow-Task-Scheduler', '123456789012:airflow-Task-Scheduler')).toEqual([]);
  expect(decide('airflow-prod-NoTask', '123456789012:airflow-prod-NoTask')).toEqual([]);
});

test('an event has all its detections, in the order of the plan', () => {
  const verdicts = new Verdicts(
    ['c', 'a', 'b'].map((id) => candidate(id === 'a' ? notFound : found, { id })),
  );
  expect(verdicts.decide(event)).toEqual({ detections: ['c', 'b'], undecided: [] });
});

test('an unusable regexp makes only its own detection undecided, for the rows that it concerns', () => {
  const broken: Candidate = {
    ...candidate(found, { id: 'broken' }),
    condition: { field: 'message', like: '(', program: 'no program', anchors: ['added'] },
  };
  const verdicts = new Verdicts([broken, candidate(found)]);
  expect(verdicts.decide(event)).toEqual({ detections: ['one'], undecided: ['broken'] });
  expect(verdicts.decide({ ...event, message: 'nothing' })).toEqual({
    detections: [],
    undecided: [],
  });
});
