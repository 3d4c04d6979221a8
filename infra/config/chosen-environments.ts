import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import { cdkCommand, configuredBy } from '../naming/cdk-commands.ts';
import { stackName } from '../naming/names.ts';
import {
  deploymentPlace,
  environmentFileEnd,
  environmentFromOptions,
  type MonitoredEnvironment,
  readEnvironmentFile,
} from './environment-config.ts';

/** The CDK context keys (`-c key=value`) that this app reads. */
export const contextKeys = ['mwaaEnvironment', 'email', 'everyMinutes', 'environmentFile'] as const;

type EnvironmentContext = { readonly [Key in (typeof contextKeys)[number]]?: unknown };

/**
 * The environments that get a stack: the one on the command line, the one in the file named there,
 * or every file of `environments/`; none when there is no file either.
 *
 * @param folder the folder of environment files.
 * @throws InputError when an input is malformed, or when inputs contradict each other.
 */
export function chosenEnvironments(
  context: EnvironmentContext,
  folder: string,
): MonitoredEnvironment[] {
  const { mwaaEnvironment, email, everyMinutes, environmentFile } = textsOf(context);
  if (mwaaEnvironment !== undefined) {
    refuseBoth(environmentFile, '-c environmentFile', '-c mwaaEnvironment');
    const chosen = environmentFromOptions({ mwaaEnvironment, email, everyMinutes });
    refuseTwinOfFile(chosen, readEnvironments(folder));
    return [chosen];
  }
  refuseAlone(email, '-c email', 'notify.email');
  refuseAlone(everyMinutes, '-c everyMinutes', 'everyMinutes');
  if (environmentFile !== undefined) return [readEnvironmentFile(environmentFile, environmentFile)];

  return readEnvironments(folder);
}

/**
 * The environments that the files of a folder describe. Whoever breaks several files sees it at once,
 * and not one file after the other.
 *
 * @param isRead says of a file's name whether to read it; by default all are
 * @throws InputError with every error of every file, one a line
 */
export function readEnvironments(
  folder: string,
  isRead: (file: string) => boolean = () => true,
): MonitoredEnvironment[] {
  const environments: ReadEnvironment[] = [];
  const errors: string[] = [];
  for (const file of environmentFiles(folder).filter(isRead)) {
    const path = join(folder, file);
    const shownPath = relative(join(folder, '..'), path);
    try {
      environments.push({ shownPath, ...readEnvironmentFile(path, shownPath) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      errors.push(error.message);
    }
  }
  errors.push(...twinsIn(environments));
  if (errors.length > 0) throw new InputError(errors.join('\n'));
  return environments.map(({ name, config }) => ({ name, config }));
}

/** Whether the environments are all files of the folder, and not one that the command line names. */
export function isFolderRead({ mwaaEnvironment, environmentFile }: EnvironmentContext): boolean {
  return (mwaaEnvironment ?? environmentFile ?? undefined) === undefined;
}

/** The names of the files in `environments/`, sorted. */
export function environmentFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => environmentFileEnd.test(name))
    .sort();
}

function textsOf(context: EnvironmentContext): { [Key in keyof EnvironmentContext]?: string } {
  const given = contextKeys.flatMap((key) => {
    const value = context[key];
    return value === undefined || value === null ? [] : [[key, String(value)] as const];
  });
  return Object.fromEntries(given);
}

function refuseBoth(value: string | undefined, option: string, other: string): void {
  if (value === undefined) return;
  throw new InputError(`${option}: cannot be given together with ${other}, got ${value}`);
}

function refuseAlone(value: string | undefined, option: string, field: string): void {
  if (value === undefined) return;
  throw new InputError(
    `${option}: only goes with -c mwaaEnvironment; with a file, write ${field} there, got ${value}`,
  );
}

interface ReadEnvironment extends MonitoredEnvironment {
  readonly shownPath: string;
}

/**
 * The errors of files that describe the same: two stacks for one environment would have the same alarm
 * names, and one could not be deployed. A file without account or Region may describe any.
 */
function twinsIn(environments: readonly ReadEnvironment[]): string[] {
  return environments.flatMap((one, index) => {
    const others = environments.slice(0, index);
    const sameStack = others.find(({ name }) => stackOf(name) === stackOf(one.name));
    const same = others.find(({ config }) => maybeSame(config, one.config));
    const says = (what: string, { shownPath }: ReadEnvironment, hint = '') =>
      `${one.shownPath}: describes the same ${what} as ${shownPath}${hint}`;
    return [
      ...(sameStack ? [says('stack name', sameStack)] : []),
      ...(same ? [says('environment', same, isPlaced(one, same) ? '' : placeHint)] : []),
    ];
  });
}

const placeHint = ', unless both give account and region, and differ in one';

function isPlaced(...both: readonly MonitoredEnvironment[]): boolean {
  return both.every(({ config }) => config.account !== undefined && config.region !== undefined);
}

/** Names of stacks that differ in capitals alone are one to people, and to some file systems. */
function stackOf(name: string): string {
  return stackName('MonitorStack', name).toLowerCase();
}

function maybeSame(one: MonitoredEnvironment['config'], other: MonitoredEnvironment['config']) {
  return (
    one.mwaaEnvironment === other.mwaaEnvironment &&
    !differ(one.account, other.account) &&
    !differ(one.region, other.region)
  );
}

/**
 * An environment on the command line must not have the stack of a file's environment, which it
 * would deploy over, nor be that environment: a second stack would want the same alarm names, and
 * the same stack would lose the file's settings.
 */
function refuseTwinOfFile(
  { name, config }: MonitoredEnvironment,
  files: readonly MonitoredEnvironment[],
): void {
  const place = deploymentPlace(config);
  for (const file of files) {
    const { account, region } = deploymentPlace(file.config);
    const isElsewhere = differ(account, place.account) || differ(region, place.region);
    if (isElsewhere) continue;
    const { mwaaEnvironment } = file.config;
    const command = cdkCommand('deploy', configuredBy(mwaaEnvironment, { file: file.name }));
    if (mwaaEnvironment === name) {
      throw new InputError(
        `-c mwaaEnvironment: environments/${file.name}.yaml describes it, so its settings apply: run \`${command}\`, without -c, got ${JSON.stringify(name)}`,
      );
    }
    if (stackOf(file.name) === stackOf(name)) {
      throw new InputError(
        `-c mwaaEnvironment: would deploy over the stack of environments/${file.name}.yaml, which describes ${mwaaEnvironment}: describe this environment in a file of another name, got ${JSON.stringify(name)}`,
      );
    }
  }
}

/** Whether two places are known to be different; without credentials they are not known. */
function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
