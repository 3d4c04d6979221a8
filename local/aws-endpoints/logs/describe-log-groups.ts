import { z } from 'zod';
import { logGroupArn } from '../aws-place.ts';
import { defineOperation } from '../operation.ts';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-group-name.ts';
import { invalidParameter } from './logs-errors.ts';
import { pageOf } from './page.ts';

const input = z.object({
  logGroupNamePrefix: logGroupNameSchema.optional(),
  logGroupNamePattern: logGroupNameSchema.optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY']).optional(),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().min(1).optional(),
});

/** What a log group was set to, beyond what its events tell. */
export interface LogGroupSettings {
  /** @default - events are kept for ever */
  readonly retentionInDays?: number;
  /** ARN of a customer managed key. @default - encrypted by CloudWatch Logs itself */
  readonly kmsKeyId?: string;
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 *
 * Local groups are of the class STANDARD; retention and key are what the settings say, and have no
 * effect here.
 */
export const describeLogGroups = defineOperation(
  'DescribeLogGroups',
  'InvalidParameterException',
  input,
  async (request, { engine, place, logGroupSettings }) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = request;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter('logGroupNamePrefix and logGroupNamePattern cannot both be given');
    }
    const groups = (await engine.logGroups())
      .filter(({ logGroup }) => prefix === undefined || logGroup.startsWith(prefix))
      .filter(({ logGroup }) => pattern === undefined || logGroup.includes(pattern))
      .filter(({ logGroup }) => request.logGroupIdentifiers?.includes(logGroup) ?? true)
      .filter(() => (request.logGroupClass ?? 'STANDARD') === 'STANDARD')
      .sort((a, b) => (a.logGroup < b.logGroup ? -1 : 1));

    const page = pageOf(groups, request.limit, request.nextToken);
    return {
      logGroups: page.items.map(({ logGroup, createdEpochMs, storedBytes }) => ({
        logGroupName: logGroup,
        creationTime: createdEpochMs,
        metricFilterCount: 0,
        arn: `${logGroupArn(place, logGroup)}:*`,
        logGroupArn: logGroupArn(place, logGroup),
        storedBytes,
        logGroupClass: 'STANDARD',
        ...logGroupSettings[logGroup],
      })),
      ...page.next,
    };
  },
);
