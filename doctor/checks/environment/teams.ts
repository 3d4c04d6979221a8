import { type Check, withEnvironment } from '../../facts/check.ts';
import { pass, toDo, warn } from '../../shapes/judgement.ts';

export const teams: Check = {
  id: 'teams',
  area: 'environment',
  title: 'Only one team writes its DAGs',
  meaning:
    'Airflow is not multi-tenant: the author of a DAG can reach everything that the environment can. More teams, with their buckets, mean more people who can.',
  look: withEnvironment(({ Teams, IdentityCenterConfiguration }) => {
    const named = Object.entries(Teams ?? {});
    if (named.length === 0 && IdentityCenterConfiguration === undefined) {
      return [pass('it has no teams, and no IAM Identity Center')];
    }
    const parts = named.map(
      ([name, { SourceBucketArn = 'an unnamed bucket', DagS3Path = '' }]) =>
        `team ${name} writes DAGs to ${SourceBucketArn}/${DagS3Path}`,
    );
    if (IdentityCenterConfiguration) {
      parts.push(
        `people log in through IAM Identity Center ${IdentityCenterConfiguration.IdentityStoreId ?? ''}`.trim(),
      );
    }
    return [
      warn(
        parts.join('; '),
        toDo(
          'Give each team its own environment if you can. The bucket checks cover each team’s bucket, and the groups of the identity store show who is in a team.',
          `aws identitystore list-groups --identity-store-id ${IdentityCenterConfiguration?.IdentityStoreId ?? 'STORE'}`,
        ),
      ),
    ];
  }),
};
