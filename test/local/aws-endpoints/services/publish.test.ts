import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { clientFor, endpoints, now, stopEndpoints } from '../with-endpoints.ts';

afterEach(stopEndpoints);

const topic = 'arn:aws:sns:us-east-1:000000000000:findings';

async function publish(changes: Partial<PublishCommandInput> = {}, topicArns?: string[]) {
  const started = await endpoints(topicArns && { topicArns });
  const client = new SNSClient(clientFor(started));
  const input = { TopicArn: topic, Subject: 'bob was given role Admin', Message: 'm', ...changes };
  const { MessageId } = await client.send(new PublishCommand(input));
  return { MessageId, notifications: started.notifications.all() };
}

function attribute(name: string, DataType: string, StringValue: string | undefined) {
  return { MessageAttributes: { [name]: { DataType, StringValue } } };
}

test('a message is stored with its id, subject, attributes and time', async () => {
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

test('a message per protocol is stored as sent, and by protocol', async () => {
  const Message = JSON.stringify({ default: '{"id":"1"}', email: 'a\nb', unknown: 1 });
  const { notifications } = await publish({ Message, MessageStructure: 'json' });
  expect(notifications[0]).toMatchObject({
    message: Message,
    messageByProtocol: { default: '{"id":"1"}', email: 'a\nb' },
  });
});

test('an array attribute is stored as an array', async () => {
  const { notifications } = await publish(attribute('detection', 'String.Array', '["a","b",1]'));
  expect(notifications[0]?.attributes).toEqual({ detection: ['a', 'b', 1] });
});

test.each(['ä 😀 & <b> % + = \n\t', 'x'.repeat(262_100), '{"a":"\\u0000"}'])(
  'the message %p is unchanged',
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
  ['a structure other than json', { MessageStructure: 'xml' }, 'MessageStructure: '],
  [
    'a message per protocol that is not JSON',
    { MessageStructure: 'json', Message: '{"default":' },
    'failed to parse',
  ],
  [
    'a message per protocol without a default',
    { MessageStructure: 'json', Message: '{"email":"m"}' },
    'No default entry',
  ],
  [
    'a default that is not text',
    { MessageStructure: 'json', Message: '{"default":{"a":1}}' },
    'No default entry',
  ],
  ['an attribute without a value', attribute('a', 'String', undefined), 'has no StringValue'],
  ['an attribute with a name of SNS', attribute('AWS.a', 'String', 'b'), 'is not a name'],
  ['an attribute of another type', attribute('a', 'String.Map', 'b'), 'String.Map'],
  ['a text instead of an array', attribute('a', 'String.Array', '"b"'), 'is not a JSON array'],
  ['an array of arrays', attribute('a', 'String.Array', '[["b"]]'), 'is not a JSON array'],
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
