import { type Check, withEnvironment } from '../../facts/check.ts';
import { awsOwnedKey, judgeKey } from '../../facts/key-facts.ts';
import { fail, pass, toDo, unanswered } from '../../shapes/judgement.ts';

export const keyRegion: Check = {
  id: 'key-region',
  area: 'key',
  title: 'The key is in the environment’s Region',
  meaning: 'MWAA, its bucket and its key must be in one Region.',
  look: withEnvironment(({ KmsKey }, facts) => {
    if (KmsKey === undefined) return awsOwnedKey;
    const judgeArn = (arn: string) => [judgeRegion(arn.split(':')[3] ?? '', facts.observed)];
    // KMS does not find a key of another Region, so DescribeKey has no answer for it.
    if (KmsKey.startsWith('arn:')) return judgeArn(KmsKey);
    return judgeKey(facts, ({ Arn }) =>
      Arn === undefined ? [unanswered('kms:DescribeKey', 'Arn')] : judgeArn(Arn),
    );
  }),
};

function judgeRegion(
  keyRegion: string,
  { region, mwaaEnvironment }: { readonly region: string; readonly mwaaEnvironment: string },
) {
  if (keyRegion === region) return pass(`the key is in ${keyRegion}`);
  return fail(
    `the key is in ${keyRegion}, the environment in ${region}`,
    toDo(
      `Create a key in ${region}, and recreate the environment ${mwaaEnvironment} with its ARN.`,
      `aws kms create-key --region ${region} --description 'MWAA ${mwaaEnvironment}'`,
    ),
  );
}
