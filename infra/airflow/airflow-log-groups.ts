import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { logGroupName, logTypes } from '../../lambda/model/log-types.ts';

export interface AirflowLogGroupsProps {
  readonly mwaaEnvironment: string;
  readonly key: IKey;
  readonly retentionDays: number;
}

/**
 * The five log groups, under the names that MWAA would give them and created before MWAA does: it
 * has no setting for log groups, creates those that are missing, and leaves existing ones as they
 * are.
 *
 * They are retained: their events outlive the environment. A later deployment takes over groups of
 * these names with `--import-existing-resources`.
 */
export function airflowLogGroups(scope: Construct, props: AirflowLogGroupsProps): LogGroup[] {
  return logTypes.map(
    (logType) =>
      new LogGroup(scope, `${logType}Logs`, {
        logGroupName: logGroupName(props.mwaaEnvironment, logType),
        encryptionKey: props.key,
        // The values of the enumeration are numbers of days.
        retention: props.retentionDays as RetentionDays,
        removalPolicy: RemovalPolicy.RETAIN,
      }),
  );
}
