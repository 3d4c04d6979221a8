import { emptyStreamState, type StreamState } from '../../lambda/findings/correlation-state.ts';
import { type FindingRecord, recordFinding } from '../../lambda/findings/finding-record.ts';
import type { SliceResult } from '../../lambda/ledger.ts';
import { MemoryLedger } from '../../lambda/memory-ledger.ts';
import { sampleFinding } from './findings/sample-finding.ts';

const task = 'airflow-prod-Task';
const tickEpochMs = Date.parse('2026-03-01T09:00:00Z');

function slice(changes: Partial<SliceResult> = {}): SliceResult {
  return { streams: [], findings: [], watermarks: new Map(), ...changes };
}

function record(id: string, lastSeen = sampleFinding.lastSeen): FindingRecord {
  const finding = { ...sampleFinding, id, lastSeen };
  const found = { finding, logGroup: task, approved: false };
  return recordFinding(undefined, found, { tickEpochMs, alertAt: 'medium' });
}

function waiting(): StreamState {
  const event = { ...sampleFinding.evidence[0], key: 'k', timestamp: 0 };
  const { logGroup = '', logStream = '', message = '', occurrences = 1 } = event;
  const signal = { kind: 'write', detections: ['d'], severity: 'high' } as const;
  const evidence = { key: 'k', logGroup, logStream, timestamp: 0, message, occurrences };
  return { ...emptyStreamState(), writes: [{ signal, event: evidence }] };
}

test('watermarks and streams are those of the log groups asked for', async () => {
  const ledger = new MemoryLedger();
  const stream = { logGroup: task, logStream: 's', state: waiting() };
  const other = { ...stream, logGroup: 'airflow-prod-Worker' };
  const watermarks = new Map([
    [task, 1],
    ['airflow-prod-Worker', 2],
  ]);
  await ledger.saveSlice(slice({ streams: [stream, other], watermarks }));
  expect(await ledger.loadWatermarks([task, 'x'])).toEqual(new Map([[task, 1]]));
  expect(await ledger.loadStreams([task, 'x'])).toEqual([stream]);
});

test('a stream that has nothing to remember is forgotten', async () => {
  const ledger = new MemoryLedger();
  const stream = { logGroup: task, logStream: 's', state: waiting() };
  await ledger.saveSlice(slice({ streams: [stream] }));
  await ledger.saveSlice(slice({ streams: [{ ...stream, state: emptyStreamState() }] }));
  expect(await ledger.loadStreams([task])).toEqual([]);
});

test('what a caller does to a loaded state changes nothing that is kept', async () => {
  const ledger = new MemoryLedger();
  await ledger.saveSlice(
    slice({ streams: [{ logGroup: task, logStream: 's', state: waiting() }] }),
  );
  const [loaded] = await ledger.loadStreams([task]);
  loaded?.state.writes.pop();
  expect((await ledger.loadStreams([task]))[0]?.state.writes).toHaveLength(1);
});

test('a finding is pending until it was notified', async () => {
  const ledger = new MemoryLedger();
  await ledger.saveSlice(slice({ findings: [record('a'), record('b')] }));
  await ledger.markNotified('a', 'critical');
  expect((await ledger.pendingFindings()).map(({ finding }) => finding.id)).toEqual(['b']);
  expect((await ledger.loadFindings(['a', 'x'])).get('a')?.delivery).toEqual({
    status: 'notified',
    severity: 'critical',
  });
});

test('a tick counts its own findings', async () => {
  const ledger = new MemoryLedger();
  await ledger.saveSlice(slice({ findings: [record('a'), record('b')] }));
  expect(await ledger.findingsCountedIn(tickEpochMs)).toHaveLength(2);
  expect(await ledger.findingsCountedIn(tickEpochMs + 1)).toEqual([]);
});

test('a finding that does not exist cannot be marked', async () => {
  await expect(new MemoryLedger().markNotified('a', 'high')).rejects.toThrow(
    'no finding has the id a',
  );
});

test('after a day a settled finding is forgotten; a pending one never is', async () => {
  const ledger = new MemoryLedger();
  await ledger.saveSlice(slice({ findings: [record('settled'), record('pending')] }));
  await ledger.markNotified('settled', 'critical');
  const dayLater = Date.parse(sampleFinding.lastSeen) + 24 * 3_600_000;
  await ledger.saveSlice(slice({ watermarks: new Map([[task, dayLater]]) }));
  expect((await ledger.loadFindings(['settled', 'pending'])).size).toBe(2);
  await ledger.saveSlice(slice({ watermarks: new Map([[task, dayLater + 1]]) }));
  expect([...(await ledger.loadFindings(['settled', 'pending'])).keys()]).toEqual(['pending']);
});
