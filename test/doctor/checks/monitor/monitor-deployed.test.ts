import { examine } from '../../../../doctor/examine.ts';
import { defaultExpectations } from '../../../../doctor/facts/facts.ts';
import { fixture } from '../../../../doctor/fixtures/fixtures.ts';
import { knownValue } from '../../../../doctor/fixtures/parts/change.ts';
import { type Observed, observedSchema } from '../../../../doctor/shapes/observation.ts';

const alarmsOf = ({ monitor }: Observed) => knownValue(monitor.alarms);

function resultWithout(alarm: string): string | undefined {
  const observed = observedSchema.parse(structuredClone(fixture('healthy')));
  alarmsOf(observed).splice(
    alarmsOf(observed).findIndex(({ AlarmName }) => AlarmName === alarm),
    1,
  );
  return examine(observed).checks.find(({ id }) => id === 'monitor-deployed')?.result;
}

const names = alarmsOf(observedSchema.parse(fixture('healthy'))).map(
  ({ AlarmName = '' }) => AlarmName,
);

test.each(names)('a deleted alarm is missed unless a setting switches it off: %s', (name) => {
  expect(resultWithout(name)).toBe(name.includes('-add-role-') ? 'pass' : 'fail');
});

function monitorCheck(id: string, fixtureName: string, file: string | undefined) {
  const observed = observedSchema.parse(fixture(fixtureName));
  const { checks } = examine(observed, { ...defaultExpectations, file });
  return checks.find((check) => check.id === id);
}

test.each([
  ['live', 'npx cdk deploy MonitorStack-live'],
  [undefined, 'npx cdk deploy -c mwaaEnvironment=prod-airflow -c email=ADDRESS'],
])('a monitor is deployed by its file or by its options: %s', (file, command) => {
  const { fixes = [] } = monitorCheck('monitor-deployed', 'not-monitored', file) ?? {};
  expect(fixes.flatMap(({ commands }) => commands)).toEqual([command]);
});

test.each([
  ['prod', 'pass'],
  [undefined, 'pass'],
  ['live', 'warn'],
])('a file that would deploy a second stack is reported: %s', (file, result) => {
  const check = monitorCheck('monitor-stack', 'healthy', file);
  expect(check?.result).toBe(result);
  if (result === 'warn') {
    expect(check?.evidence).toContain(
      'it is deployed as MonitorStack-prod, but environments/live.yaml describes MonitorStack-live',
    );
    expect(check?.fixes).toEqual([
      expect.objectContaining({ text: expect.stringContaining('Rename the file to prod.yaml') }),
    ]);
  }
});
