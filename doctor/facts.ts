import { type DutiesOfLogTypes, defaultDuties } from '../lambda/log-types.ts';
import type { Observed, ObservedKey } from './observed.ts';
import type { MwaaEnvironment } from './shapes/mwaa.ts';

/** What the doctor holds an environment to, where that is a choice. */
export interface Expectations {
  /** How far back the far sweep reads: its lag and its length together. */
  readonly sweepMinutes: number;
  /** What the environment's file says of each log type. */
  readonly logTypes: DutiesOfLogTypes;
  /** How old the newest event of a `never-silent` log type may be. */
  readonly silentAfterMinutes: number;
  /** Between two ticks of the monitor. */
  readonly everyMinutes: number;
  /** How far a tick stays behind the present. */
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

/** What was observed, and what follows from it for every check. */
export interface Facts {
  readonly observed: Observed;
  readonly expectations: Expectations;
  /** `aws`, `aws-cn`, `aws-us-gov` */
  readonly partition: string;
  /** 12 digits; empty when GetEnvironment was not answered. */
  readonly account: string;
  /** undefined when GetEnvironment was not answered. */
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

/** The environment's own key, when it has one. */
export interface EnvironmentKey {
  /** As the environment names it. */
  readonly name: string;
  /** As far as it is known: DescribeKey's, or the name when that is one. */
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

/** Whether an ARN and a name, an ID or an ARN, mean the same key. */
export function isSameKey(arn: string, name: string): boolean {
  return arn === name || arn.split('/').at(-1) === name;
}
