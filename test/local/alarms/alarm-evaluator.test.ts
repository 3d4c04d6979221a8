import fc from 'fast-check';
import { minuteMs } from '../../../lambda/common/time.ts';
import { AlarmEvaluator } from '../../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../../local/alarms/metric-alarm.ts';
import { MetricRecorder } from '../../../local/recorders.ts';
import { baseAlarm, topic } from './base-alarm.ts';

const start = Date.parse('2026-11-22T05:00:00Z');

function minute(number: number): number {
  return start + number * minuteMs;
}

/**
 * Puts one value per minute (undefined: none), evaluates after each, and returns the states in
 * order.
 */
function statesOver(alarm: MetricAlarm, values: readonly (number | undefined)[], puts = 1) {
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  return values.map((value, index) => {
    for (let i = 0; i < puts; i += 1) {
      if (value !== undefined) metrics.putValue(alarm.metric, value, minute(index));
    }
    evaluator.evaluate(minute(index + 1));
    return evaluator.states()[0]?.state;
  });
}

test('an alarm starts without data, fires, recovers and loses its data', () => {
  expect(statesOver(baseAlarm(), [undefined, 0, 3, 3, 0, undefined, undefined, undefined])).toEqual(
    ['INSUFFICIENT_DATA', 'OK', 'ALARM', 'ALARM', 'OK', 'OK', 'OK', 'INSUFFICIENT_DATA'],
  );
});

test('a value counts only after its minute has ended', () => {
  const alarm = baseAlarm();
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue(alarm.metric, 1, minute(0));
  expect(evaluator.evaluate(minute(0) + 59_999)).toEqual([]);
  expect(evaluator.evaluate(minute(1))).toMatchObject([{ newState: 'ALARM' }]);
});

test('periods move with the minute of the evaluation', () => {
  const alarm = baseAlarm({ periodSeconds: 300 });
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue(alarm.metric, 1, minute(2));
  evaluator.evaluate(minute(3));
  metrics.putValue(alarm.metric, 0, minute(7));
  // The five minutes up to minute 7 contain the first value, those up to minute 8 only the second.
  expect(evaluator.evaluate(minute(7))).toEqual([]);
  expect(evaluator.evaluate(minute(8))).toMatchObject([{ newState: 'OK' }]);
});

test('an alarm over more than a day reads data up to the full hour', () => {
  const alarm = baseAlarm({ periodSeconds: 86_400, evaluationPeriods: 2, datapointsToAlarm: 1 });
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue(alarm.metric, 1, minute(2));
  expect(evaluator.evaluate(minute(3))).toEqual([]);
  expect(evaluator.evaluate(minute(60))).toMatchObject([{ newState: 'ALARM' }]);
});

test('a change has both states, its reason, its time and its actions', () => {
  const alarm = baseAlarm();
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue(alarm.metric, 3, minute(0));
  expect(evaluator.evaluate(minute(1))).toEqual([
    {
      alarm,
      oldState: 'INSUFFICIENT_DATA',
      newState: 'ALARM',
      reason:
        'Threshold Crossed: 1 out of the last 1 datapoints [3.0 (22/11/26 05:00:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).',
      epochMs: minute(1),
      actions: [topic],
    },
  ]);
});

test.each([
  [{ actionsEnabled: false }, []],
  [{ actions: { ALARM: [], OK: [topic], INSUFFICIENT_DATA: [] } }, []],
  [{ actions: { ALARM: ['a', 'b'], OK: [], INSUFFICIENT_DATA: [] } }, ['a', 'b']],
])('with %p a change to ALARM runs %p', (changes, actions) => {
  const alarm = baseAlarm(changes);
  const metrics = new MetricRecorder();
  metrics.putValue(alarm.metric, 1, minute(0));
  expect(new AlarmEvaluator([alarm], metrics).evaluate(minute(1))).toMatchObject([{ actions }]);
});

test.each([
  ['another namespace', { namespace: 'Other' }],
  ['another name', { metricName: 'AddRoleMatche' }],
  ['a dimension less', { dimensions: { Environment: 'prod' } }],
  [
    'a dimension more',
    { dimensions: { Environment: 'prod', LogGroup: 'airflow-prod-Task', a: 'b' } },
  ],
  ['another value', { dimensions: { Environment: 'prod', LogGroup: 'airflow-prod-Worker' } }],
])('a metric with %s is another metric', (_what, change) => {
  const alarm = baseAlarm();
  const metrics = new MetricRecorder();
  metrics.putValue({ ...alarm.metric, ...change }, 1, minute(0));
  expect(new AlarmEvaluator([alarm], metrics).evaluate(minute(1))).toEqual([]);
});

test('the order of dimensions does not matter', () => {
  const alarm = baseAlarm();
  const metrics = new MetricRecorder();
  const dimensions = { LogGroup: 'airflow-prod-Task', Environment: 'prod' };
  metrics.putValue({ ...alarm.metric, dimensions }, 1, minute(0));
  expect(new AlarmEvaluator([alarm], metrics).evaluate(minute(1))).toHaveLength(1);
});

test('an alarm with a unit counts values of that unit only', () => {
  const alarm = baseAlarm({ unit: 'Count' });
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue({ ...alarm.metric, unit: 'Bytes' }, 1, minute(0));
  expect(evaluator.evaluate(minute(1))).toEqual([]);
  metrics.putValue({ ...alarm.metric, unit: 'Count' }, 1, minute(1));
  expect(evaluator.evaluate(minute(2))).toHaveLength(1);
});

