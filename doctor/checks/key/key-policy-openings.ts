import { type Check, foreignAccount } from '../../facts/facts.ts';
import { judgeKeyPolicy } from '../../facts/key-facts.ts';
import {
  accountMayUseKey,
  addStatement,
  foreignerMayUseKey,
  ownerOf,
} from '../../facts/key-policy-evaluation.ts';
import { statementName } from '../../policy/evaluate.ts';
import type { PolicyDocument, Principal } from '../../policy/policy-document.ts';
import { matchesWildcard } from '../../policy/wildcard.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  pass,
  toDo,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

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

export const keyPolicyForeigners: Check = {
  id: 'key-policy-foreigners',
  area: 'key policy',
  title: 'No other account may use the key',
  meaning:
    'Anyone who may decrypt with the key can read the environment’s logs, DAGs and secrets wherever they obtain a copy.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const own = new Set([ownerOf(place), facts.account]);
      const anybody = foreignAccount(facts.account);
      const judgements = principalsIn(policy, anybody)
        .filter(({ account }) => !own.has(account))
        .flatMap((principal): Judgement[] => {
          const { outcome, statements } = foreignerMayUseKey(policy, place, principal);
          if (outcome === 'denied' || outcome === 'not-allowed') return [];
          const who = nameOf(principal, anybody);
          const may = outcome === 'allowed' ? 'may' : 'may, under conditions,';
          return [
            warn(
              `${who} ${may} decrypt with the key: ${statements.map(statementName).join(' and ')}`,
              toDo(
                'If nobody can justify the statement, remove it; this command shows the policy.',
                awsCommand(
                  facts.observed,
                  'kms get-key-policy',
                  `--key-id ${place.keyArn} --policy-name default --query Policy --output text`,
                ),
              ),
            ),
          ];
        });
      return judgements.length > 0
        ? judgements
        : [pass('no statement lets another account use the key')];
    }),
};

type Foreigner = Principal & { readonly account: string };

/** The principals that a policy names, and an account that may do what everybody may do. */
function principalsIn({ statements }: PolicyDocument, anybody: string): Foreigner[] {
  const names = statements.flatMap(({ Principal = {} }) =>
    Principal === '*' ? [] : (Principal.AWS ?? []),
  );
  const named = [...new Set(names)].flatMap((name): Foreigner[] => {
    const [, account, what] = /^(?:arn:[a-z-]+:(?:iam|sts)::)?(\d{12})(?::(.+))?$/.exec(name) ?? [];
    if (account === undefined) return [];
    const isWhole = what === undefined || what === 'root';
    return [isWhole ? { kind: 'account', account } : { kind: 'role', arn: name, account }];
  });
  return [{ kind: 'account', account: anybody }, ...named];
}

function nameOf(principal: Foreigner, anybody: string): string {
  if (principal.account === anybody) return 'everybody';
  return principal.kind === 'role' ? principal.arn : `account ${principal.account}`;
}
