import { type Check, withEnvironment } from '../../facts/check.ts';
import { environmentKey, type Facts } from '../../facts/facts.ts';
import {
  type ExpectedGrant,
  environmentOfGrant,
  expectedGrants,
  granteeOf,
  grantName,
  missingOperations,
  moreOperations,
} from '../../facts/grants.ts';
import { awsOwnedKey } from '../../facts/key-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import {
  counted,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';
import type { Grant } from '../../shapes/kms.ts';

export const keyGrantShapes: Check = {
  id: 'key-grant-shapes',
  area: 'grants',
  title: 'The grants match the documentation and are for this environment only',
  meaning:
    'A grant to somebody else, with other operations than documented, or of a deleted environment deserves a look. AWS’s documentation is the only source for the usual grants, so this check warns and never fails.',
  look: withEnvironment(({ KmsKey }, facts) => {
    const { grants } = facts.observed;
    if (KmsKey === undefined) return awsOwnedKey;
    if (grants === undefined) return [unanswered('kms:ListGrants', 'answer')];
    return judge(grants, (all) => {
      const oddities = all.flatMap((grant) => odditiesOf(grant, facts));
      if (oddities.length === 0)
        return [pass(`the key has ${counted(all.length, 'grant')}, none of them unusual`)];
      return oddities.map(
        (evidence): Judgement =>
          warn(
            evidence,
            toDo(
              'Look at the grant; revoke it only if you know that nothing needs it.',
              awsCommand(
                facts.observed,
                'kms list-grants',
                `--key-id ${environmentKey(facts)?.name}`,
              ),
            ),
          ),
      );
    });
  }),
};

function odditiesOf(grant: Grant, { observed, account }: Facts): string[] {
  const name = grantName(grant);
  const environment = environmentOfGrant(grant);
  // Database, queues and secrets of the environment have grants of their own.
  if (environment === undefined) return foreignOddities(grant, account);
  if (environment !== observed.mwaaEnvironment) {
    return [
      `grant ${name} belongs to environment ${environment}: the key is shared, or the grant is stale`,
    ];
  }
  const expected = expectedGrants.find(({ prefix }) => name.startsWith(prefix));
  return expected ? differences(grant, expected, `airflow.${observed.region}.amazonaws.com`) : [];
}

function differences(grant: Grant, expected: ExpectedGrant, grantee: string): string[] {
  const name = grantName(grant);
  const missing = missingOperations(grant, expected);
  const more = moreOperations(grant, expected);
  const who = granteeOf(grant);
  const { GranteePrincipal: older, GranteeServicePrincipal: newer, Constraints } = grant;
  return [
    ...(more.length > 0 ? [`grant ${name} has undocumented operations: ${more.join(', ')}`] : []),
    ...(Object.keys(Constraints ?? {}).length > 0
      ? [`grant ${name} has constraints: ${JSON.stringify(Constraints)}`]
      : []),
    ...(older !== undefined && newer !== undefined && older !== newer
      ? [`grant ${name} is for ${older} and for ${newer}`]
      : []),
    ...(missing.length > 0 ? [`grant ${name} lacks ${missing.join(', ')}`] : []),
    ...(who !== grantee
      ? [`grant ${name} is for ${who ?? 'nobody named'}, not for ${grantee}`]
      : []),
  ];
}

/** A grant lets its grantee use the key whatever its name is, and whatever the key policy says. */
function foreignOddities(grant: Grant, account: string): string[] {
  const who = granteeOf(grant) ?? '';
  const [prefix, , , , owner = ''] = who.split(':');
  if (prefix !== 'arn' || owner === '' || owner === account) return [];
  const { Operations = [] } = grant;
  return [
    `grant ${grantName(grant)} lets ${who}, in another account, use ${Operations.join(', ')}`,
  ];
}
