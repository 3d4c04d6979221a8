import { InsightsEngine } from '../../../local/insights-engine/engine.ts';
import type { LogEvent } from '../../../local/log-event.ts';
import { firstEvents } from '../../../local/replay/first-events.ts';
import { numbersFrom } from '../candidates/prefilter.ts';

async function* inTurn(events: readonly LogEvent[]): AsyncGenerator<LogEvent> {
  yield* events;
}

test('the first events of a stream are those that the engine reads first', async () => {
  const random = numbersFrom(3);
  const events = Array.from({ length: 400 }, (_, number): LogEvent => {
    const timestamp = Date.UTC(2026, 10, 22) + Math.floor(random() * 60);
    const ingestionTime = timestamp + Math.floor(random() * 3);
    return {
      logGroup: 'airflow-Prod-Task',
      logStream: random() < 0.7 ? 'one' : 'other',
      timestamp,
      ...(random() < 0.5 && { ingestionTime }),
      message: `${number} ${'x'.repeat(Math.floor(random() * 50))}`,
    };
  });
  const engine = await InsightsEngine.open();
  await engine.load(events);
  const place = { logGroup: 'airflow-Prod-Task', logStream: 'one' };
  for (const [eventsMax, bytesMax] of [
    [50, 1_000_000],
    [50, 300],
    [7, 20],
    [500, 5],
  ] as const) {
    const page = await engine.readEvents({
      ...{ logGroup: place.logGroup, logStreams: ['one'], descending: false },
      ...{ firstEpochMs: 0, lastEpochMs: Number.MAX_SAFE_INTEGER },
      ...{ nowEpochMs: Date.UTC(2027, 0), maxEvents: eventsMax, maxBytes: bytesMax },
    });
    const first = await firstEvents(inTurn(events), { ...place, eventsMax, bytesMax });
    expect(first.map(({ message }) => message)).toEqual(page.events.map(({ message }) => message));
  }
  engine.close();
});
