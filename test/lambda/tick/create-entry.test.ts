import { PublishCommand } from '@aws-sdk/client-sns';
import { publishedTestSchema } from '../../../lambda/model/finding.ts';
import { testEvent } from '../../../lambda/notify/test-finding.ts';
import { createEntry } from '../../../lambda/tick/create-entry.ts';
import { awsError, healthyMonitor, scheduledEvent } from '../setup/monitor-fixture.ts';

const withTime = { getRemainingTimeInMillis: () => 60_000 };

test('a test event publishes one test finding, and reads and stores nothing', async () => {
  const { monitor, sns, logs, cloudWatch, lines } = healthyMonitor();
  const { environment, test } = Object(await createEntry(async () => monitor)(testEvent, withTime));
  const [call, ...others] = sns.commandCalls(PublishCommand);
  expect(others).toEqual([]);
  const { TopicArn, Message = '{}' } = call?.args[0].input ?? {};
  expect(TopicArn).toBe(monitor.config.findingsTopicArn);
  const { default: json } = JSON.parse(Message);
  const published = publishedTestSchema.parse(JSON.parse(json));
  expect([environment, test]).toEqual([
    monitor.config.mwaaEnvironment,
    { findingId: published.id, messageId: 'message-1' },
  ]);
  expect([logs.calls(), cloudWatch.calls()]).toEqual([[], []]);
  expect(lines.map(({ decision }) => decision)).toEqual(['test-published']);
});

test('a test event that chooses anything is refused, and nothing is published', async () => {
  const { monitor, sns, lines } = healthyMonitor();
  const event = { ...testEvent, title: 'click here' };
  await expect(createEntry(async () => monitor)(event, withTime)).rejects.toThrow(
    /^test event: .*"title"/,
  );
  expect(sns.calls()).toEqual([]);
  expect(lines.map(({ decision }) => decision)).toEqual(['test-failed']);
});

test('an error of SNS is the error of the invocation', async () => {
  const { monitor, sns } = healthyMonitor();
  sns.on(PublishCommand).rejects(awsError('AuthorizationErrorException'));
  await expect(createEntry(async () => monitor)(testEvent, withTime)).rejects.toThrow(
    expect.objectContaining({ name: 'AuthorizationErrorException' }),
  );
});

test('a scheduled event runs a tick, and anything else is refused as before', async () => {
  const { monitor } = healthyMonitor();
  const entry = createEntry(async () => monitor);
  expect(await entry(scheduledEvent, withTime)).toMatchObject({ scanCompleted: true });
  await expect(entry({ source: 'me' }, withTime)).rejects.toThrow(
    'scheduled event: field "source"',
  );
});
