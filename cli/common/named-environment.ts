import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Option } from 'commander';
import { environmentFiles } from '../../infra/config/chosen-environments.ts';
import {
  type EnvironmentConfig,
  type MonitoredEnvironment,
  readEnvironmentFile,
} from '../../infra/config/environment-config.ts';
import { UserError } from './output.ts';

/** In the package, where this file is compiled, there is no project but the one in which it is used. */
const environmentFolder = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('../../environments', import.meta.url))
  : resolve('environments');

interface NamedEnvironment {
  readonly mwaaEnvironment: string;
  /** The name of the file that configures it; undefined when there is none. */
  readonly file: string | undefined;
  /** undefined when no file configures it. */
  readonly config: EnvironmentConfig | undefined;
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
  };
}

/**
 * Resolves `--env` to an MWAA environment by the files in `environments/`.
 *
 * @param region when given, files for another Region are ignored
 * @throws UserError for a name that MWAA does not allow; InputError for a malformed file
 */
export function findEnvironment(name: string, region: string | undefined): NamedEnvironment {
  checkName(name);
  return namedEnvironment(
    name,
    region,
    environmentFiles(environmentFolder).map((file) =>
      readEnvironmentFile(join(environmentFolder, file), `environments/${file}`),
    ),
  );
}

/** https://docs.aws.amazon.com/mwaa/latest/API/API_CreateEnvironment.html, `Name` */
function checkName(name: string): void {
  if (/^[a-zA-Z][0-9a-zA-Z\-_]{0,79}$/.test(name)) return;
  throw new UserError(
    `--env: must begin with a letter and have at most 80 letters, digits, "-" and "_" (got "${name}")`,
  );
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

/** @throws UserError for a text that does not have the form of a Region */
export function checkedRegion(region: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d+$/.test(region)) return region;
  throw new UserError(`--region: must be a Region like eu-west-1 (got "${region}")`);
}
