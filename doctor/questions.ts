import { awsCommand } from './commands.ts';
import type { Facts } from './facts.ts';

/** What no log and no setting of one resource tells, with the commands that answer it. */
export interface Question {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  readonly commands: readonly string[];
}

/**
 * Who may become Airflow Admin at login, and who may write DAGs: IAM decides, and shows it only
 * principal by principal.
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
      'On MWAA that is IAM, and in no log group. The first two commands name every role and user that may; the third, who else the bucket lets in; the last, who took a login token lately.',
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

/** IAM answers for one principal at a time. */
function mayDo(action: string, resource: string): string {
  return [
    "for who in $(aws iam list-roles --query 'Roles[].Arn' --output text; aws iam list-users --query 'Users[].Arn' --output text); do",
    `  aws iam simulate-principal-policy --policy-source-arn "$who" --action-names ${action} --resource-arns ${resource} --query "EvaluationResults[?EvalDecision=='allowed'].['$who']" --output text;`,
    'done',
  ].join('\n');
}
