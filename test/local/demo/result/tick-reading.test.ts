import { tickReading } from '../../../../local/demo/result/demo-result.ts';

const start = Date.UTC(2026, 10, 22, 5, 47);
const iso = (epochMs: number) => new Date(epochMs).toISOString();
const slice = (lane: string, logGroup: string, minutes: number) => ({
  ...{ lane, logGroup, outcome: 'scanned' },
  start: iso(start),
  end: iso(start + minutes * 60_000),
});

test('groups read together form one span', () => {
  const slices = [slice('scan', 'a', 1), slice('scan', 'b', 1), slice('near', 'a', 1)];
  expect(tickReading({ environment: 'Prod', slices, scanLagSeconds: 300 })).toEqual({
    spans: [
      { lane: 'scan', startEpochMs: start, endEpochMs: start + 60_000, logGroups: 2 },
      { lane: 'near', startEpochMs: start, endEpochMs: start + 60_000, logGroups: 1 },
    ],
    scanLagSeconds: 300,
  });
});

test('groups at different positions form separate spans', () => {
  const { spans = [] } =
    tickReading({ slices: [slice('scan', 'a', 1), slice('scan', 'b', 7)] }) ?? {};
  expect(spans.map(({ endEpochMs }) => endEpochMs - start)).toEqual([60_000, 420_000]);
});

test.each([
  ['nothing', undefined],
  ['that it had nothing to do', { environment: 'Prod', skipped: 'old-tick' }],
])('an invocation that returned %s has no known reading', (_, returned) => {
  expect(tickReading(returned)).toBeUndefined();
});
