import fc from 'fast-check';
import { alarmName } from '../../infra/naming/names.ts';
import { minuteMs } from '../../lambda/common/time.ts';
import { type AlarmKey, alarmDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import type { AlarmDefinition } from '../../lambda/metrics/metric-shape.ts';
import { logTypes } from '../../lambda/model/log-types.ts';
import { AlarmEvaluator } from '../../local/alarms/alarm-evaluator.ts';
import type { MetricAlarm } from '../../local/alarms/metric-alarm.ts';
import { readAlarms } from '../../local/alarms/read-alarms.ts';
import { MetricRecorder } from '../../local/recorders.ts';
import { templateOf, withWitness } from './synthesized.ts';
import type { TemplateJson } from './template-walk.ts';

/**
 * An insider may put any data into the monitor's namespace, and into none of AWS's: PutMetricData refuses
 * a namespace that begins with `AWS/`.
 */
const alarms = readAlarms(templateOf(withWitness).toJSON() as TemplateJson);
const definitions = Object.entries<AlarmDefinition>(alarmDefinitions);

/** One alarm of each definition. */
const ofDefinition = (key: string): MetricAlarm => {
  const name = [undefined, logTypes[0]].map((type) =>
    alarmName('mwaa-privilege-monitor-prod', key as AlarmKey, type),
  );
  const found = alarms.find((alarm) => name.includes(alarm.name));
  if (found === undefined) throw new Error(`no alarm of ${key}`);
  return found;
};
const isOfAws = (key: string) => ofDefinition(key).metric.namespace.startsWith('AWS/');

const start = Date.parse('2026-11-22T05:00:00Z');
const periods = 8;
const rungValue = 1e13;

/** The alarm's states after each minute. */
function statesOf(
  alarm: MetricAlarm,
  real: readonly (number | undefined)[],
  forged: readonly { readonly period: number; readonly value: number }[],
): string[] {
  const metrics = new MetricRecorder();
  const evaluator = new AlarmEvaluator([alarm], metrics);
  const periodMs = alarm.periodSeconds * 1000;
  const states: string[] = [];
  for (let period = 0; period < periods; period += 1) {
    const at = start + period * periodMs;
    const own = real[period];
    if (own !== undefined) metrics.putValue(alarm.metric, own, at);
    for (const datum of forged) {
      if (datum.period === period) metrics.putValue(alarm.metric, datum.value, at);
    }
    evaluator.evaluate(at + minuteMs);
    states.push(evaluator.states()[0]?.state ?? '');
  }
  return states;
}

const values = fc.oneof(
  fc.constantFrom(0, 1, rungValue, -rungValue),
  fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
);
const forgeries = fc.array(fc.record({ period: fc.nat({ max: periods - 1 }), value: values }), {
  maxLength: 2 * periods,
});
const measured = fc.array(fc.constantFrom(0, 1, rungValue), {
  minLength: periods,
  maxLength: periods,
});

test.each(definitions.filter(([key]) => !isOfAws(key)))(
  '%s: while the monitor puts its own data, a forged datum ends no ringing',
  (key) => {
    const alarm = ofDefinition(key);
    fc.assert(
      fc.property(measured, forgeries, (real, forged) => {
        const honest = statesOf(alarm, real, []);
        const disturbed = statesOf(alarm, real, forged);
        const hushed = honest.filter((state, at) => state === 'ALARM' && disturbed[at] !== 'ALARM');
        expect(hushed).toEqual([]);
      }),
    );
  },
);

/** The values that ring no alarm on a metric. */
const good: Readonly<Record<string, number>> = { LogGroupCovered: 1, ScanCompleted: 1 };

test.each(definitions.filter(([key]) => !isOfAws(key)))(
  '%s: if forged data end its ringing while the monitor puts none, others cover it',
  (key, { coveredBy }) => {
    const alarm = ofDefinition(key);
    const value = good[alarm.metric.metricName] ?? 0;
    const rungFirst = alarm.metric.metricName in good ? [0, 0, 0] : Array(3).fill(rungValue);
    const forged = [3, 4, 5, 6, 7].map((period) => ({ period, value }));
    const honest = statesOf(alarm, rungFirst, []).at(-1);
    const disturbed = statesOf(alarm, rungFirst, forged).at(-1);
    const isHushed = honest === 'ALARM' && disturbed !== 'ALARM';
    expect([key, coveredBy.length > 0]).toEqual([key, isHushed]);
  },
);

test('who covers an alarm ends at metrics that nobody can put, or at one that resists', () => {
  for (const [key, { coveredBy }] of definitions) {
    for (const other of coveredBy) {
      const definition = alarmDefinitions[other as AlarmKey] as AlarmDefinition | undefined;
      expect([key, other, definition?.coveredBy]).toEqual([key, other, []]);
    }
    if (coveredBy.length > 0) expect(coveredBy.filter(isOfAws)).not.toEqual([]);
  }
});
