import { awsCommand } from '../shapes/commands.ts';
import { fail, type Judgement, toDo, unanswered, unknown } from '../shapes/judgement.ts';
import type { MwaaEnvironment } from '../shapes/mwaa.ts';
import type { ObservedBucket } from '../shapes/observation.ts';
import type { Facts } from './facts.ts';

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
