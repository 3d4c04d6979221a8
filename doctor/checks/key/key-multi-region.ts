import type { Check } from '../../facts/check.ts';
import { judgeKey } from '../../facts/key-facts.ts';
import { fail, pass, toDo, unanswered } from '../../shapes/judgement.ts';

export const keyMultiRegion: Check = {
  id: 'key-multi-region',
  area: 'key',
  title: 'The key is not a multi-Region key',
  meaning: 'MWAA does not support multi-Region keys.',
  look: (facts) =>
    judgeKey(facts, ({ MultiRegion }) => {
      if (MultiRegion === undefined) return [unanswered('kms:DescribeKey', 'MultiRegion')];
      if (!MultiRegion) return [pass('the key is a single-Region key')];
      const { region, mwaaEnvironment } = facts.observed;
      return [
        fail(
          'the key is a multi-Region key',
          toDo(
            'A multi-Region key cannot be converted: create another key, and recreate the environment with its ARN.',
            `aws kms create-key --region ${region} --no-multi-region --description 'MWAA ${mwaaEnvironment}'`,
          ),
        ),
      ];
    }),
};
