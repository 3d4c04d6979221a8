import { type Check, environmentKey, type Facts, withEnvironment } from '../../facts/facts.ts';
import {
  awsOwnedKey,
  type ExpectedGrant,
  environmentOfGrant,
  expectedGrants,
  granteeOf,
  grantName,
  missingOperations,
  moreOperations,
} from '../../facts/key-facts.ts';
import {
  awsCommand,
  counted,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';
import type { Grant } from '../../shapes/service-shapes.ts';

/** MWAA creates its grants while it creates the environment. */
const statusesWithoutGrants = ['CREATING', 'PENDING'];

export const keyGrants: Check = {
  id: 'key-grants',
  area: 'grants',
  title: 'MWAA holds its four grants on the key',
  meaning:
    'MWAA uses the key through grants that it creates for itself. When one is revoked, MWAA can no longer use the key for that purpose, and only MWAA can create the grant again.',
  look: withEnvironment((environment, facts) => {
    const { grants, mwaaEnvironment } = facts.observed;
    if (environment.KmsKey === undefined) return awsOwnedKey;
    if (grants === undefined) return [unanswered('kms:ListGrants', 'answer')];
    return judge(grants, (all) => {
      const there = new Set(all.map(grantName));
      const wanted = expectedGrants.map(({ prefix }) => `${prefix}${mwaaEnvironment}`);
      const missing = wanted.filter((name) => !there.has(name));
      if (missing.length === 0) return [pass(`the key has ${wanted.join(', ')}`)];
      const evidence = `the key lacks ${missing.join(', ')}`;
      if (statusesWithoutGrants.includes(environment.Status ?? '')) {
        return [
          warn(
            evidence,
            toDo('MWAA is still creating it: run the doctor again when it is AVAILABLE.'),
          ),
        ];
      }
      return [fail(evidence, seeWhoRevoked(facts))];
    });
  }),
};

function seeWhoRevoked(facts: Facts) {
  const { observed } = facts;
  return toDo(
    'Find out who revoked the grant, and which grants the key has now. MWAA creates its grants when it creates an environment, so the sure way to get them back is to recreate the environment.',
    awsCommand(
      observed,
      'cloudtrail lookup-events',
      '--lookup-attributes AttributeKey=EventName,AttributeValue=RevokeGrant',
    ),
    awsCommand(
      observed,
      'kms list-grants',
      `--key-id ${environmentKey(facts)?.name}`,
      "--query 'Grants[].[Name,GranteePrincipal,GranteeServicePrincipal]'",
    ),
  );
}

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
