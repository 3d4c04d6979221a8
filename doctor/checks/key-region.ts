import type { Check } from '../check.ts';
import { fail, pass, toDo, unanswered } from '../judgement.ts';
import { judgeKey } from '../key-facts.ts';

export const keyRegion: Check = {
  id: 'key-region',
  area: 'key',
  title: 'The key is in the Region of the environment',
  meaning: 'MWAA, its bucket and its key must be in one Region.',
  look: (facts) =>
    judgeKey(facts, ({ Arn }) => {
      const keyRegion = Arn?.split(':')[3];
      if (keyRegion === undefined) return [unanswered('kms:DescribeKey', 'Arn')];
      const { region, mwaaEnvironment } = facts.observed;
      if (keyRegion === region) return [pass(`the key is in ${keyRegion}`)];
      return [
        fail(
          `the key is in ${keyRegion}, the environment in ${region}`,
          toDo(
            `Make a key in ${region}, and the environment ${mwaaEnvironment} anew with its ARN.`,
            `aws kms create-key --region ${region} --description 'MWAA ${mwaaEnvironment}'`,
          ),
        ),
      ];
    }),
};
