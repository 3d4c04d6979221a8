import { Annotations, type App } from 'aws-cdk-lib/core';
import { AirflowEnvironmentStack } from './airflow/airflow-environment-stack.ts';
import { AirflowKeyStack } from './airflow/airflow-key-stack.ts';
import type { AirflowConfig } from './config/airflow-config.ts';
import { deploymentPlace, type MonitoredEnvironment } from './config/environment-config.ts';
import { stackName } from './config/names.ts';

/**
 * Adds the MWAA environment itself, and its key in a stack of its own.
 *
 * @returns the ARN of the key, which also encrypts what the monitor reads.
 */
export function addAirflow(
  app: App,
  { name, config }: MonitoredEnvironment,
  airflow: AirflowConfig,
): string {
  const common = { env: deploymentPlace(config), mwaaEnvironment: config.mwaaEnvironment, airflow };
  const { keyArn } = new AirflowKeyStack(app, stackName('AirflowKey', name), common);
  const environment = new AirflowEnvironmentStack(app, stackName('AirflowEnvironment', name), {
    ...common,
    keyArn,
  });
  if (airflow.dagWriters === undefined) {
    Annotations.of(environment).addWarningV2(
      'mwaa-privilege-monitor:dag-writers',
      'airflow.dagWriters: is not set, so everybody whom IAM allows to write to the bucket can become Airflow Admin by a DAG: name the role of the pipeline that uploads DAGs',
    );
  }
  return keyArn;
}
