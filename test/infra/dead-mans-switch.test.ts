import fc from 'fast-check';
import { minuteMs } from '../../lambda/common/time.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import {
  AlarmEvaluator,
  type AlarmStateChange,
  evaluationRangeExtraPeriods,
} from '../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../local/alarms/metric-alarm.ts';
import { readAlarms } from '../../local/alarms/read-alarms.ts';
import { MetricRecorder } from '../../local/recorders.ts';
import { templateOf, withWitness } from './synthesized.ts';
import type { TemplateJson } from './template-walk.ts';

/**
 * How many periods more than its own an alarm looks back, which AWS does not document. The last
 * value keeps a dead man's switch quiet for that much longer.
 */
const assumedExtraPeriods = evaluationRangeExtraPeriods;

const start = Date.parse('2026-11-22T05:00:00Z');

/** How long after its tick a run publishes its numbers, stamped with the tick. */
const putAfterMinutes = 1;
/** The same for a run that used up its time. */
const slowPutAfterMinutes = 5;

const settleSeconds = 300;

/** What a healthy monitor publishes. */
const healthy: Readonly<Record<string, number>> = {
  AddRoleMatches: 0,
  PrivilegeChanges: 0,
  LogGroupCovered: 1,
  ScanCompleted: 1,
  DocumentedLag: settleSeconds,
  ScanLag: settleSeconds,
  DetectionsRefused: 0,
  WitnessBlind: 0,
  LateLagMax: 20,
  UndeliveredFindings: 0,
  DailyBytesScanned: 40e9,
  Invocations: 1,
  Errors: 0,
  ApproximateNumberOfMessagesVisible: 0,
};

/** The value that an alarm sees at a minute; undefined for the healthy one. */
type Fault = (alarm: string, minute: number) => number | 'missing' | undefined;

interface Change extends AlarmStateChange {
  readonly minute: number;
  readonly name: string;
}

function monitorAlarms(everyMinutes: number): MetricAlarm[] {
  return readAlarms(templateOf({ everyMinutes, ...withWitness }).toJSON() as TemplateJson);
}

const every5 = monitorAlarms(5);
const shortName = ({ name }: MetricAlarm) => name.replace('mwaa-privilege-monitor-prod-', '');
const topics = [...new Set(every5.flatMap(({ actions }) => actions.ALARM))];

/** Runs through some minutes, and returns every change of an alarm's state. */
function live(
  minutes: number,
  fault: Fault,
  {
    alarms = every5,
    everyMinutes = 5,
    putsAfter = putAfterMinutes,
  }: { alarms?: MetricAlarm[]; everyMinutes?: number; putsAfter?: number } = {},
): Change[] {
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator(alarms, metrics);
  const changes: Change[] = [];
  for (let minute = putsAfter; minute <= minutes; minute += 1) {
    const stamp = minute - putsAfter;
    for (const alarm of alarms) {
      // Queues report every minute, with or without a tick.
      if (alarm.metric.namespace !== 'AWS/SQS' && stamp % everyMinutes !== 0) continue;
      const value = fault(shortName(alarm), stamp) ?? healthy[alarm.metric.metricName];
      if (value === 'missing') continue;
      if (value === undefined) throw new Error(`no healthy value of ${alarm.metric.metricName}`);
      // Some alarms share a metric: a value put twice does not change its Maximum.
      metrics.putValue(alarm.metric, value, start + stamp * minuteMs);
    }
    for (const change of evaluator.evaluate(start + minute * minuteMs)) {
      changes.push({ ...change, minute, name: shortName(change.alarm) });
    }
  }
  return changes;
}

const ringing = (changes: readonly Change[]) => changes.filter((c) => c.newState === 'ALARM');
const names = (changes: readonly Change[]) => changes.map(({ name }) => name).toSorted();

/** The minute at which a fault begins. */
const since = 60;
const from =
  (alarms: readonly string[], value: number | 'missing', until = Number.POSITIVE_INFINITY): Fault =>
  (alarm, minute) =>
    alarms.includes(alarm) && minute >= since && minute < until ? value : undefined;

const scannerMetrics = every5.filter(({ metric }) => metric.namespace !== 'AWS/SQS').map(shortName);
const nothingRuns = from(scannerMetrics, 'missing');

/** The alarms that ring when there is no data. */
const deadMansSwitches = ['documented-behind', 'not-invoked', 'silent'];

/** Two alarms read the heartbeat: the one that waits for it, and the one for tests. */
const heartbeat = ['silent', 'test'];

test('a healthy monitor rings no alarm', () => {
  expect(ringing(live(180, () => undefined))).toEqual([]);
});

/** While the pack fails, there is no heartbeat, each run ends in an error, and its lag grows. */
const packFails: Fault = (alarm, minute) =>
  from(heartbeat, 'missing')(alarm, minute) ??
  from(['failing-errors', 'detections-refused'], 1)(alarm, minute) ??
  from(
    logTypes.map((logType) => `blind-${logType}`),
    0,
  )(alarm, minute) ??
  from(['behind'], settleSeconds + (minute - since) * 60)(alarm, minute);

