import type { Check } from '../check.ts';
import { judgeForbidden } from '../forbidden.ts';
import { unanswered, warn } from '../judgement.ts';
import { judgeRole } from '../role-facts.ts';

export const roleDagWriting: Check = {
  id: 'role-dag-writing',
  area: 'execution role',
  title: 'The execution role may not write DAGs',
  meaning:
    'A DAG that writes other DAGs goes round the review of the pipeline that should be the only way to the bucket.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const { SourceBucketArn, DagS3Path } = facts.environment ?? {};
      if (SourceBucketArn === undefined) {
        return [unanswered('airflow:GetEnvironment', 'SourceBucketArn')];
      }
      const teams = Object.values(facts.environment?.Teams ?? {});
      const folders = [{ SourceBucketArn, DagS3Path }, ...teams];
      return judgeForbidden(
        facts,
        role,
        folders.map((folder) => ({
          actions: ['s3:PutObject', 's3:DeleteObject'],
          resource: `${folder.SourceBucketArn}/${(folder.DagS3Path ?? 'dags').replace(/\/$/, '')}/any.py`,
        })),
        'write DAGs',
        warn,
      );
    }),
};
