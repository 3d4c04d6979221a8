import { z } from 'zod';
import { logGroupArn } from '../../aws-place.ts';
import { defineOperation } from '../protocol/operation.ts';
import type { LogsContext } from './existing-logs.ts';
import type { LogGroupSettings } from './log-group-settings.ts';
import { logGroupIdentifierSchema, logGroupNameSchema } from './log-names.ts';
import { invalidParameter } from './logs-errors.ts';
import { pageOf } from './page.ts';

const input = z.object({
  logGroupNamePrefix: logGroupNameSchema.optional(),
  logGroupNamePattern: z.union([logGroupNameSchema, z.literal('')]).optional(),
  logGroupIdentifiers: z.array(logGroupIdentifierSchema).min(1).max(50).optional(),
  logGroupClass: z.enum(['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY', 'ESSENTIALS']).optional(),
  limit: z.int().min(1).max(50).default(50),
  nextToken: z.string().min(1).optional(),
});

/**
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
 *
 * There are no other accounts; includeLinkedAccounts and accountIdentifiers are ignored.
 */
export const describeLogGroups = defineOperation(
  'DescribeLogGroups',
  'InvalidParameterException',
  input,
  async (request, { engine, place, logGroupSettings }: LogsContext) => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = request;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter('logGroupNamePrefix and logGroupNamePattern cannot both be given');
    }
    const { logGroupIdentifiers: names, logGroupClass } = request;
    if (names !== undefined && [prefix, pattern, logGroupClass].some((it) => it !== undefined)) {
      throw invalidParameter('logGroupIdentifiers cannot be given with another filter');
    }
    const groups = (await engine.logGroups())
      .filter(({ logGroup }) => prefix === undefined || logGroup.startsWith(prefix))
      .filter(({ logGroup }) => pattern === undefined || logGroup.includes(pattern))
      .filter(({ logGroup }) => names?.includes(logGroup) ?? true)
      .filter(({ logGroup }) => isOfClass(logGroupSettings.get(logGroup), logGroupClass))
      .sort((a, b) => (a.logGroup < b.logGroup ? -1 : 1));

    const page = pageOf(groups, request.limit, request.nextToken);
    return {
      logGroups: page.items.map(({ logGroup, createdEpochMs, storedBytes }) => ({
        logGroupName: logGroup,
        creationTime: createdEpochMs,
        arn: `${logGroupArn(place, logGroup)}:*`,
        // AWS: with a pattern, the response contains only the three members above.
        ...(pattern === undefined && {
          metricFilterCount: 0,
          logGroupArn: logGroupArn(place, logGroup),
          storedBytes,
          logGroupClass: 'STANDARD',
          ...logGroupSettings.get(logGroup),
        }),
      })),
      ...page.next,
    };
  },
);

/** Maps the two names of the cheaper class, as AWS does: ESSENTIALS selects INFREQUENT_ACCESS. */
function isOfClass(settings: LogGroupSettings | undefined, asked: string | undefined): boolean {
  const { logGroupClass = 'STANDARD' } = settings ?? {};
  if (asked === undefined) return true;
  return asked === 'ESSENTIALS' ? logGroupClass === 'INFREQUENT_ACCESS' : logGroupClass === asked;
}