const oneAlarmFaults: [what: string, alarm: string, fault: Fault][] = [
  ['no scan completes', 'silent', from(heartbeat, 'missing')],
  [
    'the function does not run, and its data are forged',
    'not-invoked',
    from(['not-invoked'], 'missing'),
  ],
  ['one run ends in an error', 'failing-errors', from(['failing-errors'], 1, since + 5)],
  ['a tick cannot be delivered', 'failing-delivery', from(['failing-delivery'], 1)],
  ['a tick is given up', 'failing-runs', from(['failing-runs'], 1)],
  ['the scan does not keep up', 'behind', from(['behind'], settleSeconds + 3 * 300 + 1)],
  [
    'the documented query does not keep up',
    'documented-behind',
    from(['documented-behind'], settleSeconds + 3 * 300 + 1),
  ],
  ['a detection is refused', 'detections-refused', from(['detections-refused'], 1)],
  ['the second witness is blind', 'blind-witness', from(['blind-witness'], 1, since + 5)],
  ['a finding cannot be published', 'undelivered', from(['undelivered'], 1)],
  ['the queries of a day scan too much', 'daily-bytes', from(['daily-bytes'], 1e12 + 1)],
  ['an event comes twelve hours late', 'late', from(['late'], 12 * 3600, since + 5)],
  ...logTypes.flatMap((logType): [string, string, Fault][] =>
    [`blind-${logType}`, `add-role-${logType}`, `privilege-change-${logType}`].map((alarm) => [
      `${alarm} has its cause, once`,
      alarm,
      from([alarm], alarm.startsWith('blind') ? 0 : 1, since + 5),
    ]),
  ),
];

test.each(oneAlarmFaults)('%s: %s rings, and no other alarm', (_what, alarm, fault) => {
  const changes = ringing(live(since + 60, fault));
  expect(names(changes)).toEqual([alarm]);
  expect(changes[0]?.actions).toEqual(topics);
});

test('when the scanner does not run, the dead man’s switches ring', () => {
  expect(names(ringing(live(since + 60, nothingRuns)))).toEqual(deadMansSwitches);
});

test('when the scanner stops after hours of a failing pack, another alarm rings', () => {
  const stops = since + 240;
  const changes = ringing(
    live(stops + 60, (alarm, minute) =>
      minute >= stops ? nothingRuns(alarm, minute) : packFails(alarm, minute),
    ),
  );
  const blind = logTypes.map((logType) => `blind-${logType}`);
  const before = changes.filter(({ minute }) => minute < stops);
  expect(names(before)).toEqual(
    [...blind, 'behind', 'detections-refused', 'failing-errors', 'silent'].toSorted(),
  );
  const after = changes.filter(({ minute }) => minute >= stops);
  expect(names(after)).toEqual(['documented-behind', 'not-invoked']);
  const [first] = after.filter(({ name }) => name === 'documented-behind');
  expect(first?.minute).toBeLessThanOrEqual(
    stops + (2 + assumedExtraPeriods) * 5 + putAfterMinutes,
  );
});

test('when the scanner runs again while the pack still fails, only the documented query’s alarm is over', () => {
  const back = since + 120;
  const changes = live(back + 60, (alarm, minute) =>
    minute < back ? nothingRuns(alarm, minute) : packFails(alarm, minute),
  );
  const ofDocumented = changes.filter(({ name }) => name === 'documented-behind');
  expect(ofDocumented.at(-1)).toMatchObject({
    ...{ newState: 'OK', minute: back + putAfterMinutes },
    actions: topics,
  });
  expect(changes.findLast(({ name }) => name === 'silent')?.newState).toBe('ALARM');
});

test('one run that publishes no lag rings no alarm', () => {
  const missed = from(['documented-behind'], 'missing', since + 5);
  expect(ringing(live(since + 60, missed))).toEqual([]);
});

test('each alarm of the stack, except the one for tests, has a fault that rings it', () => {
  const rung = new Set(oneAlarmFaults.map(([, alarm]) => alarm));
  expect(every5.map(shortName).filter((name) => !rung.has(name))).toEqual(['test']);
});

test('when everything fails at once, every alarm rings', () => {
  const changes = ringing(
    live(
      since + 60,
      (alarm, minute) => {
        const [, , fault] = oneAlarmFaults.find(([, name]) => name === alarm) ?? [];
        return alarm === 'silent'
          ? from(heartbeat, 'missing')(alarm, minute)
          : fault?.(alarm, minute);
      },
      { alarms: every5.filter((alarm) => shortName(alarm) !== 'test') },
    ),
  );
  expect(names(changes)).toEqual(
    every5
      .map(shortName)
      .filter((name) => name !== 'test')
      .toSorted(),
  );
  for (const { actions } of changes) expect(actions).toEqual(topics);
});

