import type { Check } from '../../facts/check.ts';
import { judgeKey } from '../../facts/key-facts.ts';
import { fail, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

export const keyManager: Check = {
  id: 'key-manager',
  area: 'key',
  title: 'The key is customer managed and in this account',
  meaning:
    'Nobody can change the policy of a key that AWS manages. The owner of a key in another account can revoke access to it.',
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
              'Create a key of your own, and recreate the environment with its ARN.',
              `aws kms create-key --region ${region} --description 'MWAA ${mwaaEnvironment}'`,
            ),
          ),
        ];
      }
      const owner = Arn.split(':')[4];
      if (owner === facts.account) return [pass('the key is customer managed and in this account')];
      return [
        warn(
          `the key is customer managed and in account ${owner}; the environment is in ${facts.account}`,
          toDo(
            'It works as long as that account allows it: agree on that with the owner of the key, and always refer to the key by its ARN.',
            `aws kms get-key-policy --region ${region} --key-id ${Arn} --policy-name default --output text`,
          ),
        ),
      ];
    }),
};
