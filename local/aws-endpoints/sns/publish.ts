import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../aws-error.ts';
import { defineOperation } from '../operation.ts';

/** Message and attributes together. */
const maxMessageBytes = 256 * 1024;

const input = z.looseObject({
  TopicArn: z
    .string()
    .regex(/^arn:[^:]+:sns:[^:]*:[^:]*:[A-Za-z0-9_-]{1,256}(\.fifo)?$/, 'the ARN of a topic'),
  Message: z.string().min(1, 'a message is not empty'),
  Subject: z
    .string()
    .min(1)
    .max(99, 'a subject has less than 100 characters')
    .regex(/^[\x20-\x7e]*$/, 'a subject holds printable ASCII only')
    .regex(/^[!-~]/, 'a subject begins with a letter, a number or a punctuation mark')
    .optional(),
  MessageStructure: z
    .undefined('a message per protocol (MessageStructure) is not supported here')
    .optional(),
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const publish = defineOperation('Publish', 'InvalidParameter', input, (request, context) => {
  const { TopicArn: topicArn, Message: message, Subject: subject, ...others } = request;
  if (context.topicArns && !context.topicArns.has(topicArn)) {
    throw new AwsError('NotFound', `Topic does not exist: ${topicArn}`, { httpStatus: 404 });
  }
  const attributes = messageAttributes(others);
  const bytes = Buffer.byteLength(message) + attributeBytes(attributes);
  if (bytes > maxMessageBytes) {
    throw new AwsError(
      'InvalidParameter',
      `Message too long: ${bytes} bytes with its attributes, at the most ${maxMessageBytes}`,
    );
  }
  const messageId = randomUUID();
  context.notifications.record({
    topicArn,
    message,
    messageId,
    attributes,
    publishedEpochMs: context.clock.nowEpochMs(),
    ...(subject !== undefined && { subject }),
  });
  return { MessageId: messageId };
});

/** The form writes attribute N as `MessageAttributes.entry.N.Name` and `….Value.StringValue`. */
function messageAttributes(form: Readonly<Record<string, unknown>>): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [key, name] of Object.entries(form)) {
    const entry = /^(MessageAttributes\.entry\.\d+)\.Name$/.exec(key)?.[1];
    if (entry === undefined) continue;
    const value = form[`${entry}.Value.StringValue`];
    if (typeof value !== 'string') {
      throw new AwsError('InvalidParameter', `the attribute ${name} has no StringValue`);
    }
    attributes[String(name)] = value;
  }
  return attributes;
}

function attributeBytes(attributes: Readonly<Record<string, string>>): number {
  return Object.entries(attributes).reduce(
    (total, [name, value]) => total + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
}
