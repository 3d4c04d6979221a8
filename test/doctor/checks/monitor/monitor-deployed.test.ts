import { examine } from '../../../../doctor/examine.ts';
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
