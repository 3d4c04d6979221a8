import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AttributeValue, NotificationRecorder } from '../../recorders.ts';
import { AwsError, defineOperation, type OperationContext } from '../protocol/operation.ts';

type Form = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const namePattern = /^(?!(?:aws|amazon)\.)(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)$/i;
const arraySchema = z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]));

/**
 * The message attributes of a Publish form, in which attribute N is
 * `MessageAttributes.entry.N.Name`, `….Value.DataType` and `….Value.StringValue`.
 *
 * @throws AwsError for attributes that SNS rejects, for types other than String, Number and
 *   String.Array, and for arrays that no filter policy could match
 */
function messageAttributes(form: Form): Record<string, AttributeValue> {
  return Object.fromEntries(
    entriesOf(form).map(({ name, dataType, value }) => {
      if (!namePattern.test(name)) throw invalid(name, 'is not a name that SNS allows');
      if (typeof value !== 'string' || value === '') throw invalid(name, 'has no StringValue');
      if (dataType === 'String' || dataType === 'Number') return [name, value];
      if (dataType === 'String.Array') return [name, readArray(name, value)];
      throw invalid(name, `has the type ${dataType}, which is not supported here`);
    }),
  );
}

/** The attributes' part of the message size: names, types and values all count. */
function attributeBytes(form: Form): number {
  return entriesOf(form)
    .flatMap(({ name, dataType, value }) => [name, dataType, value])
    .reduce<number>((total, text) => total + Buffer.byteLength(String(text ?? '')), 0);
}

function entriesOf(form: Form) {
  return Object.entries(form).flatMap(([key, name]) => {
    const entry = /^(MessageAttributes\.entry\.\d+)\.Name$/.exec(key)?.[1];
    if (entry === undefined) return [];
    const dataType = form[`${entry}.Value.DataType`];
    return [{ name: String(name), dataType, value: form[`${entry}.Value.StringValue`] }];
  });
}

function readArray(name: string, value: string): AttributeValue {
  let array: unknown;
  try {
    array = JSON.parse(value);
  } catch (cause) {
    throw invalid(name, 'is not a JSON array', cause);
  }
  const { success, data } = arraySchema.safeParse(array);
  if (!success) throw invalid(name, 'is not a JSON array of strings, numbers, booleans and nulls');
  return data;
}

function invalid(name: string, problem: string, cause?: unknown): AwsError {
  return new AwsError('InvalidParameter', `the message attribute ${name} ${problem}`, { cause });
}

const messageSchema = z.looseObject({ default: z.string() });

/**
 * Reads a message with a text per protocol (MessageStructure `json`): an object whose `default`
 * applies to every protocol that it does not name. Values other than strings are ignored, as SNS
 * documents.
 *
 * @throws AwsError with SNS's own message
 */
function messageByProtocol(message: string): Readonly<Record<string, string>> {
  const { success, data } = messageSchema.safeParse(parse(message));
  if (!success) throw invalidStructure('No default entry in JSON message body');
  return Object.fromEntries(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch (cause) {
    throw invalidStructure('JSON message body failed to parse', cause);
  }
}

function invalidStructure(problem: string, cause?: unknown): AwsError {
  const text = `Invalid parameter: Message Structure - ${problem}`;
  return new AwsError('InvalidParameter', text, { cause });
}

/** One subscription of a topic, as SNS lists it. */
export interface Subscription {
  readonly topicArn: string;
  /** `email`, `sqs`, and so on. */
  readonly protocol: string;
  readonly endpoint: string;
  /** An ARN, `PendingConfirmation` or `Deleted`. */
  readonly subscriptionArn: string;
}

export interface TopicsContext extends OperationContext {
  /** Undefined when every topic exists. */
  readonly topicArns: ReadonlySet<string> | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly notifications: NotificationRecorder;
}

/**
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 *
 * Returns all subscriptions on one page.
 */
export const listSubscriptionsByTopic = defineOperation(
  'ListSubscriptionsByTopic',
  'InvalidParameter',
  z.looseObject({ TopicArn: z.string().min(1) }),
  ({ TopicArn }, { subscriptions, topicArns, place }: TopicsContext) => {
    if (topicArns && !topicArns.has(TopicArn)) {
      throw new AwsError('NotFound', 'Topic does not exist', { httpStatus: 404 });
    }
    return {
      Subscriptions: subscriptions
        .filter(({ topicArn }) => topicArn === TopicArn)
        .map(({ protocol, endpoint, subscriptionArn }) => ({
          TopicArn,
          Protocol: protocol,
          Endpoint: endpoint,
          SubscriptionArn: subscriptionArn,
          Owner: place.accountId,
        })),
    };
  },
);

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
