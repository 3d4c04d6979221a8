import type { Facts } from './facts.ts';
import { type Judgement, unanswered, unknown } from './judgement.ts';
import type { ObservedBucket } from './observed.ts';
import type { MwaaEnvironment } from './shapes/mwaa.ts';

/** The names of the buckets that hold DAGs: the environment's, and those of its teams. */
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
    return bucket === undefined
      ? [unanswered('s3:GetBucketVersioning', `answer for ${name}`)]
      : judgeOne(bucket, name);
  });
  return [...judged, ...unnamed];
}
