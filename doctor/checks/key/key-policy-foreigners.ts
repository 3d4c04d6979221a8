import type { Check } from '../../facts/check.ts';
import { judgeKeyPolicy } from '../../facts/key-facts.ts';
import { foreignerMayUseKey, ownerOf } from '../../facts/key-policy-evaluation.ts';
import { statementName } from '../../policy/evaluate.ts';
import type { PolicyDocument } from '../../policy/policy-document.ts';
import type { Principal } from '../../policy/request.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { type Judgement, pass, toDo, warn } from '../../shapes/judgement.ts';

export const keyPolicyForeigners: Check = {
  id: 'key-policy-foreigners',
  area: 'key policy',
  title: 'No other account may use the key',
  meaning:
    'Anyone who may decrypt with the key can read the environment’s logs, DAGs and secrets wherever they obtain a copy.',
  look: (facts) =>
    judgeKeyPolicy(facts, (policy, place) => {
      const own = new Set([ownerOf(place), facts.account]);
      const judgements = principalsIn(policy)
        .filter(({ account }) => !own.has(account))
        .flatMap((principal): Judgement[] => {
          const { outcome, statements } = foreignerMayUseKey(policy, place, principal);
          if (outcome === 'denied' || outcome === 'not-allowed') return [];
          const who = nameOf(principal);
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

/** An account ID that AWS never assigns: what it may do, everybody may do. */
const anybody: Foreigner = { kind: 'account', account: '000000000000' };

function principalsIn({ statements }: PolicyDocument): Foreigner[] {
  const names = statements.flatMap(({ Principal = {} }) =>
    Principal === '*' ? [] : (Principal.AWS ?? []),
  );
  const named = [...new Set(names)].flatMap((name): Foreigner[] => {
    const [, account, what] = /^(?:arn:[a-z-]+:(?:iam|sts)::)?(\d{12})(?::(.+))?$/.exec(name) ?? [];
    if (account === undefined) return [];
    const isWhole = what === undefined || what === 'root';
    return [isWhole ? { kind: 'account', account } : { kind: 'role', arn: name, account }];
  });
  return [anybody, ...named];
}

function nameOf(principal: Foreigner): string {
  if (principal === anybody) return 'everybody';
  return principal.kind === 'role' ? principal.arn : `account ${principal.account}`;
}
