import { GroupSearches } from '../../../local/candidates/group-search.ts';
import { EventJudge } from '../../../local/log-threads/judge-events.ts';
import {
  catalogueLines,
  encoders,
  Prefilter,
  plan,
  randomLines,
  recordedLines,
} from './prefilter.ts';

const randomLinesCount = 4000;
const windowsCount = 20;

/** A text as all programs write it. */
function writtenByAll(message: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(encoders).map(([program, encode]) => [program, encode(message)]),
  );
}

describe('the prefilter and the judgement of what it leaves are the full evaluation', () => {
  const prefilter = new Prefilter(plan.candidates);

  test('on every example line of the catalogue, in every log group, by every program', () => {
    for (const line of catalogueLines) {
      expect(prefilter.difference(line, writtenByAll(line.message))).toBeUndefined();
    }
  });

  test('on all recorded lines', () => {
    for (const line of recordedLines) {
      const json = { JavaScript: JSON.stringify(line.message) };
      expect(prefilter.difference(line, json)).toBeUndefined();
    }
  });

  test('on random lines made of pieces of both', () => {
    let left = randomLinesCount;
    for (const line of randomLines(1)) {
      expect(prefilter.difference(line, writtenByAll(line.message))).toBeUndefined();
      left -= 1;
      if (left === 0) break;
    }
  });

  test('on recorded lines from any line on, since the first ones decide what is searched for', () => {
    const matching = recordedLines.filter(({ message }) => /airflow|role|user/i.test(message));
    const step = Math.ceil(matching.length / windowsCount);
    for (let from = 0; from < matching.length; from += step) {
      const own = new Prefilter(plan.candidates, false);
      for (const line of matching.slice(from, from + 300)) {
        expect(own.difference(line, {})).toBeUndefined();
      }
    }
  });

  test('and it passes over most lines', () => {
    const own = new Prefilter(plan.candidates);
    for (const line of recordedLines) {
      own.difference(line, { JavaScript: JSON.stringify(line.message) });
    }
    expect(own.counts.passed / own.counts.lines).toBeGreaterThan(0.6);
  });
});

test('a condition that requires no string makes every line of its log types a candidate', () => {
  const [documented] = plan.candidates;
  if (documented === undefined) throw new Error('the plan has no documented literal');
  const anyLine = {
    id: 'any-line',
    logTypes: ['Task' as const],
    filter: '@message not like "x"',
    condition: { not: { field: 'message' as const, contains: 'x' } },
  };
  const prefilter = new Prefilter([documented, anyLine]);
  for (const logType of ['Task', 'Worker'] as const) {
    const line = { logGroup: `airflow-Prod-${logType}`, message: 'nothing' };
    expect(prefilter.difference(line, { JavaScript: '"nothing"' })).toBeUndefined();
  }
  expect(prefilter.counts).toEqual({ lines: 2, matched: 1, passed: 1 });
});

test('no place among the first messages, from which the search learns, hides a detection', () => {
  const event = { logGroup: 'airflow-Prod-Task', logStream: 's', timestamp: 0 };
  const searches = new GroupSearches(plan.candidates);
  const judge = new EventJudge(plan.candidates, searches);
  for (let place = 0; place < 100; place += 1) {
    const message = `airflow users add-role -e ${place}@example.org -r Admin`;
    expect(judge.judge({ ...event, message })?.verdict.detections).toContain('add-role');
  }
});
