import { readEnvironments } from '../../infra/config/chosen-environments.ts';
import {
  environmentSchema,
  type MonitoredEnvironment,
} from '../../infra/config/environment-config.ts';
import { visibleText } from '../../local/visible-text.ts';
import { checkYaml, InputError } from '../../queries/tools/checked-yaml.ts';
import { environmentFolder } from '../common/named-environment.ts';
import { countOf } from '../common/output.ts';
import { warn } from '../common/progress.ts';
import { chooseFile } from './choose-file.ts';
import {
  type DiscoveredEnvironment,
  discoverEnvironments,
  type RegionDiscovery,
} from './discover-environments.ts';
import { checkAnswers, environmentFileText, writeWhole } from './environment-file.ts';
import { nextCommands } from './next-commands.ts';
import { addressesIn } from './show-init.ts';

interface DiscoveryOptions {
  /** Empty: the Region of the AWS CLI. */
  readonly regions: readonly string[];
  /** Addresses joined by commas, or `none`. */
  readonly email?: string | undefined;
  readonly profile?: string | undefined;
}

/** What became of one environment. */
type Outcome =
  | { readonly kind: 'written'; readonly file: string }
  | { readonly kind: 'skipped'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Finds the environments of each Region, writes a file for each that has none, and prints what it did.
 *
 * @returns the exit code: 2 when a Region or an environment could not be read or written
 * @throws InputError for files in the folder that are broken: they may describe what is found
 */
export async function showDiscovery(
  { regions, email = '', profile }: DiscoveryOptions,
  { folder = environmentFolder }: { readonly folder?: string } = {},
): Promise<0 | 2> {
  const emails = addressesIn(email);
  for (const region of regions) checkAnswers({ mwaaEnvironment: 'any', region, emails });
  const files = [...readEnvironments(folder)];
  const counts = { written: 0, skipped: 0, failed: 0 };
  let last: string | undefined;
  const asked = regions.length === 0 ? [undefined] : [...new Set(regions)];
  for await (const found of discoverEnvironments(asked, { profile })) {
    console.log(regionLine(found));
    for (const failure of found.failures) warn(`${found.region}: ${failure}`);
    counts.failed += found.failures.length;
    // A name without an underscore gets the file of exactly that name.
    const exactFirst = found.environments.toSorted(
      (a, b) => Number(a.mwaaEnvironment.includes('_')) - Number(b.mwaaEnvironment.includes('_')),
    );
    for (const environment of exactFirst) {
      const outcome = write(environment, { folder, files, emails });
      counts[outcome.kind] += 1;
      if (outcome.kind === 'written') last = outcome.file;
      for (const line of outcomeLines(environment, outcome)) console.log(line);
    }
  }
  console.log(
    `${countOf(counts.written, 'file')} written, ${counts.skipped} skipped, ${counts.failed} failed`,
  );
  if (last !== undefined) {
    if (emails.length === 0) console.log('Nobody is notified yet: add addresses to notify.email.');
    console.log('Next, for each of them, such as:');
    for (const line of nextCommands(last)) console.log(line);
  }
  return counts.failed > 0 ? 2 : 0;
}

interface Writing {
  readonly folder: string;
  /** Gets the environment that is written. */
  readonly files: MonitoredEnvironment[];
  readonly emails: readonly string[];
}

function write(environment: DiscoveredEnvironment, { folder, files, emails }: Writing): Outcome {
  const { mwaaEnvironment, account, region, kmsKey } = environment;
  const chosen = chooseFile(environment, files);
  if (chosen.kind === 'described') return { kind: 'skipped', why: describedBy(chosen.name, files) };
  if (chosen.kind === 'none-free') {
    const tried = chosen.tried.map((name) => `environments/${name}.yaml`).join(', ');
    return {
      kind: 'failed',
      why: `${tried}: used by other environments; choose a name: npx privilege-monitor init --env ${mwaaEnvironment} --region ${region} --account ${account} --file NAME`,
    };
  }
  const { name } = chosen;
  const shownPath = `environments/${name}.yaml`;
  const logsKmsKeyArn = isForeignKey(kmsKey, account) ? kmsKey : undefined;
  try {
    const text = environmentFileText(
      { mwaaEnvironment, account, region, emails, logsKmsKeyArn },
      shownPath,
    );
    if (!writeWhole(folder, `${name}.yaml`, text, { mayReplace: false })) {
      return { kind: 'skipped', why: `there is ${shownPath}` };
    }
    files.push({ name, config: checkYaml(text, shownPath, environmentSchema).value });
    return { kind: 'written', file: name };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { kind: 'failed', why: error.message };
  }
}

function describedBy(name: string, files: readonly MonitoredEnvironment[]): string {
  const config = files.find((file) => file.name === name)?.config;
  const open = [
    ...(config?.account === undefined ? ['account'] : []),
    ...(config?.region === undefined ? ['Region'] : []),
  ];
  const meant = open.length === 0 ? '' : `, in any ${open.join(' and ')} since it names none`;
  return `environments/${name}.yaml describes it${meant}`;
}

/** Whether a key is known to be another account's: the monitor may always use those of its own. */
function isForeignKey(kmsKey: string | undefined, account: string): boolean {
  const [, , , , owner, resource = ''] = kmsKey?.split(':') ?? [];
  return owner !== undefined && owner !== account && resource.startsWith('key/');
}

function regionLine({ region, environments, failures }: RegionDiscovery): string {
  if (environments.length === 0 && failures.length > 0) return `${region}: could not be read`;
  const accounts = [...new Set(environments.map(({ account }) => account))];
  const where = accounts.length === 0 ? region : `${region}, account ${accounts.join(', ')}`;
  return `${where}: ${countOf(environments.length, 'environment')}`;
}

function outcomeLines(environment: DiscoveredEnvironment, outcome: Outcome): string[] {
  const { mwaaEnvironment, airflowVersion = 'of unknown version', kmsKey, unseen } = environment;
  const key = kmsKey === undefined ? 'a key of AWS' : `key ${visibleText(kmsKey)}`;
  const file = outcome.kind === 'written' ? outcome.file : mwaaEnvironment;
  const what =
    outcome.kind === 'written'
      ? `wrote environments/${outcome.file}.yaml`
      : `${outcome.kind}: ${outcome.why}`;
  const blind = unseen.map(({ logType, level }) =>
    level === undefined ? `${logType} (off)` : `${logType} (${visibleText(level)} only)`,
  );
  return [
    `  ${mwaaEnvironment}  Airflow ${visibleText(airflowVersion)}, ${key}`,
    `    ${what}`,
    ...(blind.length === 0
      ? []
      : [
          `    privilege changes cannot be seen in: ${blind.join(', ')}; npx privilege-monitor doctor --env ${file} shows how to log them at INFO`,
        ]),
  ];
}
