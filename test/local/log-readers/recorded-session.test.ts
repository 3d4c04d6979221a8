import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LogEvent } from '../../../local/log-event.ts';
import { readLogs } from '../../../local/log-readers/read-logs.ts';
import { collect } from './collect.ts';

const session = 'local/demo/sessions/airflow-2.10.3.ndjson.gz';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'airflow-logs-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function isTask({ logGroup }: LogEvent): boolean {
  return logGroup.endsWith('-Task');
}

test('task logs written to files by stream are read as the events that MWAA would have sent', async () => {
  const recorded = (await collect(readLogs(session))).filter(isTask);
  for (const [stream, events] of Object.entries(Object.groupBy(recorded, (e) => e.logStream))) {
    const path = join(folder, stream);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, (events ?? []).map(({ message }) => `${message}\n`).join(''));
  }
  const read = await collect(readLogs(folder, { environment: 'Prod' }));
  const byStream = (events: LogEvent[]) =>
    Object.groupBy(
      events.map(({ logGroup, logStream, message }) => ({ logGroup, logStream, message })),
      ({ logStream }) => logStream,
    );
  expect(read.length).toBeGreaterThan(3_000);
  expect(byStream(read)).toEqual(byStream(recorded));
});

test('the times of the files are those of the recorded events', async () => {
  const recorded = (await collect(readLogs(session))).filter(isTask);
  const times = new Map(
    recorded.map((event) => [event.logStream + event.message, event.timestamp]),
  );
  for await (const { logStream, message, timestamp } of readLogs(folder, { environment: 'Prod' })) {
    // A millisecond: Python rounds the record's time differently for the event.
    expect(Math.abs(timestamp - (times.get(logStream + message) ?? 0))).toBeLessThanOrEqual(1);
  }
});
