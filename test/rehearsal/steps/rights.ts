import {
  GetRolePolicyCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { Stage } from '../stage.ts';
import { invokeTick, type Monitor } from './monitor.ts';

interface PolicyDocument {
  readonly Statement: readonly { readonly Sid?: string }[];
}

/**
 * Takes one statement away from the function's role while something is done.
 *
 * @param sid its `Sid`
 */
export async function withoutStatement<Result>(
  { clients: { iam, lambda } }: Stage,
  { functionName }: Monitor,
  sid: string,
  act: () => Promise<Result>,
): Promise<Result> {
  const { Role = '' } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName }),
  );
  const RoleName = Role.replace(/^.*\//, '');
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const place = { RoleName, PolicyName: String(PolicyNames[0]) };
  const { PolicyDocument: encoded = '' } = await iam.send(new GetRolePolicyCommand(place));
  const document: PolicyDocument = JSON.parse(decodeURIComponent(encoded));
  const Statement = document.Statement.filter((statement) => statement.Sid !== sid);
  if (Statement.length === document.Statement.length) {
    throw new Error(`the policy of ${RoleName} has no statement ${sid}`);
  }
  const put = (policy: PolicyDocument) =>
    iam.send(new PutRolePolicyCommand({ ...place, PolicyDocument: JSON.stringify(policy) }));
  await put({ ...document, Statement });
  try {
    return await act();
  } finally {
    await put(document);
  }
}

/** Without a right, a tick must fail and name the right. */
export async function removeRight(
  stage: Stage,
  monitor: Monitor,
  tickEpochMs: number,
): Promise<void> {
  const { checks, clients } = stage;
  checks.step('rights', 'IAM was enforced all along: a run without a right fails');
  const { error } = await withoutStatement(stage, monitor, 'PublishOwnMetrics', () =>
    invokeTick(clients, monitor, tickEpochMs),
  );
  checks.check(
    'a run that may not publish metrics fails, and its error names cloudwatch:PutMetricData',
    error?.includes('cloudwatch:PutMetricData') === true,
    error,
  );
  const again = await invokeTick(clients, monitor, tickEpochMs);
  checks.check(
    'the same tick succeeds when the right is back',
    again.error === undefined,
    again.error,
  );
}
