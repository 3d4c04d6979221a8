import { DeployedTemplates, type OneTemplate } from '../deployed-templates.ts';
import { unheardAlarms } from './alarm-walk.ts';
import { monitorDeployment, monitorTemplate } from './deployments.ts';
import { removalsOf } from './removals.ts';

const template = monitorTemplate();
const { access, deployed } = monitorDeployment([template]);
const alarms = deployed.all('AWS::CloudWatch::Alarm').map(({ name }) => name);

test('every alarm is heard: its action, its topic and the topic’s key let CloudWatch in', () => {
  expect(alarms.length).toBeGreaterThan(20);
  expect(unheardAlarms(deployed, access)).toEqual(new Map());
});

test.each([
  ['AlarmTopicPolicy309DB5F8: AllowAlarmsOfThisMonitor', 'CloudWatch may not sns:Publish'],
  ['Key961B73FD: AllowCloudWatchAlarmsToPublish', 'CloudWatch may not kms:Decrypt'],
  ['AllowCloudWatchAlarmsToPublish: Action kms:Decrypt', 'CloudWatch may not kms:Decrypt'],
  [
    'AllowCloudWatchAlarmsToPublish: Action kms:GenerateDataKey*',
    'CloudWatch may not kms:GenerateDataKey',
  ],
])('nobody hears an alarm without %s', (part, why) => {
  const [removal, ...others] = access.policies
    .flatMap(removalsOf)
    .filter(({ what }) => what.endsWith(part));
  if (removal === undefined || others.length > 0) throw new Error(`there is not one part ${part}`);
  const without = access.replacing(removal.policy, removal.document);
  expect(unheardAlarms(deployed, without)).toEqual(new Map(alarms.map((name) => [name, why])));
});

const withProperties = (type: string, properties: object): OneTemplate => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => [
      id,
      resource.Type === type
        ? { ...resource, Properties: { ...resource.Properties, ...properties } }
        : resource,
    ]),
  ),
});

test.each([
  ['alarms without an action', 'AWS::CloudWatch::Alarm', { AlarmActions: [] }, 'has no action'],
  [
    'alarms whose actions are switched off',
    'AWS::CloudWatch::Alarm',
    { ActionsEnabled: false },
    'has no action',
  ],
  [
    'alarms on another topic',
    'AWS::CloudWatch::Alarm',
    { AlarmActions: ['arn:aws:sns:eu-west-1:111122223333:other'] },
    'acts on arn:aws:sns:eu-west-1:111122223333:other',
  ],
  [
    'alarms on a topic that has AWS’s own key, which CloudWatch cannot use',
    'AWS::SNS::Topic',
    { KmsMasterKeyId: 'alias/aws/sns' },
    'its topic has no key of the templates',
  ],
])('nobody hears %s', (_case, type, properties, why) => {
  const changed = new DeployedTemplates([withProperties(type, properties)], deployed.place);
  expect(unheardAlarms(changed, access)).toEqual(new Map(alarms.map((name) => [name, why])));
});
