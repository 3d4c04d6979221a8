import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { account, region } from '../local-aws/local-aws.ts';
import type { Stage } from '../stage.ts';
import { deployedMonitor, type Monitor } from './monitor.ts';

export const environmentName = 'prod-c';
export const stackName = `MonitorStack-${environmentName}`;
export const email = 'oncall@example.com';
/** The cloud assembly of the README's command. */
export const firstAssembly = 'cdk.out';

/** `cdk bootstrap` and `cdk deploy`, as README.md has them, but with a tick each minute. */
export async function deployFromOptions(stage: Stage): Promise<Monitor> {
  const { checks, run, clients } = stage;
  checks.step(
    'deploy',
    'the real CDK CLI bootstraps and deploys the synthesized template, unchanged',
  );
  const context = [`mwaaEnvironment=${environmentName}`, `email=${email}`, 'everyMinutes=1'];
  await run('cdk', [
    ...['synth', '--quiet', '--output', firstAssembly],
    ...context.flatMap((pair) => ['-c', pair]),
  ]);
  await run('cdk', ['bootstrap', `aws://${account}/${region}`, '--app', firstAssembly]);
  const { output } = await deploy(stage, firstAssembly, [stackName]);
  checks.check('cdk bootstrap and cdk deploy succeed', output.includes(`✅  ${stackName}`), output);
  const { TemplateBody } = await clients.cloudFormation.send(
    new GetTemplateCommand({ StackName: stackName }),
  );
  const synthesized = await readFile(templateFile(stage, firstAssembly), 'utf8');
  checks.check(
    'the deployed template is the synthesized one, byte for byte',
    TemplateBody === synthesized,
    `${TemplateBody?.length} and ${synthesized.length} characters`,
  );
  return deployedMonitor(clients, stackName);
}

export function templateFile({ product }: Stage, assembly: string, stack = stackName): string {
  return join(product, assembly, `${stack}.template.json`);
}

/** `cdk deploy` of an assembly that is synthesized already. */
export function deploy({ run }: Stage, assembly: string, stacks: readonly string[]) {
  const app = ['--app', assembly, '--require-approval', 'never'];
  return run('cdk', ['deploy', ...app, ...stacks]);
}

export function destroy({ run }: Stage, assembly: string, stacks: readonly string[]) {
  return run('cdk', ['destroy', '--app', assembly, '--force', ...stacks]);
}
