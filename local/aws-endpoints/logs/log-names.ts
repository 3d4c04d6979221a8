import { z } from 'zod';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html */
export const logGroupNameSchema = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[-._/#A-Za-z0-9]+$/, 'a log group name holds letters, digits and . - _ / # only');

const identifierPattern = /^[\w#+=/:,.@-]*$/;

/**
 * A log group's name or ARN, as StartQuery takes it; the ARN may not end in `:*`
 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html).
 * Parsed to the name.
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
  .regex(/^[^:*]*$/, 'a log stream name holds no : and no *');
