import type { Check } from '../../facts/check.ts';
import { judgeKeyPolicy } from '../../facts/key-facts.ts';
import { addStatement } from '../../facts/key-policy-commands.ts';
import { accountMayUseKey, ownerOf } from '../../facts/key-policy-evaluation.ts';
import { statementName } from '../../policy/evaluate.ts';
import type { PolicyDocument } from '../../policy/policy-document.ts';
import { matchesWildcard } from '../../policy/wildcard.ts';
import { fail, pass, toDo, undecided, warn } from '../../shapes/judgement.ts';

const action = 'kms:PutKeyPolicy';

export const keyPolicyAdministrator: Check = {
  id: 'key-policy-administrator',
  area: 'key policy',
  title: 'The account can still manage the key',
  meaning:
    'A key whose policy names only roles becomes unmanageable when the last of them is deleted; the account itself cannot be deleted like that. Without the account in the policy, no IAM policy about the key has any effect.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const { partition } = place;
      const decision = accountMayUseKey(policy, place, action);
      const root = `arn:${partition}:iam::${ownerOf(place)}:root`;
      if (decision.outcome === 'allowed') return [pass(`${root} may change the key’s policy`)];
      const fix = toDo(
        'Add the account to the policy with the statement that a new key gets; an administrator of the key has to do it.',
        ...addStatement(place, {
          Sid: 'EnableIamPolicies',
          Effect: 'Allow',
          Principal: { AWS: root },
          Action: 'kms:*',
          Resource: '*',
        }),
      );
      const why = decision.statements.map(statementName).join(' and ');
      if (decision.outcome === 'unknown') {
        return [
          undecided(
            `whether ${root} may change the key’s policy cannot be determined from ${why}`,
            fix,
          ),
        ];
      }
      const refused =
        decision.outcome === 'denied'
          ? `${why} denies it to ${root}`
          : `no statement allows it to ${root}`;
      const others = administrators(policy);
      if (decision.outcome === 'not-allowed' && others.length > 0) {
        return [warn(`${refused}; only ${others.join(', ')} may change the key’s policy`, fix)];
      }
      return [
        fail(
          `nobody may change the key’s policy: ${refused}`,
          toDo(
            'Only AWS Support can restore access to the key’s policy; until then do not delete anything that the key encrypts.',
            'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
          ),
        ),
      ];
    }),
};

/** Principals that may put the key policy by a statement without conditions. */
function administrators({ statements }: PolicyDocument): string[] {
  return statements.flatMap(({ Effect, Principal = {}, Action = [], Condition }) => {
    const mayPut = Action.some((one) => matchesWildcard(one.toLowerCase(), action.toLowerCase()));
    if (Effect !== 'Allow' || !mayPut || Condition !== undefined) return [];
    if (Principal === '*') return ['everyone'];
    // The ARN of a deleted role or user is replaced by its ID.
    return (Principal.AWS ?? []).filter((name) => !/^A(RO|ID)A[A-Z0-9]+$/.test(name));
  });
}
