import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, type App } from 'aws-cdk-lib/core';
import { loadDetections } from '../queries/tools/load-detections.ts';
import { addAirflow } from './add-airflow.ts';
import { demandEnvironment, exampleEnvironment } from './add-example.ts';
import { chosenEnvironments, contextKeys } from './config/chosen-environments.ts';
import type { EnvironmentConfig, MonitoredEnvironment } from './config/environment-config.ts';
import { stackName } from './config/names.ts';
import { MonitorStack } from './monitor-stack.ts';
import { addNagChecks } from './nag-checks.ts';

/**
 * Adds the stacks of each environment that the context or the folder names, or else of the example:
 * its monitor, and the environment itself if its file has the section `airflow`. Synthesis fails
 * when a stack breaks a rule of cdk-nag.
 *
 * @param folder the folder of environment files.
 * @throws InputError when an input or a detection is malformed.
 */
export function addMonitors(app: App, folder: string): MonitorStack[] {
  addNagChecks(app);
  const context = Object.fromEntries(contextKeys.map((key) => [key, app.node.tryGetContext(key)]));
  const chosen = chosenEnvironments(context, folder);
  if (chosen.length === 0) demandEnvironment(app);
  const environments = chosen.length > 0 ? chosen : [exampleEnvironment(join(folder, '..'))];
  const detections = loadDetections();
  const stacks = environments.map(
    (environment) =>
      new MonitorStack(app, stackName('MonitorStack', environment.name), {
        config: withAirflow(app, environment),
        detections,
      }),
  );
  for (const warning of [...unknownContext(app), ...unreadFile(context.mwaaEnvironment, folder)]) {
    for (const stack of stacks) Annotations.of(stack).addWarningV2(warning.id, warning.text);
  }
  return stacks;
}

/**
 * If this project deploys the environment too, the monitor reads what the environment's key
 * encrypts.
 */
function withAirflow(app: App, environment: MonitoredEnvironment): EnvironmentConfig {
  const { config } = environment;
  if (config.airflow === undefined) return config;
  return { ...config, logsKmsKeyArn: addAirflow(app, environment, config.airflow) };
}

interface Warning {
  readonly id: string;
  readonly text: string;
}

/**
 * CDK accepts any key, so a misspelt `-c emial=…` would go unnoticed. CDK's own keys are not plain
 * words.
 */
function unknownContext(app: App): Warning[] {
  const known: readonly string[] = contextKeys;
  return Object.keys(app.node.getAllContext())
    .filter((key) => /^[a-zA-Z]+$/.test(key) && !known.includes(key))
    .map((key) => ({
      id: 'mwaa-privilege-monitor:unknown-context',
      text: `-c ${key}: is not used by this app, which knows ${known.join(', ')}`,
    }));
}

/** With -c mwaaEnvironment, people may expect that the file of that name is read as well. */
function unreadFile(mwaaEnvironment: unknown, folder: string): Warning[] {
  if (!existsSync(join(folder, `${mwaaEnvironment}.yaml`))) return [];
  return [
    {
      id: 'mwaa-privilege-monitor:unread-file',
      text: `environments/${mwaaEnvironment}.yaml is not read when -c mwaaEnvironment is given`,
    },
  ];
}
