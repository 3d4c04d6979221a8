import { z } from 'zod';
import { retentionDaysSchema } from './stack-settings.ts';

/** The environment's network: a new VPC, unless an existing one is named. */
const vpcSchema = z
  .strictObject({
    /** The address range of a new VPC. */
    cidr: z
      .cidrv4('must be a range like 10.192.0.0/16')
      .refine(isOfUsableSize, 'must be a range of /16 to /23')
      .optional(),
    /** The two zones of a new VPC. */
    availabilityZones: z
      .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d+[a-z]$/, 'must be a zone like eu-west-1a'))
      .length(2, 'must be two zones')
      .refine(areDifferent, 'must be two different zones')
      .optional(),
    /** An existing VPC, instead of a new one. */
    vpcId: z
      .string()
      .regex(/^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a VPC, vpc-…')
      .optional(),
    /** Two private subnets of the existing VPC, in two zones. */
    subnetIds: z
      .array(
        z
          .string()
          .regex(/^subnet-([0-9a-f]{8}|[0-9a-f]{17})$/, 'must be the id of a subnet, subnet-…'),
      )
      .length(2, 'must be two private subnets, in two zones')
      .refine(areDifferent, 'must be two different subnets')
      .optional(),
  })
  .superRefine((vpc, context) => {
    const isExisting = vpc.vpcId !== undefined;
    if (isExisting !== (vpc.subnetIds !== undefined)) {
      context.addIssue(
        'vpcId and subnetIds go together: both for an existing VPC, none for a new one',
      );
    }
    if (isExisting && (vpc.cidr !== undefined || vpc.availabilityZones !== undefined)) {
      context.addIssue('cidr and availabilityZones are for a new VPC: leave them out beside vpcId');
    }
  });

/** Whether two subnets fit in, each with room for the environment's workers and endpoints. */
function isOfUsableSize(cidr: string): boolean {
  const prefixLength = Number(cidr.split('/')[1]);
  return prefixLength >= 16 && prefixLength <= 23;
}

function areDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

const environmentClasses = [
  'mw1.micro',
  'mw1.small',
  'mw1.medium',
  'mw1.large',
  'mw1.xlarge',
  'mw1.2xlarge',
] as const;

const principalArn = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/,
    'must be the ARN of an IAM role or user (arn:aws:iam::<account>:role/<name>), without wildcards',
  );

const setsSecrets = /^secrets\.|\.secrets_backend/;
const setsLogLevel = /^logging\.(fab_)?logging_level$/;

const pathInBucket = z
  .string()
  .regex(/^[^/\s]([^\s]*[^/\s])?$/, 'must be a path in the bucket without "/" at either end');

/** The quota of an account is 25, and can be raised to 50. */
const workers = z.int('must be a whole number of workers, 1 to 50').min(1).max(50);

/**
 * The section `airflow` of an environment's file: an MWAA environment for this project to deploy.
 * Limits and names are those of CreateEnvironment:
 * https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html
 */
