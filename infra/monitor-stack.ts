import { Stack, type StackProps } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Detection } from '../queries/tools/detection-schema.ts';
import { deploymentPlace, type EnvironmentConfig } from './config/environment-config.ts';
import { commonStackProps } from './config/stack-settings.ts';
import { MwaaPrivilegeMonitor } from './mwaa-privilege-monitor.ts';
import type { FleetNames } from './naming/names.ts';

interface MonitorStackProps extends Omit<StackProps, 'env'> {
  readonly config: EnvironmentConfig;
  /** What `loadDetections` read. */
  readonly detections: readonly Detection[];
  /** The fleet whose stack holds the saved queries. @default this stack holds its own */
  readonly fleet?: FleetNames | undefined;
  /** The name of its dashboard. @default by the environment's name */
  readonly dashboardName?: string | undefined;
}

/** A stack of its own for one monitor, as an environment's file describes it. */
export class MonitorStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitorStackProps) {
    const { config, detections, fleet, dashboardName, ...stackProps } = props;
    super(scope, id, {
      description: `Watches MWAA environment ${config.mwaaEnvironment} for changes of Airflow privileges`,
      ...stackProps,
      env: deploymentPlace(config),
      terminationProtection: config.terminationProtection,
      ...commonStackProps(config),
    });
    // The CDK leaves `Default` out of logical ids: those of monitors deployed before there was the
    // construct stay, and such a stack is updated in place.
    new MwaaPrivilegeMonitor(this, 'Default', { config, detections, fleet, dashboardName });
  }
}
