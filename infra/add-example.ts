import { join } from 'node:path';
import { Annotations, type App, Stack, Validations } from 'aws-cdk-lib/core';
import { type MonitoredEnvironment, readEnvironmentFile } from './environment-config.ts';

const examplePath = 'docs/environments/hardened.yaml';

/** What a clean clone shows: an environment that is described in full, and that nobody can deploy. */
export function exampleEnvironment(projectRoot: string): MonitoredEnvironment {
  const { config } = readEnvironmentFile(join(projectRoot, examplePath), examplePath);
  return { name: 'example', config };
}

/**
 * Stops every command that does not ask for a stack of the example by its name: CDK reports the
 * errors of those stacks only that were selected.
 */
export function demandEnvironment(app: App): void {
  const stack = new Stack(app, 'NoEnvironmentYet');
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::F0001',
    reason: 'It is empty since it is never deployed.',
  });
  Annotations.of(stack).addError(
    [
      'No MWAA environment to monitor. Either name one:',
      '  npx cdk synth -c mwaaEnvironment=NAME -c email=you@example.com',
      'or describe it in a file:',
      '  cp docs/environments/full.yaml environments/NAME.yaml',
      `The stacks named example show ${examplePath}.`,
    ].join('\n'),
  );
}
