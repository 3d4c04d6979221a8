import { checks as everyCheck } from './checks/all-checks.ts';
import { type Check, type Expectations, type Facts, factsOf } from './facts/facts.ts';
import type { CheckReport, Report } from './report.ts';
import { awsCommand, type Fix, type Judgement, type Result, unknown } from './shapes/judgement.ts';
import type { Observed } from './shapes/observation.ts';

/** A question that no log and no single setting answers, with the commands that do. */
interface Question {
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

const worstFirst: readonly Result[] = ['fail', 'unknown', 'warn', 'pass'];

/**
 * Runs every check on what was observed; calls nothing.
 *
 * @param expectations how the environment's monitor is configured; by default, the monitor's
 *   defaults
 */
export function examine(
  observed: Observed,
  expectations?: Expectations,
  checks: readonly Check[] = everyCheck,
): Report {
  const facts = factsOf(observed, expectations);
  const made = checks.map((check) => ({ check, answer: look(check, facts) }));
  const reports = made.flatMap(({ check, answer }) =>
    typeof answer === 'string' ? [] : [reportOf(check, answer)],
  );
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { result } of reports) counts[result] += 1;
  return {
    schema: 1,
    environment: observed.mwaaEnvironment,
    region: observed.region,
    observedAt: new Date(observed.nowEpochMs).toISOString(),
    result: worstFirst.find((result) => counts[result] > 0) ?? 'pass',
    counts,
    checks: reports,
    skipped: made.flatMap(({ check: { id, title }, answer }) =>
      typeof answer === 'string' ? [{ id, title, reason: answer }] : [],
    ),
    questions: [peopleAndDagWriters(facts)].map((question) => ({
      ...question,
      commands: [...question.commands],
    })),
  };
}

/** A check that throws is `unknown`, and must not prevent the others. */
function look(check: Check, facts: Facts): readonly Judgement[] | string {
  try {
    const answer = check.look(facts);
    return answer.length === 0 ? 'there is nothing to check' : answer;
  } catch (error) {
    return [unknown({ kind: 'failed', action: `the check ${check.id}`, error: String(error) })];
  }
}

function reportOf(
  { id, area, title, meaning }: Check,
  judgements: readonly Judgement[],
): CheckReport {
  const sorted = worstFirst.flatMap((result) => judgements.filter((one) => one.result === result));
  return {
    id,
    area,
    title,
    meaning,
    result: sorted[0]?.result ?? 'unknown',
    evidence: unique(sorted.map(({ evidence }) => evidence)),
    notices: unique(sorted.filter(({ isNotice }) => isNotice).map(({ evidence }) => evidence)),
    fixes: distinctFixes(sorted.flatMap(({ fixes = [] }) => fixes)),
    missing: distinctMissing(sorted),
  };
}

/** Merges fixes of the same text, so that the commands for all log groups are in one list. */
function distinctFixes(fixes: readonly Fix[]): CheckReport['fixes'] {
  const byText = new Map<string, Map<string, readonly string[]>>();
  for (const { text, commands } of fixes) {
    const lists = byText.get(text) ?? new Map<string, readonly string[]>();
    byText.set(text, lists.set(commands.join('\n'), commands));
  }
  return Array.from(byText, ([text, lists]) => ({ text, commands: [...lists.values()].flat() }));
}

function distinctMissing(judgements: readonly Judgement[]): CheckReport['missing'] {
  const byAction = new Map<string, CheckReport['missing'][number]>();
  for (const { missing } of judgements) {
    if (missing && !byAction.has(missing.action)) byAction.set(missing.action, { ...missing });
  }
  return [...byAction.values()];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
