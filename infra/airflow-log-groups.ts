import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logGroupName, logTypes } from '../lambda/log-types.ts';

export interface AirflowLogGroupsProps {
  readonly mwaaEnvironment: string;
  readonly key: IKey;
  readonly retentionDays: number;
}

/**
 * The five log groups under the names that MWAA would give them, made before MWAA makes them: it
 * cannot be told of groups, makes those that are missing, and lets those that are there be.
 *
 * Retained: what they hold outlives the environment. A deployment takes back what it finds under
 * these names with `--import-existing-resources`.
 */
export function airflowLogGroups(scope: Construct, props: AirflowLogGroupsProps): LogGroup[] {
  return logTypes.map(
    (logType) =>
      new LogGroup(scope, `${logType}Logs`, {
        logGroupName: logGroupName(props.mwaaEnvironment, logType),
        encryptionKey: props.key,
        // The enumeration's members are the numbers of days.
        retention: props.retentionDays as RetentionDays,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
  );
}
