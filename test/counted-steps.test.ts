import { mergeRanges, type TextRange } from '../lambda/redact/text/text-view.ts';
import { countSteps, growth, linearGrowth } from './counted-steps.ts';

/** Apart from each other and in order, so that every one is compared once. */
function ranges(count: number): TextRange[] {
  return Array.from({ length: count }, (_, index) => ({ start: 3 * index, end: 3 * index + 1 }));
}

test.each<[what: string, task: (size: number) => () => void]>([
  [
    'blocks of the code under test',
    (size) => {
      const list = ranges(size);
      return () => {
        for (const _ of list) mergeRanges(list);
      };
    },
  ],
  [
    'searches that start from the beginning each time',
    (size) => {
      const text = `${'a'.repeat(size)}b`;
      return () => {
        for (let at = 0; at < size; at += 1) text.indexOf('b');
      };
    },
  ],
  [
    'a list that is copied to add one member',
    (size) => () => {
      let list: number[] = [];
      for (let at = 0; at < size; at += 1) list = [...list, at];
    },
  ],
  [
    'a queue that is shifted',
    (size) => () => {
      const queue = Array.from({ length: size }, (_, at) => at);
      while (queue.length > 0) queue.shift();
    },
  ],
  [
    'a regular expression that starts again at each character',
    (size) => {
      const text = 'a'.repeat(size);
      return () => void /a*b/.test(text);
    },
  ],
  [
    'a regular expression whose repeats share a text',
    (size) => {
      const text = `<${'a'.repeat(size)}`;
      return () => void text.replace(/^<\w*a*>/, '');
    },
  ],
])('quadratic work is detected: %s', (_, task) => {
  expect(growth(task, 400)).toBeGreaterThan(3.5);
});

test.each<[what: string, task: (size: number) => () => void]>([
  [
    'blocks of the code under test',
    (size) => {
      const list = ranges(size);
      return () => void mergeRanges(list);
    },
  ],
  [
    'searches that continue where the last one ended',
    (size) => {
      const text = 'ab'.repeat(size);
      return () => {
        for (let at = 0; at !== -1; at = text.indexOf('b', at + 1));
      };
    },
  ],
  [
    'all matches of a regular expression',
    (size) => {
      const text = 'a b '.repeat(size);
      return () => void [...text.matchAll(/\w+ b/g)];
    },
  ],
  [
    'an expression that is tried only at the start',
    (size) => {
      const text = '{'.repeat(size);
      return () => {
        for (let at = 0; at < size; at += 1) /^(?:[*|]|\{\d)/.test(text.slice(at));
      };
    },
  ],
  ['a regular expression that finds nothing', (size) => () => void /ab/.test('a'.repeat(size))],
])('linear work counts as linear: %s', (_, task) => {
  expect(growth(task, 400)).toBeLessThan(linearGrowth);
});

test('an expression that does not end is abandoned and counts as a lot of work', () => {
  expect(countSteps(() => void /^(?:a|a)*b/.test('a'.repeat(20)))).toBeGreaterThan(1_000_000);
});

test('the same input costs the same', () => {
  const list = ranges(50);
  const run = () => void mergeRanges(list.toReversed());
  run();
  expect(countSteps(run)).toBe(countSteps(run));
});

test('an error passes through, and the built-in functions are restored', () => {
  const before = [String.prototype.indexOf, RegExp.prototype.exec, JSON.parse];
  const fail = () => {
    throw new Error('no');
  };
  expect(() => countSteps(fail)).toThrow('no');
  expect([String.prototype.indexOf, RegExp.prototype.exec, JSON.parse]).toEqual(before);
});
