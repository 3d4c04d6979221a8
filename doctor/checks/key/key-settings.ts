import { shellWord } from '../../../lambda/common/text.ts';
import { type Check, environmentKey, withEnvironment } from '../../facts/facts.ts';
import { awsOwnedKey, judgeKey, judgeKeyState } from '../../facts/key-facts.ts';
import {
  awsCommand,
  fail,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

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

export const keyRotation: Check = {
  id: 'key-rotation',
  area: 'key',
  title: 'The key rotates',
  meaning:
    'Rotation creates new key material every year under the same ARN; encrypted data stays readable, and nothing has to be deployed.',
  look: (facts) =>
    judgeKey(facts, ({ Origin }) => {
      const { observed } = facts;
      const { rotation } = observed;
      const name = environmentKey(facts)?.name ?? '';
      if (rotation === undefined) return [unanswered('kms:GetKeyRotationStatus', 'answer')];
      return judge(rotation, ({ KeyRotationEnabled, RotationPeriodInDays }) => {
        if (KeyRotationEnabled === undefined) {
          return [unanswered('kms:GetKeyRotationStatus', 'KeyRotationEnabled')];
        }
        if (KeyRotationEnabled) {
          return [pass(`it rotates every ${RotationPeriodInDays ?? 365} days`)];
        }
        if (Origin !== undefined && Origin !== 'AWS_KMS') {
          return [
            warn(
              `its key material comes from ${Origin}, which does not rotate by itself`,
              toDo('Rotate it by hand, as your rules require.'),
            ),
          ];
        }
        return [
          warn(
            'it does not rotate',
            toDo(
              'Enable rotation.',
              awsCommand(observed, 'kms enable-key-rotation', `--key-id ${name}`),
            ),
          ),
        ];
      });
    }),
};

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

export const keyState: Check = {
  id: 'key-state',
  area: 'key',
  title: 'The key is enabled',
  meaning:
    'With a key that is disabled or pending deletion, none of the environment’s data can be read or written, its logs included.',
  look: (facts) => {
    const own = environmentKey(facts);
    const metadata = own?.key?.metadata;
    if (own && metadata?.kind === 'failed' && metadata.error.startsWith('NotFoundException')) {
      const { observed } = facts;
      return [
        fail(
          `KMS finds no key ${own.name} in ${observed.region}: it was deleted, or is in another Region`,
          toDo(
            'A deleted key cannot be restored, and what it encrypted can no longer be read: create another key, and recreate the environment with it. This command shows who scheduled the deletion.',
            awsCommand(
              observed,
              'cloudtrail lookup-events',
              '--lookup-attributes AttributeKey=EventName,AttributeValue=ScheduleKeyDeletion',
            ),
          ),
        ),
      ];
    }
    return judgeKey(facts, (known, name) => [
      judgeKeyState(facts.observed, 'the key', known, name),
    ]);
  },
};

/** `mrk-…` is the ID of a multi-Region key, which `key-multi-region` checks. */
const keyName = /^(arn:[^:]+:kms:[^:]+:\d{12}:key\/)?(mrk-)?[0-9a-f-]{32,36}$/;

export const keyReference: Check = {
  id: 'key-reference',
  area: 'key',
  title: 'The environment names its key by ID or ARN',
  meaning:
    'MWAA needs a key ID or ARN; its API accepts an alias, but the service does not support one.',
  look: withEnvironment(({ KmsKey }, { observed }) => {
    if (KmsKey === undefined) return awsOwnedKey;
    if (keyName.test(KmsKey)) return [pass(`the environment names its key ${KmsKey}`)];
    const show = awsCommand(
      observed,
      'kms describe-key',
      `--key-id ${shellWord(KmsKey)}`,
      '--query KeyMetadata.Arn',
    );
    if (!/(^|:)alias\//.test(KmsKey)) {
      return [
        undecided(
          `the environment names its key ${KmsKey}, which is neither an ID nor an ARN`,
          toDo('Find out which key that is.', show),
        ),
      ];
    }
    return [
      fail(
        `the environment names its key by the alias ${KmsKey}`,
        toDo(
          'The key can be set only when the environment is created: recreate it with the ARN that this command shows.',
          show,
        ),
      ),
    ];
  }),
};
