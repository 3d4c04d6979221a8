import type { Check } from '../check.ts';
import { fail, pass, toDo, unanswered, warn } from '../judgement.ts';
import { judgeKey } from '../key-facts.ts';

export const keyManager: Check = {
  id: 'key-manager',
  area: 'key',
  title: 'The key is customer managed, in this account',
  meaning:
    'A key that AWS manages has a policy that nobody can change. A key of another account can be taken away by that account.',
  look: (facts) =>
    judgeKey(facts, ({ KeyManager, Arn }) => {
      if (KeyManager === undefined) return [unanswered('kms:DescribeKey', 'KeyManager')];
      if (Arn === undefined) return [unanswered('kms:DescribeKey', 'Arn')];
      const { region, mwaaEnvironment } = facts.observed;
      if (KeyManager !== 'CUSTOMER') {
        return [
          fail(
            `the key is managed by ${KeyManager}`,
            toDo(
              'Make a key of your own, and the environment anew with its ARN.',
              `aws kms create-key --region ${region} --description 'MWAA ${mwaaEnvironment}'`,
            ),
          ),
        ];
      }
      const owner = Arn.split(':')[4];
      if (owner === facts.account) return [pass('the key is customer managed, in this account')];
      return [
        warn(
          `the key is customer managed, in account ${owner}; the environment is in ${facts.account}`,
          toDo(
            'It works as long as that account lets it: agree with whoever owns the key, and keep giving it by its ARN.',
            `aws kms get-key-policy --region ${region} --key-id ${Arn} --policy-name default --output text`,
          ),
        ),
      ];
    }),
};
