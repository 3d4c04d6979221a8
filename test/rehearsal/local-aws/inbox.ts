import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Clients } from './clients.ts';
import { account, region } from './local-aws.ts';

/** A queue that subscribes to a topic. */
export interface Inbox {
  /** All messages since the last call. */
  take(): Promise<string[]>;
}

/** Subscribes a new queue to a topic, with the policy that SNS needs. */
export async function openInbox(
  { sqs, sns }: Pick<Clients, 'sqs' | 'sns'>,
  name: string,
  topicArn: string,
): Promise<Inbox> {
  const queueArn = `arn:aws:sqs:${region}:${account}:${name}`;
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } },
        ...{ Action: 'sqs:SendMessage', Resource: queueArn },
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    ],
  };
  const Attributes = { Policy: JSON.stringify(policy) };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
  await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn }));
  return { take: () => takeAll(sqs, String(QueueUrl)) };
}

/** Receives and deletes messages until the queue is empty. @returns their bodies */
export async function takeAll(sqs: Clients['sqs'], QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body, ReceiptHandle } of Messages) {
      bodies.push(String(Body));
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}
