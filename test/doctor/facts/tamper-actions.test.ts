import { roleMonitorTampering } from '../../../doctor/checks/role/role-tampering.ts';
import { factsOf } from '../../../doctor/facts/facts.ts';
import { tamperedTypes, tamperRequests } from '../../../doctor/facts/tamper-actions.ts';
import { roleAlsoMay } from '../../../doctor/fixtures/parts/change.ts';
import { healthy } from '../../../doctor/fixtures/parts/healthy.ts';
import { account, monitorResources, region } from '../../../doctor/fixtures/parts/place.ts';
import { templateOf } from '../../infra/synthesized.ts';
import type { TemplateJson } from '../../infra/template-walk.ts';

/** Whose change is a change of the resource that they belong to, or silences nothing. */
const withoutActions = [
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::EventBusPolicy',
  'AWS::IAM::Policy',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Logs::QueryDefinition',
  'AWS::SNS::Subscription',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
];

test('for each type of resource in the monitor’s template, it is known which actions silence it', () => {
  const notify = { email: ['oncall@example.com'], eventBus: true };
  const { Resources } = templateOf({ notify }).toJSON() as TemplateJson;
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  const known = [...withoutActions, ...tamperedTypes, 'AWS::CDK::Metadata'];
  expect([...types].filter((type) => !known.includes(type))).toEqual([]);
  const unused = tamperedTypes.filter((type) => !types.has(type));
  expect(unused).toEqual(['AWS::CloudFormation::Stack']);
});

const place = { partition: 'aws', region, accountId: account };
const requests = [
  ...monitorResources,
  {
    ResourceType: 'AWS::CloudWatch::Alarm',
    PhysicalResourceId: 'mwaa-privilege-monitor-prod-airflow-silent',
  },
  {
    ResourceType: 'AWS::Logs::LogGroup',
    PhysicalResourceId: '/mwaa-privilege-monitor/prod-airflow',
  },
  { ResourceType: 'AWS::CloudFormation::Stack', PhysicalResourceId: 'MonitorStack-prod' },
].flatMap((resource) => tamperRequests(resource, place));
const each = requests.flatMap(({ actions, resource }) =>
  actions.map((action): [string, string] => [action, resource]),
);

test.each(each)('a role that may %s on %s is noticed', (action, resource) => {
  const observed = healthy();
  roleAlsoMay({ Effect: 'Allow', Action: action, Resource: resource })(observed);
  const judged = [roleMonitorTampering.look(factsOf(observed))].flat();
  expect(judged).toMatchObject([{ result: 'fail', evidence: expect.stringContaining(action) }]);
});
