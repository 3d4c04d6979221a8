import type { Check } from '../check.ts';
import { fail, pass, toDo, undecided, warn } from '../judgement.ts';
import { judgeKeyPolicy } from '../key-facts.ts';
import { addStatement } from '../key-policy-commands.ts';
import { accountMayUseKey, ownerOf } from '../key-policy-evaluation.ts';
import { statementName } from '../policy/evaluate.ts';
import type { PolicyDocument } from '../policy/policy-document.ts';
import { matchesWildcard } from '../policy/wildcard.ts';

const action = 'kms:PutKeyPolicy';

export const keyPolicyAdministrator: Check = {
  id: 'key-policy-administrator',
  area: 'key policy',
  title: 'The account can still manage the key',
  meaning:
    'A key whose policy names only roles becomes unmanageable when the last of them is deleted; the account itself cannot be. And without the account in it, no IAM policy about the key counts.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const { partition } = place;
      const decision = accountMayUseKey(policy, place, action);
      const root = `arn:${partition}:iam::${ownerOf(place)}:root`;
      if (decision.outcome === 'allowed') return [pass(`${root} may change the key’s policy`)];
      const fix = toDo(
        'Add the account to the policy, with what a new key has; another administrator of the key must do it.',
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
          undecided(`whether ${root} may change the key’s policy cannot be told from ${why}`, fix),
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
            'Only AWS Support can give the key back; until then do not delete what it encrypts.',
            'https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html',
          ),
        ),
      ];
    }),
};

/** Principals that a statement without conditions lets put the policy. */
function administrators({ statements }: PolicyDocument): string[] {
  return statements.flatMap(({ Effect, Principal = {}, Action = [], Condition }) => {
    const mayPut = Action.some((one) => matchesWildcard(one.toLowerCase(), action.toLowerCase()));
    if (Effect !== 'Allow' || !mayPut || Condition !== undefined) return [];
    if (Principal === '*') return ['everyone'];
    // The ID of a role or user that was deleted stands where its ARN was.
    return (Principal.AWS ?? []).filter((name) => !/^A(RO|ID)A[A-Z0-9]+$/.test(name));
  });
}
