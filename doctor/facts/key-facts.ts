import { judgePolicy, type PolicyDocument } from '../policy/policy-document.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  unknown,
} from '../shapes/judgement.ts';
import type { Observed } from '../shapes/observation.ts';
import type { Grant, KeyMetadata } from '../shapes/service-shapes.ts';
import { environmentKey, type Facts } from './facts.ts';
import type { KeyPlace } from './key-policy-evaluation.ts';

export const awsOwnedKey =
  'the environment uses the AWS owned key: there is no key of yours to check';

/** Judges DescribeKey's answer about the environment's key. */
export function judgeKey(
  facts: Facts,
  whenKnown: (metadata: KeyMetadata, name: string) => readonly Judgement[],
): readonly Judgement[] | string {
  const { environment } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  const own = environmentKey(facts);
  if (own === undefined) return awsOwnedKey;
  if (own.key === undefined) return [unanswered('kms:DescribeKey', `answer for ${own.name}`)];
  return judge(own.key.metadata, (metadata) => whenKnown(metadata, own.name));
}

/** Judges the policy of the environment's key. */
export function judgeKeyPolicy(
  facts: Facts,
  whenKnown: (policy: PolicyDocument, place: KeyPlace) => readonly Judgement[],
): readonly Judgement[] | string {
  const { environment } = facts.observed;
  if (environment.kind !== 'known') return [unknown(environment)];
  if (facts.account === '') return [unanswered('airflow:GetEnvironment', 'Arn')];
  const own = environmentKey(facts);
  if (own === undefined) return awsOwnedKey;
  if (own.key === undefined) return [unanswered('kms:GetKeyPolicy', `answer for ${own.name}`)];
  const place = placeOf(facts, own.arn ?? own.name);
  return judge(own.key.policy, (text) =>
    judgePolicy(text, 'the key policy', (policy) => whenKnown(policy, place)),
  );
}

/** @param keyArn a bare key ID works too, for policies whose resource is `*` */
export function placeOf({ observed, partition, account }: Facts, keyArn: string): KeyPlace {
  return { partition, region: observed.region, account, keyArn };
}

export function logGroupArn({ observed, partition, account }: Facts, name: string): string {
  return `arn:${partition}:logs:${observed.region}:${account}:log-group:${name}`;
}

/** A grant that MWAA creates for itself on the key of an environment. */
export interface ExpectedGrant {
  /** The grant's name is this prefix and the environment's name. */
  readonly prefix: string;
  /** As documented, with wildcards. */
  readonly operations: readonly string[];
}

const everyGrant = ['Encrypt', 'Decrypt', 'ReEncrypt*', 'GenerateDataKey*', 'DescribeKey'];

/** https://docs.aws.amazon.com/mwaa/latest/userguide/custom-keys-certs.html#custom-keys-certs-grants */
export const expectedGrants: readonly ExpectedGrant[] = [
  {
    prefix: 'mwaa-grant-for-env-mgmt-role-',
    operations: [...everyGrant, 'CreateGrant', 'RetireGrant'],
  },
  { prefix: 'mwaa-grant-for-lambda-exec-', operations: [...everyGrant, 'RetireGrant'] },
  { prefix: 'mwaa-grant-for-cfn-mgmt-', operations: everyGrant },
  { prefix: 'mwaa-fargate-access-for-', operations: [...everyGrant, 'RetireGrant'] },
];

/**
 * The operations that a documented one stands for: ListGrants returns neither prefix nor wildcard.
 * Operations on key pairs are left out, since MWAA does not generate any.
 */
export function expandOperation(operation: string): string[] {
  const name = operation.replace(/^kms:/, '');
  if (name === 'ReEncrypt*') return ['ReEncryptFrom', 'ReEncryptTo'];
  if (name === 'GenerateDataKey*') return ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'];
  return [name];
}

/** A grant's name, trimmed: the documentation shows one that begins with a space. */
export function grantName({ Name = '' }: Grant): string {
  return Name.trim();
}

/** Who may use a grant; either the older or the newer field is set. */
export function granteeOf({ GranteePrincipal, GranteeServicePrincipal }: Grant) {
  return GranteePrincipal ?? GranteeServicePrincipal;
}

/** The name of the environment that a grant of MWAA is for; undefined for any other grant. */
export function environmentOfGrant(grant: Grant): string | undefined {
  const name = grantName(grant);
  const prefix = expectedGrants.map((one) => one.prefix).find((one) => name.startsWith(one));
  return prefix === undefined ? undefined : name.slice(prefix.length);
}

/** The documented operations that a grant lacks. */
export function missingOperations({ Operations = [] }: Grant, expected: ExpectedGrant): string[] {
  const there = new Set(Operations.flatMap(expandOperation));
  return expected.operations.flatMap(expandOperation).filter((name) => !there.has(name));
}

/** The undocumented operations of a grant; those on key pairs permit no more than the others. */
export function moreOperations({ Operations = [] }: Grant, expected: ExpectedGrant): string[] {
  const documented = new Set(expected.operations.flatMap(expandOperation));
  return Operations.flatMap(expandOperation).filter(
    (name) => !documented.has(name) && !name.startsWith('GenerateDataKeyPair'),
  );
}

/**
 * Judges whether a key can be used.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 *
 * @param whose how the evidence refers to the key, such as `the key`
 * @param name its ID or ARN
 */
export function judgeKeyState(
  observed: Pick<Observed, 'region'>,
  whose: string,
  { KeyState, DeletionDate }: KeyMetadata,
  name: string,
): Judgement {
  if (KeyState === undefined) return unanswered('kms:DescribeKey', `KeyState of ${name}`);
  const evidence = `${whose} ${name} is ${stateText({ KeyState, DeletionDate })}`;
  if (KeyState === 'Enabled') return pass(evidence);
  const enable = awsCommand(observed, 'kms enable-key', `--key-id ${name}`);
  if (KeyState === 'Disabled') return fail(evidence, toDo('Enable the key.', enable));
  if (KeyState === 'PendingDeletion') {
    const cancel = awsCommand(observed, 'kms cancel-key-deletion', `--key-id ${name}`);
    return fail(
      evidence,
      toDo('Cancel the deletion while there is time, and enable the key.', cancel, enable),
    );
  }
  return fail(
    evidence,
    toDo(
      'Fix the cause of this state: import the key material, or repair the key store of the key.',
      awsCommand(observed, 'kms describe-key', `--key-id ${name}`),
    ),
  );
}

export function stateText({ KeyState, DeletionDate }: KeyMetadata): string {
  if (KeyState === 'PendingDeletion')
    return `to be deleted on ${DeletionDate ?? 'an unknown date'}`;
  return KeyState === undefined ? 'in an unknown state' : inWords(KeyState);
}

/** Turns `PendingImport` into `pending import`. */
function inWords(state: string): string {
  return state.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
