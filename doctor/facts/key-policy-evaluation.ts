import { type KeyStatement, logsKeyStatement } from '../../infra/config/key-policy.ts';
import { shellWord } from '../../lambda/common/text.ts';
import { type Decision, evaluate } from '../policy/evaluate.ts';
import { contextOf, type PolicyDocument, type Principal } from '../policy/policy-document.ts';
import { awsCommand, type Judgement, shellJson } from '../shapes/judgement.ts';

/** A key's ARN, and the partition, Region and account of the environment that uses it. */
export interface KeyPlace {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly keyArn: string;
}

/**
 * What CloudWatch Logs does with the key of a log group, each time with the group's ARN as
 * encryption context. `kms:DescribeKey`, also documented, is left out: it has no encryption
 * context, so the documented statement itself never allows it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export const logsActions = [
  'kms:Encrypt',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
  'kms:GenerateDataKey',
] as const;

/**
 * A key policy's decision when CloudWatch Logs encrypts or decrypts a log group's events.
 *
 * Whether CloudWatch Logs sends more context (`aws:SourceAccount`) is not documented: a condition
 * on it makes the decision unknown, unless the caller passes a `sourceAccount`. The service name
 * without the Region is not documented either.
 */
export function logsMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  logGroupArn: string,
  action: (typeof logsActions)[number],
  sourceAccount?: string,
): Decision {
  return evaluate([policy], {
    principal: logsService(place.region),
    action,
    resource: place.keyArn,
    context: contextOf({
      'kms:EncryptionContext:aws:logs:arn': logGroupArn,
      'kms:EncryptionContextKeys': 'aws:logs:arn',
      // CloudWatch Logs calls KMS itself, not through another service.
      'kms:ViaService': undefined,
      ...(sourceAccount !== undefined && { 'aws:SourceAccount': sourceAccount }),
    }),
  });
}

export function logsService(region: string): Principal & { readonly kind: 'service' } {
  return {
    kind: 'service',
    name: `logs.${region}.amazonaws.com`,
    doubtfulNames: ['logs.amazonaws.com'],
  };
}

/**
 * A key policy's decision when an alarm publishes to a topic that the key encrypts. CloudWatch is
 * documented to send the account and the alarm that it acts for.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export function alarmsMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  alarmArn: string,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
): Decision {
  return evaluate([policy], {
    principal: { kind: 'service', name: 'cloudwatch.amazonaws.com' },
    action,
    resource: place.keyArn,
    context: contextOf({ 'aws:SourceAccount': place.account, 'aws:SourceArn': alarmArn }),
  });
}

/** A key policy's decision for the key's account, on which its IAM policies depend as well. */
export function accountMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  action: string,
): Decision {
  return evaluate([policy], {
    principal: { kind: 'account', account: ownerOf(place) },
    action,
    resource: place.keyArn,
    context: contextOf({ 'kms:CallerAccount': ownerOf(place) }),
  });
}

/** A key policy's decision when a principal of another account decrypts. */
export function foreignerMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  principal: Principal & { readonly account: string },
): Decision {
  const { account } = principal;
  return evaluate([policy], {
    principal,
    action: 'kms:Decrypt',
    resource: place.keyArn,
    context: contextOf({ 'kms:CallerAccount': account, 'aws:PrincipalAccount': account }),
  });
}

/** A key policy's decision for a role or its account; undefined `viaService`: a direct call. */
export function roleMayUseKey(
  policy: PolicyDocument,
  place: KeyPlace,
  roleArn: string,
  action: string,
  viaService: string | undefined,
): Decision {
  return evaluate([policy], {
    principal: { kind: 'role', arn: roleArn, account: place.account },
    action,
    resource: place.keyArn,
    context: contextOf({
      'kms:CallerAccount': place.account,
      'kms:ViaService': viaService,
      'aws:PrincipalArn': roleArn,
      'aws:PrincipalAccount': place.account,
    }),
  });
}

/** The account that owns a key: the one in its ARN, or else the place's account. */
export function ownerOf({ keyArn, account }: KeyPlace): string {
  return keyArn.split(':')[4] ?? account;
}

const file = 'key-policy.json';

/** A jq expression: `$add` with a Sid that no statement of the policy has yet. */
const added = '[$add + {Sid: ($add.Sid + (.Statement | length | tostring))}]';

/** The commands that add a statement to a key's policy, which can only be replaced as a whole. */
export function addStatement(place: KeyPlace, statement: object): string[] {
  return changePolicy(place, `.Statement += ${added}`, `--argjson add ${shellJson(statement)} `);
}

/** The commands that replace all statements that allow only CloudWatch Logs with this one. */
export function replaceLogsStatements(place: KeyPlace, statement: object): string[] {
  const services = '[.Principal | objects | .Service // empty] | flatten';
  const letsLogsIn = `.Effect == "Allow" and (${services} | length > 0 and all(startswith("logs.")))`;
  return changePolicy(
    place,
    `.Statement += ${added} | .Statement |= map(select((${letsLogsIn} and (.Condition != $add.Condition or .Action != $add.Action)) | not))`,
    `--argjson add ${shellJson(statement)} `,
  );
}

/** The commands that remove the statements with this Sid from a key's policy. */
export function removeStatement(place: KeyPlace, sid: string): string[] {
  return changePolicy(
    place,
    '.Statement |= map(select(.Sid != $sid))',
    `--arg sid ${shellWord(sid)} `,
  );
}

/** The commands that get the policy, apply a `jq` filter to it, and put it back. */
export function changePolicy(place: KeyPlace, filter: string, options = ''): string[] {
  const key = `--key-id ${place.keyArn} --policy-name default`;
  return [
    awsCommand(place, 'kms get-key-policy', key, `--query Policy --output text > ${file}`),
    `jq ${options}${shellWord(filter)} ${file} > new-${file}`,
    awsCommand(place, 'kms put-key-policy', key, `--policy file://new-${file}`),
  ];
}

/** The statement that lets CloudWatch Logs encrypt an environment's log groups, and no others. */
export function allowLogsStatement(place: KeyPlace, mwaaEnvironment: string): KeyStatement {
  return logsKeyStatement(place, 'AllowCloudWatchLogs', `airflow-${mwaaEnvironment}-*`);
}

/**
 * Merges judgements of several things that differ only in the thing's name.
 *
 * @param judged pairs of a thing's name and its judgement; `{}` in evidence is replaced by the
 *   names
 */
export function together(judged: readonly (readonly [name: string, Judgement])[]): Judgement[] {
  const names = new Map<string, string[]>();
  const first = new Map<string, Judgement>();
  for (const [name, judgement] of judged) {
    const { result, evidence } = judgement;
    const sentence = `${result} ${evidence}`;
    names.set(sentence, [...(names.get(sentence) ?? []), name]);
    if (!first.has(sentence)) first.set(sentence, judgement);
  }
  return Array.from(first, ([sentence, judgement]) => ({
    ...judgement,
    evidence: judgement.evidence.replace('{}', () => (names.get(sentence) ?? []).join(', ')),
  }));
}
