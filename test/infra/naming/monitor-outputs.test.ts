import { Template } from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { MwaaPrivilegeMonitor } from '../../../infra/mwaa-privilege-monitor.ts';
import { monitorOutputs } from '../../../infra/naming/monitor-outputs.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import { newApp, withoutBundling } from '../synthesized.ts';

/** The outputs of a stack, with references by the ids of what they refer to. */
function outputsIn(stack: Stack) {
  const { Outputs } = Template.fromStack(stack).toJSON();
  return Object.entries(Outputs as Record<string, { Value: unknown }>).map(
    ([OutputKey, output]) => ({
      OutputKey,
      OutputValue: typeof output.Value === 'string' ? output.Value : JSON.stringify(output.Value),
    }),
  );
}

test("each monitor's outputs have their plain names, whatever the construct is called", () => {
  const own = new Stack(newApp(withoutBundling), 'Own');
  new MwaaPrivilegeMonitor(own, 'Default', { environmentName: 'prod' });
  const plain = outputsIn(own).map(({ OutputKey }) => OutputKey);

  const shared = new Stack(newApp(withoutBundling), 'Shared');
  for (const [id, environmentName] of [
    ['Monitor', 'prod'],
    ['Monitor2', 'prod-2'],
    ['Deep', 'deep'],
  ] as const) {
    new MwaaPrivilegeMonitor(shared, id, { environmentName });
  }
  for (const name of ['prod', 'prod-2', 'deep']) {
    const found = monitorOutputs(
      outputsIn(shared),
      (value) => value === namesFor(name).alarms.test,
    );
    expect([...found.keys()]).toEqual(expect.arrayContaining(plain));
    expect(found.get('DashboardName')).toBe(namesFor(name).dashboard);
    expect(found.get('WatchedLogGroups')).toContain(`airflow-${name}-Task`);
  }
  expect([...monitorOutputs(outputsIn(own), () => false).keys()]).toEqual(plain);
});
