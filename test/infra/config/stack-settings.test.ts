import { Template } from 'aws-cdk-lib/assertions';
import { addAirflow } from '../../../infra/add-monitors.ts';
import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { newApp, withoutBundling } from '../synthesized.ts';

const boundary = 'arn:aws:iam::111122223333:policy/boundary';
const settings = {
  mwaaEnvironment: 'prod',
  account: '111122223333',
  region: 'eu-west-1',
  airflow: { airflowVersion: '3.0.6' },
  tags: { team: 'data' },
  permissionsBoundary: boundary,
  terminationProtection: true,
  scannerLogRetentionDays: 400,
};

function stacksWith(input: object) {
  const app = newApp(withoutBundling);
  const config = environmentSchema.parse(input);
  if (config.airflow !== undefined) addAirflow(app, { name: 'prod', config }, config.airflow);
  const monitor = new MonitorStack(app, 'MonitorStack-prod', {
    config,
    detections: loadDetections(),
  });
  return { monitor, assembly: app.synth() };
}

const { monitor, assembly } = stacksWith(settings);

test('every stack of an environment has the tags', () => {
  expect(assembly.stacks).toHaveLength(3);
  for (const { tags } of assembly.stacks) expect(tags).toEqual({ team: 'data' });
});

test('every role of an environment has the permissions boundary', () => {
  const roles = assembly.stacks.flatMap(({ template }) =>
    Object.values(
      template.Resources as Record<string, { Type: string; Properties: object }>,
    ).filter(({ Type }) => Type === 'AWS::IAM::Role'),
  );
  expect(roles.length).toBeGreaterThan(1);
  for (const { Properties } of roles) {
    expect(Properties).toMatchObject({ PermissionsBoundary: boundary });
  }
});

test('termination protection and the retention of the own log are those of the file', () => {
  expect(monitor.terminationProtection).toBe(true);
  Template.fromStack(monitor).hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: '/mwaa-privilege-monitor/prod',
    RetentionInDays: 400,
  });
});

test('without these settings, the stack has no tags, no boundary and no protection', () => {
  const plain = stacksWith({ mwaaEnvironment: 'prod' }).monitor;
  expect(plain.terminationProtection).toBe(false);
  const { Resources } = Template.fromStack(plain).toJSON();
  const named = Object.values(Resources as Record<string, { Properties?: object }>).flatMap(
    ({ Properties = {} }) => Object.keys(Properties),
  );
  expect(named).not.toContain('PermissionsBoundary');
  expect(named).not.toContain('Tags');
});
