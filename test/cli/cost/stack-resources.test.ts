import { stackResources } from '../../../cli/cost/stack-resources.ts';
import { synthesizedMonitor } from '../../../cli/cost/synthesized-monitor.ts';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import { alarmDefinitions, metricDefinitions } from '../../../lambda/metrics/metric-definitions.ts';
import type { MetricDefinition } from '../../../lambda/metrics/metric-shape.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import type { Template } from '../../../local/alarms/read-alarms.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { templateOf, withWitness } from '../../infra/synthesized.ts';

const { prefix } = namesFor('prod');
const resourcesOf = (fields?: object) =>
  stackResources(templateOf(fields).toJSON() as Template, prefix);
const manyOf = (per: string) => (per === 'log-group' ? logTypes.length : 1);

test('the template names every metric that a tick puts, with its sets of dimensions', () => {
  const definitions = Object.values<MetricDefinition>(metricDefinitions).map(({ name, per }) => ({
    ...{ name, count: manyOf(per) },
    dimensions: ['Environment', ...(per === 'log-group' ? ['LogGroup'] : [])],
  }));
  expect(resourcesOf(withWitness).metrics.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    definitions.toSorted((a, b) => a.name.localeCompare(b.name)),
  );
});

test('every alarm of the template is counted under its own name', () => {
  const { alarms } = resourcesOf(withWitness);
  expect(alarms).toHaveLength(Object.keys(alarmDefinitions).length);
  const total = alarms.reduce((sum, { count }) => sum + count, 0);
  const inTemplate = Object.values((templateOf(withWitness).toJSON() as Template).Resources).filter(
    ({ Type }) => Type === 'AWS::CloudWatch::Alarm',
  );
  expect(total).toBe(inTemplate.length);
  expect(alarms).toContainEqual({ name: 'blind', metric: 'LogGroupCovered', count: 5 });
  expect(alarms).toContainEqual({ name: 'daily-bytes', metric: 'DailyBytesScanned', count: 1 });
});

test('alarms that are switched off do not count', () => {
  const { alarms } = resourcesOf({ notify: { documentedAlarms: false } });
  expect(alarms.map(({ name }) => name)).not.toContain('add-role');
});

test('a second witness is a function with its memory, and without one there is none', () => {
  expect(resourcesOf(withWitness).witnessMegabytes).toBe(512);
  expect(resourcesOf().witnessMegabytes).toBeUndefined();
});

test('a function that is neither is refused', () => {
  const { Resources } = templateOf().toJSON() as Template;
  const New = { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 128 } };
  expect(() => stackResources({ Resources: { ...Resources, New } }, prefix)).toThrow(
    'a monitor has a scanner with its memory, and at most a witness beside it, got 2 functions with 512, 128 MB',
  );
});

test('the command synthesizes the template that is deployed', () => {
  const config = environmentSchema.parse({
    ...{ mwaaEnvironment: 'prod', notify: { email: ['oncall@example.com'] } },
  });
  const template = synthesizedMonitor(config, loadDetections());
  expect(stackResources(template, prefix)).toEqual(resourcesOf());
});

test.each([
  ['AWS::S3::Bucket', 'the price of AWS::S3::Bucket is not known'],
  ['AWS::CloudWatch::CompositeAlarm', 'the price of AWS::CloudWatch::CompositeAlarm is not known'],
])('a %s in the template, which has no price here, is refused', (Type, message) => {
  const { Resources } = templateOf().toJSON() as Template;
  expect(() => stackResources({ Resources: { ...Resources, New: { Type } } }, prefix)).toThrow(
    message,
  );
});

test('an alarm of another kind, such as one of seconds, is refused', () => {
  const { Resources } = templateOf().toJSON() as Template;
  const [id = '', alarm] =
    Object.entries(Resources).find(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm') ?? [];
  const quick = { ...alarm, Properties: { ...alarm?.Properties, Period: 10 } } as never;
  expect(() => stackResources({ Resources: { ...Resources, [id]: quick } }, prefix)).toThrow(
    /a period is at least 60 seconds here/,
  );
});
