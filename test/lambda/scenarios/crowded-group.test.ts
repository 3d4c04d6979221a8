import { grant, monitorWith, task, tickAt } from '../setup/pack-fixture.ts';

test('a log group that holds more than one answer is read after all others', async () => {
  const crowd = Array.from({ length: 12 }, (_, at) =>
    grant(`eve${at}`, `2026-03-01T08:51:${String(2 + at).padStart(2, '0')}.000`),
  );
  const fixture = monitorWith(crowd, { packRowsMax: 4 });
  await tickAt(fixture, '09:00');
  const lastSecond = Math.max(...fixture.asked.map(({ end }) => end));
  const readToTheEnd = (isOf: (logGroups: readonly string[]) => boolean) =>
    fixture.asked.findIndex(({ end, logGroups }) => end === lastSecond && isOf(logGroups));
  const others = readToTheEnd((logGroups) => !logGroups.includes(task) && logGroups.length > 0);
  expect(others).toBeGreaterThan(0);
  expect(readToTheEnd((logGroups) => logGroups.join() === task)).toBeGreaterThan(others);
});
