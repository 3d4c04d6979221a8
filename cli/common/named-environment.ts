import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { readEnvironments } from '../../infra/config/chosen-environments.ts';
import type {
  EnvironmentConfig,
  MonitoredEnvironment,
} from '../../infra/config/environment-config.ts';
import { UserError } from './output.ts';
import { checkedRegion } from './region.ts';

/** In the package, where this file is compiled, there is no project but the one in which it is used. */
export const environmentFolder = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('../../environments', import.meta.url))
  : resolve('environments');

interface NamedEnvironment {
  readonly mwaaEnvironment: string;
  /** The name of the file that configures it; undefined when there is none. */
  readonly file: string | undefined;
  /** undefined when no file configures it. */
  readonly config: EnvironmentConfig | undefined;
  /** The names that would have named a file or its environment; empty when this one does. */
  readonly otherNames: readonly string[];
}

/**
 * Resolves a name to an MWAA environment: the one with that name in MWAA, or the one that the file
 * `environments/<name>.yaml` configures.
 *
 * @param region when given, files for another Region are ignored
 * @throws UserError when two files configure it
 */
export function namedEnvironment(
  name: string,
  region: string | undefined,
  files: readonly MonitoredEnvironment[],
): NamedEnvironment {
  const here = files.filter(
    ({ config }) => region === undefined || config.region === undefined || config.region === region,
  );
  const described = here.filter(({ config }) => config.mwaaEnvironment === name);
  const inFileOfThatName = here.find((file) => file.name === name);
  const [only, ...more] = described;
  if (more.length > 0 && inFileOfThatName === undefined) {
    const paths = described.map((file) => `environments/${file.name}.yaml`).join(' and ');
    throw new UserError(
      `--env ${name}: ${paths} both configure it; give the name of one of the files, or --region`,
    );
  }
  const found = more.length > 0 ? inFileOfThatName : (only ?? inFileOfThatName);
  return {
    mwaaEnvironment: found?.config.mwaaEnvironment ?? name,
    file: found?.name,
    config: found?.config,
    otherNames: found === undefined ? namesOf(files) : [],
  };
}

function namesOf(files: readonly MonitoredEnvironment[]): string[] {
  return [...new Set(files.flatMap(({ name, config }) => [config.mwaaEnvironment, name]))];
}

/**
 * Resolves `--env` to an MWAA environment by the files in `environments/`.
 *
 * @param region when given, files for another Region are ignored
 * @throws UserError for a name that MWAA does not allow; InputError for a malformed file
 */
export function findEnvironment(name: string, region: string | undefined): NamedEnvironment {
  checkName(name);
  return namedEnvironment(name, region, readEnvironments(environmentFolder));
}

/**
 * Two accounts may have environments of the same name, and the credentials decide which one answers.
 *
 * @param account the one in the environment's file
 * @param owner the one that answered
 * @param what what it has, such as `stack MonitorStack-prod`
 * @throws UserError when the file names another account
 */
export function checkAccount(account: string | undefined, owner: string, what: string): void {
  if (account === undefined || account === owner) return;
  throw new UserError(
    `these credentials are for account ${owner}, which has ${what}; the environment's file says account ${account}`,
  );
}

/** https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html, `Name` */
function checkName(name: string): void {
  if (/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(name)) return;
  throw new UserError(
    `--env: must begin with a letter and have at most 80 letters, digits, "-" and "_" (got "${name}")`,
  );
}

/** `--env`, shared by the commands that concern one environment. */
export function envOption(): Option {
  return new Option(
    '--env <name>',
    'name of the MWAA environment, or of its file in environments/',
  ).makeOptionMandatory();
}

/** `--region`, shared by the commands that call AWS. */
export function regionOption(): Option {
  return new Option(
    '--region <region>',
    'its Region (default: from environments/, then from the AWS CLI)',
  ).argParser(checkedRegion);
}

/** `--profile`, shared by the commands that call AWS. */
export function profileOption(): Option {
  return new Option('--profile <name>', 'AWS CLI profile for credentials and Region');
}

/** `--stack`, shared by the commands that use a deployed monitor. */
export function stackOption(): Option {
  return new Option(
    '--stack <name>',
    'the stack that holds the monitor, if it is not MonitorStack-<name>',
  );
}
