import { z } from 'zod';

const arn = z.string().startsWith('arn:');

const team = z.object({ SourceBucketArn: arn, DagS3Path: z.string() }).partial();
type Team = z.output<typeof team>;

const moduleLogging = z
  .object({
    Enabled: z.boolean(),
    LogLevel: z.string(),
    /** Not there before the group is made. */
    CloudWatchLogGroupArn: z.string(),
  })
  .partial();

/**
 * `Environment` of MWAA's GetEnvironment, as far as it is read.
 * https://docs.aws.amazon.com/mwaa/latest/API/API_Environment.html
 */
export const environmentShape = z
  .object({
    Name: z.string(),
    Arn: arn,
    Status: z.string(),
    AirflowVersion: z.string(),
    ExecutionRoleArn: arn,
    /** As it was given: key ID, ARN, or an alias; not there with the AWS owned key. */
    KmsKey: z.string(),
    SourceBucketArn: arn,
    DagS3Path: z.string(),
    AirflowConfigurationOptions: z.record(z.string(), z.string()),
    WebserverUrl: z.string(),
    WebserverAccessMode: z.string(),
    EndpointManagement: z.string(),
    LastUpdate: z
      .object({
        Status: z.string(),
        Source: z.string(),
        Error: z.object({ ErrorCode: z.string(), ErrorMessage: z.string() }).partial(),
      })
      .partial(),
    LoggingConfiguration: z
      .object({
        DagProcessingLogs: moduleLogging,
        SchedulerLogs: moduleLogging,
        TaskLogs: moduleLogging,
        WebserverLogs: moduleLogging,
        WorkerLogs: moduleLogging,
      })
      .partial(),
    /** New, and known from documentation alone: another shape says that there is something. */
    IdentityCenterConfiguration: z
      .object({ StartUrl: z.string(), IdentityStoreId: z.string() })
      .partial()
      .or(z.unknown().transform(() => ({}) as { StartUrl?: string; IdentityStoreId?: string })),
    /** Of Airflow's multi-team support: each team's DAGs may lie in a bucket of their own. */
    Teams: z
      .record(z.string(), team)
      .or(z.unknown().transform((other) => ({ [JSON.stringify(other)]: {} as Team }))),
  })
  .partial();

export type MwaaEnvironment = z.output<typeof environmentShape>;
