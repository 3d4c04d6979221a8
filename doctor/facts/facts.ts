import { type DutiesOfLogTypes, defaultDuties } from '../../lambda/model/log-types.ts';
import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { Observed, ObservedKey } from '../shapes/observation.ts';

/** The configurable part of what the doctor expects of an environment. */
export interface Expectations {
  /** How far back the far sweep reads: its lag and its length together. */
  readonly sweepMinutes: number;
  /** What the environment's file requires of each log type. */
  readonly logTypes: DutiesOfLogTypes;
  /** How old the newest event of a `never-silent` log type may be. */
  readonly silentAfterMinutes: number;
  /** The period between two ticks of the monitor. */
  readonly everyMinutes: number;
  /** How far the end of a tick's slice lags behind the present. */
  readonly settleMinutes: number;
}

/** The monitor's own defaults. */
export const defaultExpectations: Expectations = {
  sweepMinutes: 2880,
  logTypes: defaultDuties,
  silentAfterMinutes: 60,
  everyMinutes: 5,
  settleMinutes: 5,
};

/** What was observed, with the values derived from it that most checks need. */
export interface Facts {
  readonly observed: Observed;
  readonly expectations: Expectations;
  /** `aws`, `aws-cn`, `aws-us-gov` */
  readonly partition: string;
  /** 12 digits; empty without an answer from GetEnvironment that has an ARN. */
  readonly account: string;
  /** undefined without an answer from GetEnvironment. */
  readonly environment: MwaaEnvironment | undefined;
}

export function factsOf(
  observed: Observed,
  expectations: Expectations = defaultExpectations,
): Facts {
  const { environment: part } = observed;
  const environment = part.kind === 'known' ? part.value : undefined;
  const [, partition = 'aws', , , account = ''] = environment?.Arn?.split(':') ?? [];
  return { observed, expectations, partition, account, environment };
}

/** The customer managed key that the environment is configured with. */
export interface EnvironmentKey {
  /** As GetEnvironment returns it: ID, ARN or alias. */
  readonly name: string;
  /** From DescribeKey, or the name if that is an ARN; undefined if neither has one. */
  readonly arn: string | undefined;
  readonly key: ObservedKey | undefined;
}

export function environmentKey({ observed, environment }: Facts): EnvironmentKey | undefined {
  const name = environment?.KmsKey;
  if (name === undefined) return undefined;
  const key = observed.keys[name];
  const described = key?.metadata.kind === 'known' ? key.metadata.value.Arn : undefined;
  return { name, arn: described ?? (name.includes(':key/') ? name : undefined), key };
}

/** Whether a key's ARN and a name, which is an ID or an ARN, refer to the same key. */
export function isSameKey(arn: string, name: string): boolean {
  return arn === name || arn.split('/').at(-1) === name;
}
