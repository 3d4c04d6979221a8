import { type Check, withEnvironment } from '../../facts/check.ts';
import { environmentKey, type Facts } from '../../facts/facts.ts';
import { expectedGrants, grantName } from '../../facts/grants.ts';
import { awsOwnedKey } from '../../facts/key-facts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

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
