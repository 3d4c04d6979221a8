import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  type RuntimeConfig,
  runtimeConfigSchema,
  runtimeConfigVariable,
} from '../../lambda/plan/runtime-config.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';

/**
 * The environment variables of the scanner: its whole configuration, as JSON in one of them.
 *
 * No NODE_OPTIONS=--enable-source-maps: the map would be read at every cold start, which adds up to
 * a third to the import.
 */
export function scannerVariables(
  config: EnvironmentConfig,
  { findings, ledger }: { readonly findings: ITopic; readonly ledger: ITable },
): Record<string, string> {
  const runtimeConfig = runtimeConfigSchema.parse({
    mwaaEnvironment: config.mwaaEnvironment,
    everyMinutes: config.everyMinutes,
    settleMinutes: config.settleMinutes,
    maxSliceMinutes: config.maxSliceMinutes,
    silentAfterHours: config.silentAfterHours,
    logTypes: config.logTypes,
    initialLookbackHours: config.initialLookbackHours,
    nearSweep: config.nearSweep,
    farSweep: config.farSweep,
    correlateSeconds: config.correlateSeconds,
    alertAt: config.alertAt,
    findingsTopicArn: findings.topicArn,
    ledgerTableName: ledger.tableName,
  } satisfies RuntimeConfig);
  return { [runtimeConfigVariable]: JSON.stringify(runtimeConfig) };
}
