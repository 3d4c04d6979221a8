import { z } from 'zod';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
export const logGroupNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[-._/#A-Za-z0-9]+$/, 'a log group name contains only letters, digits and . - _ / #');

const identifierPattern = /^[\w#+=/:,.@-]*$/;

/**
 * A log group's name or ARN, as StartQuery accepts it; the ARN must not end in `:*`
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html).
 * Parses to the name.
 */
export const logGroupIdentifierSchema = z
  .string()
  .min(1)
  .max(2048)
  .regex(identifierPattern, 'a name, or an ARN that does not end with :*')
  .transform((identifier) => identifier.replace(/^arn:[^:]*:logs:[^:]*:[^:]*:log-group:/, ''));

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html */
export const logStreamNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^:*]*$/, 'a log stream name contains no : and no *');
