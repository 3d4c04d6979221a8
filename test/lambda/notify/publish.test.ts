import { PublishCommand } from '@aws-sdk/client-sns';
import { deadlineIn } from '../../../lambda/common/time.ts';
import type { Notification } from '../../../lambda/messages/notification.ts';
import { publish, publishFailure } from '../../../lambda/notify/send-message.ts';
import { awsError, healthyMonitor, runtimeConfig } from '../setup/monitor-fixture.ts';

const notification: Notification = {
  ...{ Subject: 's', Message: '{}', MessageStructure: 'json', MessageAttributes: {} },
};
const lost = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

function publishing(fixture: ReturnType<typeof healthyMonitor>) {
  return publish(fixture.shell, notification, deadlineIn(fixture.timer, 10_000));
}

function calls({ sns }: ReturnType<typeof healthyMonitor>) {
  return sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
}

test('a message is published to the findings topic, once', async () => {
  const fixture = healthyMonitor();
  await publishing(fixture);
  expect(calls(fixture)).toEqual([{ TopicArn: runtimeConfig.findingsTopicArn, ...notification }]);
});

test('a publish whose answer was lost may have gone out: it is not retried', async () => {
  const fixture = healthyMonitor();
  fixture.sns.on(PublishCommand).rejects(lost);
  await expect(publishing(fixture)).rejects.toBe(lost);
  expect(calls(fixture)).toHaveLength(1);
});

test('a publish that SNS answers with 503 may have gone out as well', async () => {
  const fixture = healthyMonitor();
  fixture.sns.on(PublishCommand).rejects(awsError('ServiceUnavailable', 'away', 503));
  const error = await publishing(fixture).catch((cause) => cause);
  expect(publishFailure(error)).toBe('unknown');
  expect(calls(fixture)).toHaveLength(1);
});

test.each([
  awsError('ThrottledException', 'slow down', 429),
  Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
])('a publish that was not accepted (%s) is retried until it is', async (error) => {
  const fixture = healthyMonitor();
  fixture.sns.on(PublishCommand).rejectsOnce(error).rejectsOnce(error).resolves({});
  await publishing(fixture);
  expect(calls(fixture)).toHaveLength(3);
});

test.each([
  ['unknown', lost],
  ['unknown', awsError('InternalErrorException', 'oops', 500)],
  ['unknown', awsError('TimeoutError')],
  ['refused', awsError('InvalidParameterException', 'Invalid parameter: Subject')],
  ['refused', awsError('InvalidParameter', 'Invalid parameter: Message too long')],
  ['refused', awsError('InvalidParameterValueException', 'bad attribute')],
  ['refused', awsError('ParameterValueInvalid')],
  ['refused', awsError('ValidationException')],
  ['failed', awsError('NotFoundException', 'Topic does not exist', 404)],
  ['failed', awsError('AuthorizationErrorException', 'not authorized', 403)],
  ['failed', awsError('KMSDisabledException', 'key is disabled')],
  ['failed', awsError('ThrottledException', 'slow down', 429)],
  ['failed', awsError('ServiceUnavailable', 'away', 503)],
  ['failed', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
  ['failed', 'not an error'],
])('a publish is %s after %s', (meaning, error) => {
  expect(publishFailure(error)).toBe(meaning);
});

test('a publish that was throttled until the deadline was not sent', async () => {
  const fixture = healthyMonitor();
  fixture.sns.on(PublishCommand).rejects(awsError('ThrottledException', 'slow down', 429));
  const error = await publishing(fixture).catch((reason: unknown) => reason);
  expect(publishFailure(error)).toBe('failed');
});