test('each alarm notifies the one topic by itself', () => {
  expect(topics).toHaveLength(1);
  for (const { actions, actionsEnabled } of every5) {
    expect([actions.ALARM, actionsEnabled]).toEqual([topics, true]);
  }
});

test.each([1, 5, 60])(
  'every %i minutes: silent rings after three periods, and not later than the evaluation range allows',
  (everyMinutes) => {
    const lastHeartbeat = 3 * everyMinutes;
    const stops: Fault = (alarm, minute) =>
      scannerMetrics.includes(alarm) && minute > lastHeartbeat ? 'missing' : undefined;
    const alarms = monitorAlarms(everyMinutes);
    const changes = ringing(live(12 * everyMinutes, stops, { alarms, everyMinutes }));
    expect(names(changes)).toEqual(deadMansSwitches);
    const change = changes.find(({ name }) => name === 'silent');
    const silentMinutes = (change?.minute ?? Number.POSITIVE_INFINITY) - lastHeartbeat;
    expect(silentMinutes).toBeGreaterThan(3 * everyMinutes);
    expect(silentMinutes).toBeLessThanOrEqual(
      (3 + assumedExtraPeriods) * everyMinutes + putAfterMinutes,
    );
  },
);

test('a monitor that never runs is silent from the start', () => {
  const changes = ringing(
    live(10, (alarm) => (scannerMetrics.includes(alarm) ? 'missing' : undefined)),
  );
  expect(changes.map(({ name, minute }) => [name, minute])).toEqual(
    expect.arrayContaining(deadMansSwitches.map((name) => [name, putAfterMinutes])),
  );
});

test.each([
  ['behind', 3600],
  ['documented-behind', 3600],
  ['undelivered', 2],
])('%s rings at the second tick in a row, not at one alone', (alarm, value) => {
  expect(ringing(live(since + 60, from([alarm], value, since + 5)))).toEqual([]);
  const [change] = ringing(live(since + 60, from([alarm], value, since + 10)));
  expect(change?.minute).toBe(since + 5 + putAfterMinutes);
});

test('a tick that catches up after an outage is not behind, however long the outage was', () => {
  const back = since + 120;
  const outage: Fault = (alarm, minute) => {
    if (!scannerMetrics.includes(alarm) || minute < since || minute > back) return undefined;
    if (minute < back) return 'missing';
    return alarm.endsWith('behind') ? 7200 : undefined;
  };
  const changes = live(back + 60, outage, { putsAfter: slowPutAfterMinutes });
  expect(names(ringing(changes))).toEqual(deadMansSwitches);
  for (const alarm of deadMansSwitches) {
    const ends = changes.filter(({ name, newState }) => name === alarm && newState === 'OK');
    expect(ends).toHaveLength(2);
  }
});

test.each([
  ['behind', 3600],
  ['documented-behind', 3600],
  ['undelivered', 1],
  ['blind-Task', 0],
  ['blind-witness', 1],
])('a monitor that dies while %s rings sends no all-clear for it', (alarm, value) => {
  const dies = since + 30;
  const changes = live(dies + 120, (name, minute) =>
    minute >= dies ? nothingRuns(name, minute) : from([alarm], value)(name, minute),
  );
  expect(names(ringing(changes))).toEqual([...new Set([alarm, ...deadMansSwitches])].toSorted());
  const rang = changes.findIndex(({ name, newState }) => name === alarm && newState === 'ALARM');
  expect(
    changes.slice(rang).filter(({ name, newState }) => name === alarm && newState === 'OK'),
  ).toEqual([]);
});

test('an alarm that reports its recovery does so when the cause is gone', () => {
  const health = ['silent', 'behind', 'undelivered', 'blind-Worker', 'blind-witness'];
  for (const alarm of health) {
    const [, , fault] = oneAlarmFaults.find(([, name]) => name === alarm) ?? [];
    const ends = since + 45;
    const changes = live(ends + 60, (name, minute) =>
      minute < ends ? fault?.(name, minute) : undefined,
    );
    const last = changes.findLast(({ name }) => name === alarm);
    expect([alarm, last?.newState, last?.actions]).toEqual([alarm, 'OK', topics]);
  }
});

test('the test alarm rings at no count, so a state set by hand goes back to OK', () => {
  const alarms = every5.filter((alarm) => shortName(alarm) === 'test');
  const anyCounts = fc.array(fc.option(fc.nat(), { nil: 'missing' as const }), {
    minLength: 12,
    maxLength: 12,
  });
  fc.assert(
    fc.property(anyCounts, (counts) => {
      const changes = live(55, (_alarm, minute) => counts[minute / 5], { alarms });
      expect(changes.map(({ newState }) => newState)).toEqual(['OK']);
    }),
  );
});
