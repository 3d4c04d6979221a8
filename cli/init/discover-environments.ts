import pMap from 'p-map';
import { type UnseenLogType, unseenLogTypes } from '../../doctor/facts/log-groups.ts';
import { createAsk } from '../../doctor/observe/ask.ts';
import {
  type AwsAccess,
  type AwsAccessOptions,
  findAwsAccess,
  ObserveError,
} from '../../doctor/observe/aws-access.ts';
import { getEnvironment, listEnvironments } from '../../doctor/observe/read-mwaa.ts';
import type { Part } from '../../doctor/shapes/log-shapes.ts';

/** An MWAA environment as far as its monitor depends on it. */
export interface DiscoveredEnvironment {
  readonly mwaaEnvironment: string;
  readonly account: string;
  readonly region: string;
  /** undefined when MWAA does not say. */
  readonly airflowVersion: string | undefined;
  /** As it is configured: id, ARN or alias; undefined for a key that AWS owns. */
  readonly kmsKey: string | undefined;
  /** The log types in which no change can be seen. */
  readonly unseen: readonly UnseenLogType[];
}

/** The environments of one Region, and what could not be asked. */
export interface RegionDiscovery {
  readonly region: string;
  readonly environments: readonly DiscoveredEnvironment[];
  readonly failures: readonly string[];
}

/** MWAA allows 20 calls a second of an account in a Region, those of others included. */
const callsAtOnce = 4;

/**
 * Asks MWAA for the environments of each Region, one Region after the other: one that does not answer
 * costs its own environments only.
 *
 * @param regions at least one; undefined: the Region of the AWS CLI
 */
export async function* discoverEnvironments(
  regions: readonly (string | undefined)[],
  { profile }: Pick<AwsAccessOptions, 'profile'>,
): AsyncGenerator<RegionDiscovery> {
  for (const region of regions) {
    try {
      yield await discoverRegion(await findAwsAccess({ region, profile }));
    } catch (error) {
      if (!(error instanceof ObserveError) || region === undefined) throw error;
      yield { region, environments: [], failures: [error.message] };
    }
  }
}

async function discoverRegion(access: AwsAccess): Promise<RegionDiscovery> {
  const ask = createAsk();
  const { region } = access;
  const names = await listEnvironments(ask, access);
  if (names.kind !== 'known') {
    return { region, environments: [], failures: [failureText(names)] };
  }
  const answers = await pMap(
    names.value.toSorted(),
    async (name) => ({ name, answer: await getEnvironment(ask, access, name) }),
    { concurrency: callsAtOnce },
  );
  const environments: DiscoveredEnvironment[] = [];
  const failures: string[] = [];
  for (const { name, answer } of answers) {
    if (answer.kind !== 'known') {
      failures.push(`${name}: ${failureText(answer)}`);
      continue;
    }
    const { Arn = '', AirflowVersion, KmsKey, LoggingConfiguration } = answer.value;
    const [, , , , account = ''] = Arn.split(':');
    environments.push({
      ...{ mwaaEnvironment: name, account, region },
      ...{ airflowVersion: AirflowVersion, kmsKey: KmsKey },
      unseen: unseenLogTypes(LoggingConfiguration),
    });
  }
  return { region, environments, failures };
}

function failureText(part: Exclude<Part<unknown>, { kind: 'known' }>): string {
  const how = part.kind === 'denied' ? 'was denied' : 'failed';
  return `${part.action} ${how} (${part.error})`;
}
