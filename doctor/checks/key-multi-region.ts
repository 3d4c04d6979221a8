import type { Check } from '../check.ts';
import { fail, pass, toDo, unanswered } from '../judgement.ts';
import { judgeKey } from '../key-facts.ts';

export const keyMultiRegion: Check = {
  id: 'key-multi-region',
  area: 'key',
  title: 'The key is no multi-Region key',
  meaning: 'MWAA does not support multi-Region keys.',
  look: (facts) =>
    judgeKey(facts, ({ MultiRegion }) => {
      if (MultiRegion === undefined) return [unanswered('kms:DescribeKey', 'MultiRegion')];
      if (!MultiRegion) return [pass('the key lives in one Region')];
      const { region, mwaaEnvironment } = facts.observed;
      return [
        fail(
          'the key is a multi-Region key',
          toDo(
            'A key cannot stop being one: make another, and the environment anew with its ARN.',
            `aws kms create-key --region ${region} --no-multi-region --description 'MWAA ${mwaaEnvironment}'`,
          ),
        ),
      ];
    }),
};
