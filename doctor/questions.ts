import type { Facts } from './facts/facts.ts';
import { awsCommand } from './shapes/commands.ts';

/** A question that no log and no single setting answers, with the commands that do. */
export interface Question {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  readonly commands: readonly string[];
}

/**
 * Who may become Airflow Admin at login, and who may write DAGs. IAM decides that, and can be asked
 * only for one principal at a time.
 */
export function peopleAndDagWriters({
  observed,
  environment,
  partition,
  account,
}: Facts): Question {
  const { region, mwaaEnvironment } = observed;
  const owner = account === '' ? 'ACCOUNT' : account;
  const adminArn = `arn:${partition}:airflow:${region}:${owner}:role/${mwaaEnvironment}/Admin`;
  const bucketArn = environment?.SourceBucketArn ?? `arn:${partition}:s3:::BUCKET`;
  const dagArn = `${bucketArn}/${(environment?.DagS3Path ?? 'dags').replace(/\/$/, '')}/any.py`;
  const bucket = bucketArn.split(':').at(-1);
  return {
    id: 'people-and-dag-writers',
    title: 'Who may become Airflow Admin at login, and who may write DAGs?',
    meaning:
      'On MWAA, IAM decides this, and no log group shows it. The first two commands list every role and user that may; the third shows whom else the bucket allows; the last lists who obtained a login token recently.',
    commands: [
      mayDo('airflow:CreateWebLoginToken', adminArn),
      mayDo('s3:PutObject', dagArn),
      awsCommand(
        observed,
        's3api get-bucket-policy',
        `--bucket ${bucket}`,
        '--query Policy --output text',
      ),
      awsCommand(
        observed,
        'cloudtrail lookup-events',
        '--lookup-attributes AttributeKey=EventName,AttributeValue=CreateWebLoginToken',
        "--query 'Events[].[EventTime,Username]' --output text",
      ),
    ],
  };
}

/** A loop over all roles and users, since IAM simulates one principal at a time. */
function mayDo(action: string, resource: string): string {
  return [
    "for who in $(aws iam list-roles --query 'Roles[].Arn' --output text; aws iam list-users --query 'Users[].Arn' --output text); do",
    `  aws iam simulate-principal-policy --policy-source-arn "$who" --action-names ${action} --resource-arns ${resource} --query "EvaluationResults[?EvalDecision=='allowed'].['$who']" --output text;`,
    'done',
  ].join('\n');
}
