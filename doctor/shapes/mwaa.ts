import { z } from 'zod';

const arn = z.string().startsWith('arn:');

const team = z.object({ SourceBucketArn: arn, DagS3Path: z.string() }).partial();
type Team = z.output<typeof team>;

const moduleLogging = z
  .object({
    Enabled: z.boolean(),
    LogLevel: z.string(),
    /** Missing until the group is created. */
    CloudWatchLogGroupArn: z.string(),
  })
  .partial();

/**
 * `Environment` of MWAA's GetEnvironment: the fields that are read.
 * https://docs.aws.amazon.com/mwaa/latest/API/API_Environment.html
 */
export const environmentShape = z
  .object({
    Name: z.string(),
    Arn: arn,
    Status: z.string(),
    AirflowVersion: z.string(),
    ExecutionRoleArn: arn,
    /** As configured: key ID, ARN or alias; missing with the AWS owned key. */
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
    /** New and known only from the documentation: any other shape still counts as configured. */
    IdentityCenterConfiguration: z
      .object({ StartUrl: z.string(), IdentityStoreId: z.string() })
      .partial()
      .or(z.unknown().transform(() => ({}) as { StartUrl?: string; IdentityStoreId?: string })),
    /** For Airflow's multi-team support: each team can have its own DAG bucket. */
    Teams: z
      .record(z.string(), team)
      .or(z.unknown().transform((other) => ({ [JSON.stringify(other)]: {} as Team }))),
  })
  .partial();

export type MwaaEnvironment = z.output<typeof environmentShape>;
