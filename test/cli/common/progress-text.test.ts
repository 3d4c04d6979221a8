import { humanBytes, humanSeconds, progressText } from '../../../cli/common/progress-text.ts';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.00 kB'],
  [9_994, '9.99 kB'],
  [9_996, '10.0 kB'],
  [99_960, '100 kB'],
  [999_400, '999 kB'],
  [999_600, '1.00 MB'],
  [218_000_000, '218 MB'],
  [4.2e9, '4.20 GB'],
  [5e15, '5000 TB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});

test.each([
  [0.2, '1 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [3_570, '1 h'],
  [7_500, '2 h 5 min'],
])('%d seconds are shown as %s', (seconds, text) => {
  expect(humanSeconds(seconds)).toBe(text);
});

test.each([
  ['rate and time left', { elapsedSeconds: 4 }, '40.0 MB of 100 MB, 10.0 MB/s, 6 s left'],
  ['no rate at the beginning', { elapsedSeconds: 1 }, '40.0 MB of 100 MB'],
  ['no time left at the end', { elapsedSeconds: 4, done: 1e8 }, '100 MB of 100 MB, 25.0 MB/s'],
  ['no total of the standard input', { elapsedSeconds: 4, total: 0 }, '40.0 MB, 10.0 MB/s'],
  [
    'other units with time left',
    { elapsedSeconds: 4, unit: 'slices', done: 10, total: 1500 },
    '10 of 1,500 slices, 10 min left',
  ],
  [
    'a given note in place of the time left',
    { elapsedSeconds: 4, note: 'soon' },
    '40.0 MB of 100 MB, 10.0 MB/s, soon',
  ],
])('progress has %s', (_, change, text) => {
  expect(progressText({ done: 4e7, total: 1e8, unit: 'bytes', ...change })).toBe(text);
});
