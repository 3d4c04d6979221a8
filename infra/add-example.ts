import { join } from 'node:path';
import { Annotations, type App, Stack, Validations } from 'aws-cdk-lib/core';
import { type MonitoredEnvironment, readEnvironmentFile } from './config/environment-config.ts';

const examplePath = 'docs/environments/hardened.yaml';

/** The environment that a clean clone shows: described in full, and not deployable. */
export function exampleEnvironment(projectRoot: string): MonitoredEnvironment {
  const { config } = readEnvironmentFile(join(projectRoot, examplePath), examplePath);
  return { name: 'example', config };
}

/**
 * Stops every command that does not name a stack of the example: CDK reports only the errors of the
 * selected stacks.
 */
export function demandEnvironment(app: App): void {
  const stack = new Stack(app, 'NoEnvironmentYet');
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::F0001',
    reason: 'It is empty because it is never deployed.',
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
