import { judgeBuckets } from '../bucket-facts.ts';
import type { Check } from '../check.ts';
import { awsCommand, shellJson } from '../commands.ts';
import { environmentKey, type Facts, isSameKey } from '../facts.ts';
import { fail, judge, pass, toDo, unanswered, warn } from '../judgement.ts';
import type { BucketEncryption } from '../shapes/s3.ts';

export const bucketKey: Check = {
  id: 'bucket-key',
  area: 'bucket',
  title: 'The DAG bucket has the environment’s key, when it has one of KMS',
  meaning:
    'The execution role may use one key. A bucket with another one cannot be read by the workers, unless they were given both.',
  look: (facts) =>
    judgeBuckets(facts, ({ encryption }, name) =>
      judge(encryption, (answer) => [judgeEncryption(facts, name, answer)]),
    ),
};

function judgeEncryption(facts: Facts, name: string, { Rules }: BucketEncryption) {
  const rule = Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  if (rule?.SSEAlgorithm === undefined) {
    return unanswered('s3:GetEncryptionConfiguration', `rule of ${name}`);
  }
  const { SSEAlgorithm, KMSMasterKeyID } = rule;
  if (!SSEAlgorithm.startsWith('aws:kms')) {
    return pass(`${name} is encrypted by S3 itself (${SSEAlgorithm})`);
  }
  const own = environmentKey(facts);
  const used = KMSMasterKeyID ?? 'the key that AWS manages for S3 (aws/s3)';
  const evidence = `${name} is encrypted with ${used}`;
  if (own === undefined) {
    return warn(
      `${evidence}, while the environment has no key of yours`,
      toDo(
        'See that the execution role may use that key through S3.',
        awsCommand(facts.observed, 's3api get-bucket-encryption', `--bucket ${name}`),
      ),
    );
  }
  const key = own.arn ?? own.name;
  const isSame =
    KMSMasterKeyID !== undefined &&
    (isSameKey(key, KMSMasterKeyID) ||
      isSameKey(KMSMasterKeyID, key) ||
      KMSMasterKeyID === own.name);
  if (isSame) return pass(`${evidence}, the environment’s key`);
  const setting = {
    Rules: [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        BucketKeyEnabled: true,
      },
    ],
  };
  return fail(
    `${evidence}, not with the environment’s key ${key}`,
    toDo(
      'Set the environment’s key; it counts for what is written from then on, so copy the objects onto themselves.',
      awsCommand(
        facts.observed,
        's3api put-bucket-encryption',
        `--bucket ${name}`,
        `--server-side-encryption-configuration ${shellJson(setting)}`,
      ),
      awsCommand(facts.observed, `s3 cp s3://${name}/ s3://${name}/`, '--recursive'),
    ),
  );
}
