import fc from 'fast-check';
import { tickOfEvent } from '../../../lambda/tick/create-handler.ts';
import { scheduledEvent } from '../setup/monitor-fixture.ts';

const now = Date.parse('2026-03-01T09:00:04Z');

test('the tick is the time of the event floored to the minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 59 }), (second) => {
      const time = `2026-03-01T08:59:${String(second).padStart(2, '0')}Z`;
      expect(tickOfEvent({ ...scheduledEvent, time }, now)).toBe(
        Date.parse('2026-03-01T08:59:00Z'),
      );
    }),
  );
});

test('the clock does not move the tick', () => {
  fc.assert(
    fc.property(fc.integer({ min: now, max: now * 2 }), (later) => {
      expect(tickOfEvent(scheduledEvent, later)).toBe(tickOfEvent(scheduledEvent, now));
    }),
  );
});

test('a tick five minutes ahead of the clock is accepted', () => {
  expect(tickOfEvent({ ...scheduledEvent, time: '2026-03-01T09:05:00Z' }, now)).toBe(
    Date.parse('2026-03-01T09:05:00Z'),
  );
});

test('a tick more than five minutes ahead of the clock is rejected with both times', () => {
  expect(() => tickOfEvent({ ...scheduledEvent, time: '2026-03-01T09:06:00Z' }, now)).toThrow(
    'scheduled event: field "time": must be at most 5 minutes ahead of the clock, which shows 2026-03-01T09:00:04.000Z, got "2026-03-01T09:06:00Z"',
  );
});

test.each([
  ['an empty payload', {}, /field "source": .*, got nothing/],
  ['no object at all', 'now', /scheduled event: .*object.*, got "now"/],
  ['another source', { ...scheduledEvent, source: 'me' }, /field "source": .*, got "me"/],
  [
    'another kind of event',
    { ...scheduledEvent, 'detail-type': 'Test' },
    /field "detail-type": .*, got "Test"/,
  ],
  [
    'a time without zone',
    { ...scheduledEvent, time: '2026-03-01T09:00:00' },
    /field "time": .*ISO datetime.*, got "2026-03-01T09:00:00"/,
  ],
  [
    'a day that does not exist',
    { ...scheduledEvent, time: '2026-02-30T09:00:00Z' },
    /field "time": .*, got "2026-02-30T09:00:00Z"/,
  ],
  ['a time that is a number', { ...scheduledEvent, time: 1 }, /field "time": .*, got 1/],
])('a forged event is rejected with field and value: %s', (_, event, message) => {
  expect(() => tickOfEvent(event, now)).toThrow(message);
});
