import type { Grant } from '../shapes/kms.ts';

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
