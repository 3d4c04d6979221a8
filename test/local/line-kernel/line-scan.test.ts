import fc from 'fast-check';
import { LineKernel } from '../../../local/line-kernel/line-kernel.ts';
import { LineScan, stop } from '../../../local/line-kernel/line-scan.ts';
import type { EventTotals } from '../../../local/log-event.ts';
import { layoutOf } from '../../../local/log-readers/exports/line-layout.ts';

const firstEpochMs = 1_000_000_000_000;
const lastEpochMs = 9_999_999_999_999;

interface Line {
  readonly timestamp: number;
  readonly ingestionTime: number | undefined;
  readonly message: string;
}

const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: firstEpochMs, max: lastEpochMs }) },
  fc.constantFrom(firstEpochMs, lastEpochMs, 1_795_332_000_000, 1_795_332_000_001),
);
const line = fc.record<Line>({
  timestamp: time,
  ingestionTime: fc.option(time, { nil: undefined }),
  message: fc
    .array(fc.constantFrom(...'ab "\\\n\té東😀\u001b'), { maxLength: 60, size: 'max' })
    .map((some) => some.join('')),
});

function written({ timestamp, ingestionTime, message }: Line): string {
  return JSON.stringify({ logStreamName: 's', timestamp, ingestionTime, message });
}

/** A scan that passes over the lines of one group, as far as they are of some times. */
function scanOf(lines: readonly Line[], tellsEach: boolean, times: readonly [number, number]) {
  const scan = LineScan.of(new LineKernel());
  scan.begin({}, { firstEpochMs: 0, lastEpochMs: Infinity, latestEpochMs: Infinity });
  for (const ingestionTime of [1, undefined]) {
    const layout = layoutOf(written({ timestamp: 1, ingestionTime, message: 'x' }));
    if (layout !== undefined) scan.addLayout(layout);
  }
  const [from, to] = times;
  scan.groups.treat(0, { messages: 'pass', firstEpochMs: from, lastEpochMs: to }, tellsEach);
  const bytes = Buffer.from(lines.map((one) => `${written(one)}\n`).join(''));
  const start = scan.kernel.input(bytes);
  let why = scan.scan(start, start + bytes.length);
  if (why === stop.newStream && scan.nameGroup('stream', 0)) why = scan.goOn();
  expect(why).toBe(stop.atEnd);
  return scan;
}

/** What is known of lines together, by adding them up. */
function together(lines: readonly Line[]): EventTotals | undefined {
  if (lines.length === 0) return undefined;
  const times = lines.map(({ timestamp }) => timestamp);
  return {
    count: lines.length,
    textBytes: lines.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0),
    firstEpochMs: Math.min(...times),
    lastEpochMs: Math.max(...times),
    lastIngestionEpochMs: Math.max(0, ...lines.map(({ ingestionTime = 0 }) => ingestionTime)),
    lastVisibleEpochMs: Math.max(
      ...lines.map(({ timestamp, ingestionTime = timestamp }) => ingestionTime),
    ),
  };
}

function told(scan: LineScan) {
  const lines: (readonly [timestamp: number, ingestionTime: number, textBytes: number])[] = [];
  scan.takePassed((_, timestamp, ingestionTime, textBytes) => {
    lines.push([timestamp, ingestionTime, textBytes]);
  });
  return lines;
}

const asTold = ({ timestamp, ingestionTime = -1, message }: Line) =>
  [timestamp, ingestionTime, Buffer.byteLength(message)] as const;

test('lines that are passed over together add up to what each of them tells', () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 30 }),
      time,
      time,
      (lines, one, other) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other)];
        const isOfTime = ({ timestamp }: Line) => timestamp >= from && timestamp <= to;

        const each = scanOf(lines, true, [from, to]);
        expect({ count: each.passedCount, last: each.passedEpochMs }).toEqual({
          count: lines.length,
          last: lines.at(-1)?.timestamp,
        });
        expect(told(each)).toEqual(lines.map(asTold));
        expect(each.groups.take(0)).toBeUndefined();

        const scan = scanOf(lines, false, [from, to]);
        expect(scan.passedCount).toBe(lines.length);
        // What is of another time is told on its own.
        expect(told(scan)).toEqual(lines.filter((each) => !isOfTime(each)).map(asTold));
        expect(scan.groups.take(0)).toEqual(together(lines.filter(isOfTime)));
        // Nothing is told twice.
        expect({ count: scan.passedCount, again: scan.groups.take(0) }).toEqual({ count: 0 });
      },
    ),
    { seed: 18, numRuns: 200 },
  );
});

test('a scan that begins anew knows nothing of the lines before', () => {
  const lines = [{ timestamp: firstEpochMs, ingestionTime: undefined, message: 'x' }];
  const scan = scanOf(lines, false, [0, Infinity]);
  scan.begin({}, { firstEpochMs: 0, lastEpochMs: Infinity, latestEpochMs: Infinity });
  expect({ count: scan.passedCount, together: scan.groups.take(0) }).toEqual({ count: 0 });
});

test.each([
  '1',
  '999999999999',
  '10000000000000',
  '17953320000001795',
  '0795332000000',
  '179533200000x',
])('the time %s is left to the reader', (digits) => {
  const scan = scanOf(
    [{ timestamp: firstEpochMs, ingestionTime: 1e12, message: '' }],
    true,
    [0, 1],
  );
  const text = written({ timestamp: 7, ingestionTime: 1e12, message: '' }).replace('7', digits);
  const bytes = Buffer.from(`${text}\n`);
  const start = scan.kernel.input(bytes);
  expect(scan.scan(start, start + bytes.length)).not.toBe(stop.atEnd);
});
