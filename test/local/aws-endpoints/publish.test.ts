import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { clientFor, endpoints, now, stopEndpoints } from './with-endpoints.ts';

afterEach(stopEndpoints);

const topic = 'arn:aws:sns:us-east-1:000000000000:findings';

async function publish(changes: Partial<PublishCommandInput> = {}, topicArns?: string[]) {
  const started = await endpoints(topicArns && { topicArns });
  const client = new SNSClient(clientFor(started));
  const input = { TopicArn: topic, Subject: 'bob was given role Admin', Message: 'm', ...changes };
  const { MessageId } = await client.send(new PublishCommand(input));
  return { MessageId, notifications: started.notifications.all() };
}

test('a message is kept with its id, subject, attributes and time', async () => {
  const { MessageId, notifications } = await publish({
    MessageAttributes: {
      severity: { DataType: 'String', StringValue: 'critical' },
      environment: { DataType: 'String', StringValue: 'prod' },
    },
  });
  expect(notifications).toEqual([
    {
      topicArn: topic,
      subject: 'bob was given role Admin',
      message: 'm',
      attributes: { severity: 'critical', environment: 'prod' },
      messageId: MessageId,
      publishedEpochMs: now,
    },
  ]);
});

test.each(['ä 😀 & <b> % + = \n\t', 'x'.repeat(262_100), '{"a":"\\u0000"}'])(
  'the message %p comes through unchanged',
  async (Message) => {
    const { notifications } = await publish({ Message });
    expect(notifications[0]?.message).toBe(Message);
  },
);

test('a message without a subject has none', async () => {
  const { notifications } = await publish({ Subject: undefined });
  expect(notifications[0]).not.toHaveProperty('subject');
});

test.each([
  ['a subject of 100 characters', { Subject: 'x'.repeat(100) }, 'Subject: '],
  ['a subject that is not ASCII', { Subject: 'Équipe' }, 'Subject: '],
  ['a subject of two lines', { Subject: 'a\nb' }, 'Subject: '],
  ['a subject that begins with a blank', { Subject: ' a' }, 'Subject: '],
  ['an empty message', { Message: '' }, 'Message: '],
  ['a message over 256 kB', { Message: 'é'.repeat(131_100) }, 'Message too long'],
  ['a topic that is not an ARN', { TopicArn: 'findings' }, 'TopicArn: '],
  ['a message per protocol', { MessageStructure: 'json' }, 'MessageStructure: '],
])('%s is refused by its rule', async (_what, changes, message) => {
  await expect(publish(changes)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringContaining(message),
    $metadata: { httpStatusCode: 400 },
  });
});

test('a topic that does not exist is not found', async () => {
  await expect(publish({}, [`${topic}-2`])).rejects.toMatchObject({
    name: 'NotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  expect((await publish({}, [topic])).notifications).toHaveLength(1);
});
