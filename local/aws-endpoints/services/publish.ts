import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { defineOperation } from '../protocol/operation.ts';
import type { TopicsContext } from './list-subscriptions-by-topic.ts';
import { attributeBytes, messageAttributes } from './message-attributes.ts';
import { messageByProtocol } from './message-by-protocol.ts';

/** Limit for message and attributes together. */
const maxMessageBytes = 256 * 1024;

const input = z.looseObject({
  TopicArn: z
    .string()
    .regex(/^arn:[^:]+:sns:[^:]*:[^:]*:[A-Za-z0-9_-]{1,256}(\.fifo)?$/, 'the ARN of a topic'),
  Message: z.string().min(1, 'a message must not be empty'),
  Subject: z
    .string()
    .min(1)
    .max(99, 'a subject has fewer than 100 characters')
    .regex(/^[\x20-\x7e]*$/, 'a subject contains printable ASCII only')
    .regex(/^[!-~]/, 'a subject starts with a letter, a digit or a punctuation mark')
    .optional(),
  MessageStructure: z.literal('json', 'json, or not given').optional(),
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const publish = defineOperation(
  'Publish',
  'InvalidParameter',
  input,
  (request, context: TopicsContext) => {
    const { TopicArn: topicArn, Message: message, Subject: subject, ...others } = request;
    if (context.topicArns && !context.topicArns.has(topicArn)) {
      throw new AwsError('NotFound', `Topic does not exist: ${topicArn}`, { httpStatus: 404 });
    }
    const { MessageStructure: structure, ...form } = others;
    const attributes = messageAttributes(form);
    const bytes = Buffer.byteLength(message) + attributeBytes(form);
    if (bytes > maxMessageBytes) {
      throw new AwsError(
        'InvalidParameter',
        `Message too long: ${bytes} bytes with its attributes, at most ${maxMessageBytes}`,
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
      ...(structure === 'json' && { messageByProtocol: messageByProtocol(message) }),
    });
    return { MessageId: messageId };
  },
);
