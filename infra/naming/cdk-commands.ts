import { stackName } from './names.ts';

/**
 * How a monitor is configured, and with it how its stack is named to the CDK: by a file, whose
 * stacks the app always knows, or by options that every command must repeat.
 */
export type ConfiguredBy =
  | { readonly kind: 'file'; readonly stack: string }
  | { readonly kind: 'options'; readonly mwaaEnvironment: string };

/**
 * @param file the name of the file in `environments/` that describes the environment
 * @param stack the monitor's stack as it is deployed, if that is known
 */
export function configuredBy(
  mwaaEnvironment: string,
  { file, stack }: { readonly file?: string | undefined; readonly stack?: string | undefined },
): ConfiguredBy {
  if (file !== undefined) return { kind: 'file', stack: stackName('MonitorStack', file) };
  // Options would have given the stack the environment's name, so a file did that is not here.
  if (stack !== undefined && stack !== stackName('MonitorStack', mwaaEnvironment)) {
    return { kind: 'file', stack };
  }
  return { kind: 'options', mwaaEnvironment };
}

const actions = {
  /** Creates or updates the stack from its template. */
  deploy: 'deploy',
  /**
   * Also puts back what was changed or deleted by hand. A plain deployment compares two templates,
   * finds them equal, and changes nothing.
   * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/drift-aware-change-sets.html
   */
  restore: 'deploy --revert-drift',
  /** Shows what was changed or deleted by hand; `cdk diff` compares templates only. */
  showDrift: 'drift',
} as const;

/** The command for a monitor's stack, in the form that fits how the monitor is configured. */
export function cdkCommand(action: keyof typeof actions, by: ConfiguredBy): string {
  const command = `npx cdk ${actions[action]}`;
  return by.kind === 'file'
    ? `${command} ${by.stack}`
    : `${command} -c mwaaEnvironment=${by.mwaaEnvironment} -c email=ADDRESS`;
}

/** What to fill into {@link cdkCommand}; empty if the command is complete. */
export function commandNote({ kind }: ConfiguredBy): string {
  return kind === 'file' ? '' : ', with every -c of the last deployment';
}
