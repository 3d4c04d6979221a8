import { environmentSchema } from '../../../infra/config/environment-config.ts';
import { MonitorStack } from '../../../infra/monitor-stack.ts';
import { digestOf, minimalMessage } from '../../../lambda/messages/digest.ts';
import { notificationOf } from '../../../lambda/messages/notification.ts';
import { severities } from '../../../lambda/model/severity.ts';
import { loadDetections } from '../../../queries/tools/load-detections.ts';
import { sampleFinding, sampleSender } from '../../lambda/setup/sample-finding.ts';
import { newApp, templateOf, withoutBundling } from '../synthesized.ts';
import { resourcesOf, type TemplateJson } from '../template-walk.ts';
import { type Attributes, getsMessage } from './filter-policy.ts';

const place = { account: '111122223333', region: 'eu-west-1' };
const existingTopicArn = 'arn:aws:sns:eu-west-1:111122223333:security';
const lists = {
  email: ['all@example.com', { address: 'worst@example.com', minSeverity: 'critical' }],
  findings: {
    email: ['findings@example.com', { address: 'high@example.com', minSeverity: 'high' }],
  },
  alarms: { email: ['alarms@example.com'] },
};

const finding = (severity: (typeof severities)[number]) => ({ ...sampleFinding, severity });
const sender = { sender: sampleSender, following: 0 };
/** Each kind of message about findings of a severity and milder ones, with its attributes. */
const messages = severities.flatMap((severity): [string, number, Attributes][] => {
  const rank = severities.indexOf(severity);
  const about = [finding('low'), { ...finding(severity), id: 'f'.repeat(32) }];
  return [
    notificationOf(finding(severity), sampleSender),
    notificationOf(finding(severity), sampleSender, { update: true }),
    digestOf(about, sender).notification,
    minimalMessage(about, sampleSender).notification,
  ].map(({ MessageAttributes }) => [
    MessageAttributes.kind?.StringValue ?? '',
    rank,
    MessageAttributes,
  ]);
});
/** CloudWatch and EventBridge give their messages no attributes. */
const alarm: Attributes = {};

interface Subscription {
  readonly topic: string;
  readonly filterPolicy: object | undefined;
}

/** By address, its subscriptions in the template. */
function subscriptionsOf(notify: object): Map<string, Subscription[]> {
  const template = templateOf({ ...place, notify }).toJSON() as TemplateJson;
  const all = resourcesOf(template, 'AWS::SNS::Subscription').map(([, { Properties }]) => {
    const { Endpoint, TopicArn, FilterPolicy, Protocol, FilterPolicyScope } = Properties;
    expect(Protocol).toBe('email');
    expect(FilterPolicyScope ?? 'MessageAttributes').toBe('MessageAttributes');
    const topic = JSON.stringify(TopicArn).replace(/.*"(\w+?Topic)[0-9A-F]{8}".*/, '$1');
    return { address: String(Endpoint), topic, filterPolicy: FilterPolicy as object | undefined };
  });
  return Map.groupBy(all, ({ address }) => address);
}

/** Which severities of findings reach an address, and whether alarms do. */
function reaching(
  subscriptions: readonly Subscription[],
  topics: { findings: string; alarms: string },
) {
  const on = (topic: string) => subscriptions.filter((one) => one.topic === topic);
  const gets = (topic: string, attributes: Attributes) =>
    on(topic).filter(({ filterPolicy }) => getsMessage(filterPolicy, attributes)).length;
  const ranks = messages.map(([kind, rank, attributes]) => ({
    // A digest is as bad as its worst finding, and `info` is never sent alone.
    rank: kind === 'digest' || kind === 'minimal' ? Math.max(rank, 1) : rank,
    times: gets(topics.findings, attributes),
  }));
  expect(ranks.filter(({ times }) => times > 1)).toEqual([]);
  const reached = ranks.filter(({ times }) => times === 1).map(({ rank }) => rank);
  const missed = ranks.filter(({ times }) => times === 0).map(({ rank }) => rank);
  const from = reached.length === 0 ? undefined : severities[Math.min(...reached)];
  expect(Math.max(-1, ...missed)).toBeLessThan(Math.min(severities.length, ...reached));
  return { from, alarms: gets(topics.alarms, alarm) };
}

const expected = {
  'all@example.com': { from: 'info', alarms: 1 },
  'worst@example.com': { from: 'critical', alarms: 1 },
  'findings@example.com': { from: 'info', alarms: 0 },
  'high@example.com': { from: 'high', alarms: 0 },
  'alarms@example.com': { from: undefined, alarms: 1 },
};

