import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, type App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { loadDetections } from '../queries/load-detections.ts';
import { chosenEnvironments, contextKeys, stackName } from './chosen-environments.ts';
import { MonitorStack } from './monitor-stack.ts';

/**
 * Adds one stack for each environment that context or folder name; synthesis fails when one of them
 * breaks a rule of cdk-nag's AWS Solutions.
 *
 * @param folder the folder of environment files.
 * @throws InputError when an input or a detection is malformed.
 */
export function addMonitors(app: App, folder: string): MonitorStack[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const context = Object.fromEntries(contextKeys.map((key) => [key, app.node.tryGetContext(key)]));
  const environments = chosenEnvironments(context, folder);
  const detections = loadDetections();
  const stacks = environments.map(
    ({ name, config }) => new MonitorStack(app, stackName(name), { config, detections }),
  );
  for (const warning of [...unknownContext(app), ...unreadFile(context.mwaaEnvironment, folder)]) {
    for (const stack of stacks) Annotations.of(stack).addWarningV2(warning.id, warning.text);
  }
  return stacks;
}

interface Warning {
  readonly id: string;
  readonly text: string;
}

/** A misspelt `-c emial=…` would go by unseen: CDK takes any key. Its own keys are no plain words. */
function unknownContext(app: App): Warning[] {
  const known: readonly string[] = contextKeys;
  return Object.keys(app.node.getAllContext())
    .filter((key) => /^[a-zA-Z]+$/.test(key) && !known.includes(key))
    .map((key) => ({
      id: 'mwaa-privilege-monitor:unknown-context',
      text: `-c ${key}: is not used by this app, which knows ${known.join(', ')}`,
    }));
}

/** On the command line one may think that the file of the same name is read as well. */
function unreadFile(mwaaEnvironment: unknown, folder: string): Warning[] {
  if (!existsSync(join(folder, `${mwaaEnvironment}.yaml`))) return [];
  return [
    {
      id: 'mwaa-privilege-monitor:unread-file',
      text: `environments/${mwaaEnvironment}.yaml is not read when -c mwaaEnvironment is given`,
    },
  ];
}
