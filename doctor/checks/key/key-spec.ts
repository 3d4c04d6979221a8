import type { Check } from '../../facts/check.ts';
import { judgeKey } from '../../facts/key-facts.ts';
import { fail, pass, toDo, unanswered } from '../../shapes/judgement.ts';

export const keySpec: Check = {
  id: 'key-spec',
  area: 'key',
  title: 'The key is a symmetric encryption key',
  meaning: 'MWAA and CloudWatch Logs encrypt with symmetric keys only.',
  look: (facts) =>
    judgeKey(facts, ({ KeySpec, KeyUsage }) => {
      if (KeySpec === undefined) return [unanswered('kms:DescribeKey', 'KeySpec')];
      if (KeyUsage === undefined) return [unanswered('kms:DescribeKey', 'KeyUsage')];
      const evidence = `the key is ${KeySpec} for ${KeyUsage}`;
      if (KeySpec === 'SYMMETRIC_DEFAULT' && KeyUsage === 'ENCRYPT_DECRYPT')
        return [pass(evidence)];
      const { region, mwaaEnvironment } = facts.observed;
      return [
        fail(
          evidence,
          toDo(
            'Create a symmetric key, and recreate the environment with its ARN.',
            `aws kms create-key --region ${region} --key-spec SYMMETRIC_DEFAULT --key-usage ENCRYPT_DECRYPT --description 'MWAA ${mwaaEnvironment}'`,
          ),
        ),
      ];
    }),
};
