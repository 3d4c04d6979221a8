import { GetTopicAttributesCommand, ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { z } from 'zod';
import type { ObservedTopic } from '../shapes/observation.ts';
import { subscriptionShape, topicAttributesShape } from '../shapes/sns.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

const attributesAnswer = z
  .object({ Attributes: topicAttributesShape })
  .transform(({ Attributes }) => Attributes);

export async function observeTopic(
  ask: Ask,
  { sns }: Pick<DoctorClients, 'sns'>,
  TopicArn: string,
): Promise<ObservedTopic> {
  const [attributes, subscriptions] = await Promise.all([
    ask('sns:GetTopicAttributes', attributesAnswer, () =>
      sns.send(new GetTopicAttributesCommand({ TopicArn })),
    ),
    ask('sns:ListSubscriptionsByTopic', z.array(subscriptionShape), () =>
      allPages(async (NextToken) => {
        const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
        return { items: page.Subscriptions, next: page.NextToken };
      }),
    ),
  ]);
  return { attributes, subscriptions };
}