test.each([
  ['topics of the stack', {}, { findings: 'FindingsTopic', alarms: 'AlarmTopic' }],
  [
    'an existing topic',
    { existingTopicArn },
    { findings: `"${existingTopicArn}"`, alarms: `"${existingTopicArn}"` },
  ],
])('with %s, each address gets what its list and its severity say, once', (_, where, topics) => {
  const found = subscriptionsOf({ ...lists, ...where });
  const reached = [...found].map(([address, all]) => [address, reaching(all, topics)]);
  expect(Object.fromEntries(reached)).toEqual(expected);
});

test('an address in both lists has one subscription to an existing topic, in whatever case it is', () => {
  const found = subscriptionsOf({
    existingTopicArn,
    findings: { email: [{ address: 'Both@example.com', minSeverity: 'high' }] },
    alarms: { email: ['both@example.com'] },
  });
  const topic = `"${existingTopicArn}"`;
  const all = [...found.values()].flat();
  expect(all).toHaveLength(1);
  expect(reaching(all, { findings: topic, alarms: topic })).toEqual({ from: 'high', alarms: 1 });
});

test('plain addresses have the subscriptions that they had before there were lists', () => {
  const template = templateOf({ ...place, notify: { email: ['a@example.com'] } });
  const subscriptions = resourcesOf(template.toJSON() as TemplateJson, 'AWS::SNS::Subscription');
  expect(subscriptions.map(([id]) => id).toSorted()).toEqual([
    'AlarmTopicaexamplecom4B1DAC17',
    'FindingsTopicaexamplecomB7E55FB6',
  ]);
  for (const [, { Properties }] of subscriptions) {
    expect(Object.keys(Properties).toSorted()).toEqual(['Endpoint', 'Protocol', 'TopicArn']);
  }
});

test('an existing topic takes the place of both, with every alarm, notice and right to publish', () => {
  const template = templateOf({ ...place, notify: { email: [], existingTopicArn } }).toJSON();
  const json = template as TemplateJson;
  expect(resourcesOf(json, 'AWS::SNS::Topic')).toEqual([]);
  expect(resourcesOf(json, 'AWS::SNS::TopicPolicy')).toEqual([]);
  const actions = resourcesOf(json, 'AWS::CloudWatch::Alarm').map(
    ([, { Properties }]) => Properties.AlarmActions,
  );
  expect(actions.length).toBeGreaterThan(10);
  expect(new Set(actions.map((each) => JSON.stringify(each)))).toEqual(
    new Set([JSON.stringify([existingTopicArn])]),
  );
  const { Outputs } = template;
  expect([Outputs.AlarmTopicArn.Value, Outputs.FindingsTopicArn.Value]).toEqual([
    existingTopicArn,
    existingTopicArn,
  ]);
});

/** What the synthesis says. */
function saidOf(notify: object): string[] {
  const config = environmentSchema.parse({ mwaaEnvironment: 'prod', ...place, notify });
  const app = newApp(withoutBundling);
  new MonitorStack(app, 'Monitor', { config, detections: loadDetections() });
  const { messages: all } = app.synth().getStackByName('Monitor');
  return all.map(({ entry }) => String(entry.data));
}

test.each([
  [{ findings: { email: ['a@example.com'] } }, 'Nobody is notified of alarms'],
  [{ alarms: { email: ['a@example.com'] } }, 'Nobody is notified of findings:'],
  [{}, 'Nobody is notified of findings and alarms'],
])('a topic that nobody hears is warned of: %j', (notify, warning) => {
  expect(saidOf(notify)).toMatchObject([expect.stringContaining(warning)]);
});

test.each([
  [{ email: ['a@example.com'], findings: { email: ['a@example.com'] } }, 'notify.findings.email'],
  [{ email: ['a@example.com', 'a@example.com'] }, 'notify.email'],
  [{ email: ['a@example.com'], alarms: { email: ['a@example.com'] } }, 'notify.alarms.email'],
  [{ email: [{ address: 'a@example.com', minSeverity: 'worst' }] }, 'notify.email.0'],
  [{ existingTopicArn: `${existingTopicArn}.fifo` }, 'notify.existingTopicArn'],
  [{ existingTopicArn: 'arn:aws:sns:eu-west-1:444455556666:security' }, 'notify.existingTopicArn'],
  [
    {
      existingTopicKmsKeyArn:
        'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000001',
    },
    'notify.existingTopicKmsKeyArn',
  ],
])('what cannot be deployed is refused: %j', (notify, path) => {
  const { error } = environmentSchema.safeParse({ mwaaEnvironment: 'prod', ...place, notify });
  expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
});
