import { type Check, withEnvironment } from '../check.ts';
import { pass, toDo, warn } from '../judgement.ts';

export const teams: Check = {
  id: 'teams',
  area: 'environment',
  title: 'One team writes its DAGs',
  meaning:
    'Airflow is not multi-tenant: whoever writes DAGs can reach all that the environment reaches. Teams of one environment, and their buckets, are more people who can.',
  look: withEnvironment(({ Teams, IdentityCenterConfiguration }) => {
    const named = Object.entries(Teams ?? {});
    if (named.length === 0 && IdentityCenterConfiguration === undefined) {
      return [pass('it has no teams, and no users of IAM Identity Center')];
    }
    const parts = named.map(
      ([name, { SourceBucketArn = 'an unnamed bucket', DagS3Path = '' }]) =>
        `team ${name} writes DAGs to ${SourceBucketArn}/${DagS3Path}`,
    );
    if (IdentityCenterConfiguration) {
      parts.push(
        `people log in by IAM Identity Center ${IdentityCenterConfiguration.IdentityStoreId ?? ''}`.trim(),
      );
    }
    return [
      warn(
        parts.join('; '),
        toDo(
          'Give each team an environment of its own where you can; the bucket checks look at each team’s bucket, and the groups of the identity store say who is in a team.',
          `aws identitystore list-groups --identity-store-id ${IdentityCenterConfiguration?.IdentityStoreId ?? 'STORE'}`,
        ),
      ),
    ];
  }),
};
