import { PermissionsBoundary, type StackProps } from 'aws-cdk-lib/core';
import { z } from 'zod';

/**
 * The retention times that CloudWatch Logs offers, in days:
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
 */
const offeredRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** A number of days for which CloudWatch Logs can store log events. */
export const retentionDaysSchema = z
  .number('must be a number of days')
  .refine(
    (days) => offeredRetentionDays.includes(days),
    `must be a number of days that CloudWatch Logs offers: ${offeredRetentionDays.join(', ')}`,
  )
  .meta({ enum: offeredRetentionDays });

/** AWS's rules for tags: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const tagText = (charactersMax: number) =>
  z
    .string('must be a text; quote numbers and booleans')
    .max(charactersMax, `must have at most ${charactersMax} characters`)
    .regex(
      /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
      'may only have letters, digits, spaces and _ . : / = + - @',
    );

const tagKey = tagText(128)
  .min(1, 'must not be empty')
  .refine((key) => !/^aws:/i.test(key), 'must not begin with "aws:", which AWS reserves');

const tagsMax = 50;

/** The settings of an environment's stacks as such, whatever is in them. */
export const stackSettings = {
  /** Tags of every resource that can have tags. */
  tags: z
    .record(z.string(), tagText(256))
    .superRefine((tags, context) => {
      for (const key of Object.keys(tags)) {
        for (const { message } of tagKey.safeParse(key).error?.issues ?? []) {
          context.addIssue({
            code: 'custom',
            path: [key],
            message: `its name ${message}`,
            input: key,
          });
        }
      }
    })
    .refine((tags) => Object.keys(tags).length <= tagsMax, `must be at most ${tagsMax} tags`)
    .default({}),
  /** The managed policy that limits each role, where an organization demands one. */
  permissionsBoundary: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
      'must be the ARN of a managed policy (arn:aws:iam::<account>:policy/<name>)',
    )
    .optional(),
  /** Whether CloudFormation refuses to delete the monitor's stack. */
  terminationProtection: z.boolean().default(false),
  /** How long the scanner's own log is stored, in days. */
  scannerLogRetentionDays: retentionDaysSchema.default(90),
};

type StackSettings = z.output<z.ZodObject<typeof stackSettings>>;

/** The settings that all stacks of an environment share, as the CDK takes them. */
export function commonStackProps({
  tags,
  permissionsBoundary,
}: Pick<StackSettings, 'tags' | 'permissionsBoundary'>): Pick<
  StackProps,
  'tags' | 'permissionsBoundary'
> {
  return {
    tags,
    ...(permissionsBoundary !== undefined && {
      permissionsBoundary: PermissionsBoundary.fromArn(permissionsBoundary),
    }),
  };
}
