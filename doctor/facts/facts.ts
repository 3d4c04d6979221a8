import { type DutiesOfLogTypes, defaultDuties } from '../../lambda/model/log-types.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  toDo,
  unanswered,
  unknown,
} from '../shapes/judgement.ts';
import type { Observed, ObservedBucket, ObservedKey } from '../shapes/observation.ts';
import type { MwaaEnvironment } from '../shapes/service-shapes.ts';

/** The configurable part of what the doctor expects of an environment. */
export interface Expectations {
  /** The name of the environment's file in `environments/`; undefined when there is none. */
  readonly file?: string | undefined;
  /** The key in the environment's file for what the monitor stores; undefined for the stack's own. */
  readonly kmsKeyArn?: string | undefined;
  /** Whether the environment's file has a second witness. @default false */
  readonly hasWitness?: boolean | undefined;
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

/** AWS assigns neither; but an AWS that is played on one machine has the first as its own. */
const unassignedAccounts = ['000000000000', '999999999990'];

/** An account of nobody's: what it may do, every account may do. */
export function foreignAccount(own: string): string {
  return unassignedAccounts.find((account) => account !== own) ?? '';
}

/** The customer managed key that the environment is configured with. */
interface EnvironmentKey {
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

export const areas = [
  'environment',
  'observability',
  'monitor',
  'key',
  'key policy',
  'grants',
  'execution role',
  'bucket',
  'account',
] as const;

type Area = (typeof areas)[number];

/** One question about an environment. */
export interface Check {
  /** Never changes: scripts refer to it. */
  readonly id: string;
  readonly area: Area;
  /** The claim that is checked, as a line of the table. */
  readonly title: string;
  /** Why it matters when the claim does not hold. */
  readonly meaning: string;
  /**
   * Judges only what was observed; calls nothing.
   *
   * @returns one judgement per thing examined, or a text that says why the check does not apply
   */
  readonly look: (facts: Facts) => readonly Judgement[] | string;
}

/** Judges the environment itself. The result is `unknown` without an answer from GetEnvironment. */
export function withEnvironment(
  look: (environment: MwaaEnvironment, facts: Facts) => readonly Judgement[] | string,
): Check['look'] {
  return (facts) => {
    const { environment } = facts.observed;
    if (environment.kind !== 'known') return [unknown(environment)];
    // A missing field can be right, but only in an answer that is one: every environment has an
    // ARN.
    if (environment.value.Arn === undefined) return [unanswered('airflow:GetEnvironment', 'Arn')];
    return look(environment.value, facts);
  };
}

/**
 * The backend in which Airflow looks up connections and variables first.
 * https://docs.aws.amazon.com/mwaa/latest/userguide/connections-secrets-manager.html
 */
interface SecretsBackend {
  readonly className: string;
  /** The prefixes of the secrets' names. */
  readonly prefixes: readonly string[];
}

const defaultPrefixes = {
  connections_prefix: 'airflow/connections',
  variables_prefix: 'airflow/variables',
};

export function readSecretsBackend({
  AirflowConfigurationOptions: options = {},
}: MwaaEnvironment): SecretsBackend | undefined {
  const className = options['secrets.backend'];
  if (!className) return undefined;
  const given = parseObject(options['secrets.backend_kwargs'] ?? '{}');
  const prefixes = Object.entries(defaultPrefixes).flatMap(([name, prefix]) => {
    const value = given[name] === undefined ? prefix : given[name];
    return typeof value === 'string' ? [value] : [];
  });
  return { className, prefixes };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The names of the buckets that hold DAGs: the environment's own and its teams'. */
export function bucketNames({ SourceBucketArn, Teams = {} }: MwaaEnvironment): string[] {
  const arns = [SourceBucketArn, ...Object.values(Teams).map((team) => team.SourceBucketArn)];
  return [...new Set(arns.flatMap((arn) => arn?.split(':').at(-1) ?? []))];
}

/** Judges each bucket that holds DAGs. */
export function judgeBuckets(
  { observed }: Facts,
  judgeOne: (bucket: ObservedBucket, name: string) => readonly Judgement[],
): readonly Judgement[] {
  if (observed.environment.kind !== 'known') return [unknown(observed.environment)];
  const names = bucketNames(observed.environment.value);
  if (names.length === 0) return [unanswered('airflow:GetEnvironment', 'SourceBucketArn')];
  const unnamed = Object.entries(observed.environment.value.Teams ?? {})
    .filter(([, { SourceBucketArn }]) => SourceBucketArn === undefined)
    .map(([team]) => unanswered('airflow:GetEnvironment', `SourceBucketArn of team ${team}`));
  const judged = names.flatMap((name) => {
    const bucket = observed.buckets[name];
    if (bucket === undefined) return [unanswered('s3:GetBucketVersioning', `answer for ${name}`)];
    return isGone(bucket) ? [bucketGone(observed, name)] : judgeOne(bucket, name);
  });
  return [...judged, ...unnamed];
}

function isGone({ versioning }: ObservedBucket): boolean {
  return versioning.kind === 'failed' && versioning.error.startsWith('NoSuchBucket:');
}

function bucketGone(observed: Facts['observed'], name: string): Judgement {
  return fail(
    `there is no bucket ${name}`,
    toDo(
      'Create it again under the same name, before somebody else does and serves the environment their own DAGs.',
      awsCommand(observed, 's3 mb', `s3://${name}`),
    ),
  );
}
