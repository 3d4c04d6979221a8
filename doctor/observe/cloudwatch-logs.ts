import {
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { type SubscriptionFilter, subscriptionFilterShape } from '../shapes/logs.ts';
import type { Part } from '../shapes/part.ts';
import type { Ask } from './ask.ts';
import type { DoctorClients } from './clients.ts';
import { allPages } from './pages.ts';

type Logs = Pick<DoctorClients, 'logs'>;

/** The log groups with an environment's prefix: `prod` also finds those of `prod-2`. */
export function describeLogGroups<Group>(
  ask: Ask,
  { logs }: Logs,
  mwaaEnvironment: string,
  shape: z.ZodType<Group>,
): Promise<Part<Group[]>> {
  const logGroupNamePrefix = `airflow-${mwaaEnvironment}-`;
  return ask('logs:DescribeLogGroups', z.array(shape), () =>
    allPages(async (nextToken) => {
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }));
      return { items: page.logGroups, next: page.nextToken };
    }),
  );
}

export function describeSubscriptionFilters(
  ask: Ask,
  { logs }: Logs,
  logGroupName: string,
): Promise<Part<SubscriptionFilter[]>> {
  return ask('logs:DescribeSubscriptionFilters', z.array(subscriptionFilterShape), () =>
    allPages(async (nextToken) => {
      const page = await logs.send(
        new DescribeSubscriptionFiltersCommand({ logGroupName, nextToken }),
      );
      return { items: page.subscriptionFilters, next: page.nextToken };
    }),
  );
}