test.each([
  ['Maximum', 5],
  ['Minimum', 1],
  ['Sum', 8],
  ['Average', 8 / 3],
  ['SampleCount', 3],
] as const)('the statistic %s of 1, 2 and 5 is compared', (statistic, value) => {
  const alarm = baseAlarm({ statistic, threshold: value });
  const metrics = new MetricRecorder();
  for (const put of [1, 2, 5]) metrics.putValue(alarm.metric, put, minute(0));
  const [change] = new AlarmEvaluator([alarm], metrics).evaluate(minute(1));
  expect(change?.newState).toBe('ALARM');
  const above = baseAlarm({
    statistic,
    threshold: value,
    comparisonOperator: 'GreaterThanThreshold',
  });
  expect(new AlarmEvaluator([above], metrics).evaluate(minute(1))).toMatchObject([
    { newState: 'OK' },
  ]);
});

test.each([
  ['GreaterThanOrEqualToThreshold', ['OK', 'ALARM', 'ALARM']],
  ['GreaterThanThreshold', ['OK', 'OK', 'ALARM']],
  ['LessThanThreshold', ['ALARM', 'OK', 'OK']],
  ['LessThanOrEqualToThreshold', ['ALARM', 'ALARM', 'OK']],
] as const)('%s with a threshold of 1 compares 0, 1 and 2', (comparisonOperator, states) => {
  expect(statesOver(baseAlarm({ comparisonOperator }), [0, 1, 2])).toEqual(states);
});

test('a silent heartbeat at 3 out of 3 fires when no value is left in the evaluation range', () => {
  const heartbeat = baseAlarm({
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    comparisonOperator: 'LessThanThreshold',
    treatMissingData: 'breaching',
  });
  const silence = Array<undefined>(6).fill(undefined);
  expect(statesOver(heartbeat, [1, 1, 1, ...silence])).toEqual([
    ...Array(7).fill('OK'),
    'ALARM',
    'ALARM',
  ]);
});

test('filled, short and lost data have different reasons', () => {
  const reasons = (changes: Partial<MetricAlarm>, values: (number | undefined)[]) => {
    const alarm = baseAlarm({ evaluationPeriods: 3, datapointsToAlarm: 2, ...changes });
    const metrics = new MetricRecorder();
    values.forEach((value, index) => {
      if (value !== undefined) metrics.putValue(alarm.metric, value, minute(index));
    });
    const evaluator = new AlarmEvaluator([alarm], metrics);
    evaluator.evaluate(minute(values.length));
    return evaluator.states()[0]?.reason;
  };
  expect(reasons({ treatMissingData: 'breaching' }, [undefined])).toBe(
    'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].',
  );
  expect(reasons({ treatMissingData: 'notBreaching' }, [0, 0])).toBe(
    'Threshold Crossed: 2 datapoints were received for 3 periods and 1 missing datapoint was treated as [NonBreaching].',
  );
  expect(reasons({}, [2, 3])).toBe(
    'Threshold Crossed: 2 datapoints [3.0 (22/11/26 05:01:00), 2.0 (22/11/26 05:00:00)] were greater than or equal to the threshold (1.0).',
  );
  expect(reasons({}, [0, 0, 0.5])).toBe(
    'Threshold Crossed: 3 out of the last 3 datapoints [0.5 (22/11/26 05:02:00), 0.0 (22/11/26 05:01:00), 0.0 (22/11/26 05:00:00)] were not greater than or equal to the threshold (1.0) (minimum 2 datapoints for ALARM -> OK transition).',
  );
});

test('lost data has the reason unknown', () => {
  const alarm = baseAlarm();
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  metrics.putValue(alarm.metric, 0, minute(0));
  evaluator.evaluate(minute(1));
  expect(evaluator.evaluate(minute(9))).toMatchObject([
    { newState: 'INSUFFICIENT_DATA', reason: 'Insufficient Data: 1 datapoint was unknown.' },
  ]);
});

test('alarms on AWS/DynamoDB always ignore missing data', () => {
  const alarm = baseAlarm({ treatMissingData: 'breaching' });
  const metric = { ...alarm.metric, namespace: 'AWS/DynamoDB' };
  expect(statesOver({ ...alarm, metric }, [0, undefined, undefined, undefined])).toEqual(
    Array(4).fill('OK'),
  );
});

const anyValues = fc.array(fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }), {
  maxLength: 30,
});
const anyAlarm = fc
  .record({
    treatMissingData: fc.constantFrom('missing', 'ignore', 'breaching', 'notBreaching'),
    evaluationPeriods: fc.integer({ min: 1, max: 4 }),
    m: fc.integer({ min: 1, max: 4 }),
    periodSeconds: fc.constantFrom(60, 180),
  })
  .map(({ m, ...rule }) =>
    baseAlarm({
      ...rule,
      datapointsToAlarm: Math.min(m, rule.evaluationPeriods),
    } as Partial<MetricAlarm>),
  );

test('nothing changes without a new value or the passing of time', () => {
  fc.assert(
    fc.property(anyAlarm, anyValues, (alarm, values) => {
      const metrics = new MetricRecorder();
      const evaluator = new AlarmEvaluator([alarm], metrics);
      values.forEach((value, index) => {
        if (value !== undefined) metrics.putValue(alarm.metric, value, minute(index));
        evaluator.evaluate(minute(index + 1));
        expect(evaluator.evaluate(minute(index + 1) + 59_999)).toEqual([]);
      });
    }),
  );
});

test('a repeated put changes no state of an alarm on Maximum', () => {
  fc.assert(
    fc.property(anyAlarm, anyValues, (alarm, values) => {
      expect(statesOver(alarm, values, 3)).toEqual(statesOver(alarm, values));
    }),
  );
});

test('a repeated put doubles the value of an alarm on Sum', () => {
  const alarm = baseAlarm({ statistic: 'Sum', threshold: 2 });
  expect(statesOver(alarm, [1])).toEqual(['OK']);
  expect(statesOver(alarm, [1], 2)).toEqual(['ALARM']);
});