export const airflowSchema = z
  .strictObject({
    /** A version that MWAA offers. Only its form is checked: MWAA's list changes. */
    airflowVersion: z
      .string('must be a version like 3.0.6')
      .regex(/^\d+\.\d+\.\d+$/, 'must be a version like 3.0.6'),
    environmentClass: z.enum(environmentClasses).default('mw1.small'),
    minWorkers: workers.default(1),
    maxWorkers: workers.default(10),
    /** Whether the web server can be reached from within the VPC only, or from everywhere. */
    webserverAccess: z.enum(['PRIVATE_ONLY', 'PUBLIC_ONLY']).default('PRIVATE_ONLY'),
    /**
     * Address ranges from which people reach a private web server; empty: only the environment
     * does.
     */
    webserverClients: z
      .array(
        z
          .cidrv4('must be a range like 10.0.0.0/16')
          .refine((range) => !range.endsWith('/0'), 'must be a range of your own networks'),
      )
      .default([]),
    vpc: vpcSchema.prefault({}),
    dagS3Path: pathInBucket.default('dags'),
    /** The file must be in the bucket already, so this cannot be part of the first deployment. */
    requirementsS3Path: pathInBucket.optional(),
    requirementsS3ObjectVersion: z.string().min(1).optional(),
    pluginsS3Path: pathInBucket.optional(),
    pluginsS3ObjectVersion: z.string().min(1).optional(),
    /** `section.option: value` of airflow.cfg. */
    airflowConfigurationOptions: z
      .record(
        z.string().regex(/^[a-z_]+\.[a-z0-9_]+$/, 'must be section.option'),
        z.string('must be a text: put the value in quotes'),
      )
      .refine(
        (options) => Object.keys(options).every((name) => !setsSecrets.test(name)),
        'must not set the section secrets: this stack makes Secrets Manager the backend',
      )
      .refine(
        (options) => Object.keys(options).every((name) => !setsLogLevel.test(name)),
        'must not set a level of logging: what is not logged at INFO cannot be found',
      )
      .default({}),
    /**
     * Who may create the environment, and so the grants on its key, apart from the role that CDK
     * deploys with.
     */
    creatorPrincipals: z.array(principalArn).min(1, 'must name somebody').optional(),
    /** Limits creators to grants for AWS resources. Nobody has shown that MWAA works with it. */
    grantIsForAwsResource: z.boolean().default(false),
    /**
     * The only principals that may write to the bucket: a pipeline's roles. @default all whom IAM
     * allows
     */
    dagWriters: z.array(principalArn).min(1, 'must name somebody').optional(),
    /** Retention of the five log groups, in days. */
    logRetentionDays: retentionDaysSchema.default(90),
  })
  .superRefine((airflow, context) => {
    const refuse = (field: string, message: string) =>
      context.issues.push({ code: 'custom', path: [field], message, input: airflow });
    if (airflow.minWorkers > airflow.maxWorkers) {
      refuse('minWorkers', `must be at most maxWorkers (${airflow.maxWorkers})`);
    }
    for (const file of ['requirements', 'plugins'] as const) {
      if (airflow[`${file}S3ObjectVersion`] !== undefined && !airflow[`${file}S3Path`]) {
        refuse(`${file}S3ObjectVersion`, `only goes with ${file}S3Path`);
      }
    }
    if (airflow.environmentClass === 'mw1.micro' && airflow.maxWorkers !== 1) {
      refuse('environmentClass', 'has one worker, which does not scale: set maxWorkers: 1 as well');
    }
    if (airflow.webserverAccess === 'PUBLIC_ONLY' && !airflow.vpc.vpcId) {
      refuse(
        'webserverAccess',
        'must be PRIVATE_ONLY in a new VPC, which has no route to the internet',
      );
    }
    if (airflow.webserverAccess === 'PUBLIC_ONLY' && airflow.webserverClients.length > 0) {
      refuse('webserverClients', 'only goes with webserverAccess PRIVATE_ONLY');
    }
  });

export type AirflowConfig = z.output<typeof airflowSchema>;

/**
 * What is wrong with the section, given the rest of its file.
 *
 * A sweep reads events up to `lagMinutes + everyMinutes` old, so log groups must store them that
 * long.
 */
export function airflowProblems(given: {
  readonly airflow?: AirflowConfig | undefined;
  readonly logsKmsKeyArn?: string | undefined;
  readonly farSweep: { readonly everyMinutes: number; readonly lagMinutes: number };
}): { readonly path: string[]; readonly message: string }[] {
  const { airflow, logsKmsKeyArn, farSweep } = given;
  if (airflow === undefined) return [];
  const problems = [];
  if (logsKmsKeyArn !== undefined) {
    problems.push({
      path: ['logsKmsKeyArn'],
      message: 'must be left out when airflow is given: its stack AirflowKey has the key',
    });
  }
  const reachMinutes = farSweep.everyMinutes + farSweep.lagMinutes;
  if (airflow.logRetentionDays * 1440 < reachMinutes) {
    problems.push({
      path: ['airflow', 'logRetentionDays'],
      message: `must be at least what the far sweep reads again (${reachMinutes} minutes)`,
    });
  }
  return problems;
}
