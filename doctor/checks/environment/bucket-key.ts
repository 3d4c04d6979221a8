import { judgeBuckets } from '../../facts/bucket-facts.ts';
import type { Check } from '../../facts/check.ts';
import { environmentKey, type Facts, isSameKey } from '../../facts/facts.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import {
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import { type BucketEncryption, defaultEncryption } from '../../shapes/s3.ts';

export const bucketKey: Check = {
  id: 'bucket-key',
  area: 'bucket',
  title: 'The DAG bucket uses the environment’s key, if it uses a KMS key',
  meaning:
    'The execution role may use one key. Workers cannot read a bucket with another key, unless the role may use both.',
  look: (facts) =>
    judgeBuckets(facts, ({ encryption }, name) =>
      judge(encryption, (answer) => [judgeEncryption(facts, name, answer)]),
    ),
};

function judgeEncryption(facts: Facts, name: string, answer: BucketEncryption): Judgement {
  const { SSEAlgorithm, KMSMasterKeyID } = defaultEncryption(answer);
  if (SSEAlgorithm === undefined) {
    return unanswered('s3:GetEncryptionConfiguration', `rule of ${name}`);
  }
  if (SSEAlgorithm === 'AES256') return pass(`${name} is encrypted by S3 itself (${SSEAlgorithm})`);
  const show = awsCommand(facts.observed, 's3api get-bucket-encryption', `--bucket ${name}`);
  if (!SSEAlgorithm.startsWith('aws:kms')) {
    return undecided(
      `${name} is encrypted by ${SSEAlgorithm}, which the doctor does not know`,
      toDo('Find out whose key that is.', show),
    );
  }
  const own = environmentKey(facts);
  const used = KMSMasterKeyID ?? 'the key that AWS manages for S3 (aws/s3)';
  const evidence = `${name} is encrypted with ${used}`;
  if (own === undefined) {
    return warn(
      `${evidence}, while the environment has no key of yours`,
      toDo('Make sure that the execution role may use that key through S3.', show),
    );
  }
  const key = own.arn ?? own.name;
  if (KMSMasterKeyID === own.name) return pass(`${evidence}, the environment’s key`);
  const arn = KMSMasterKeyID === undefined ? undefined : arnOf(facts, KMSMasterKeyID);
  if (typeof arn === 'object') return arn;
  return arn !== undefined && (isSameKey(key, arn) || isSameKey(arn, key))
    ? pass(`${evidence}, the environment’s key`)
    : fail(`${evidence}, not with the environment’s key ${key}`, setKey(facts, name, key));
}

/** The ARN that a key's name refers to; for an alias, only DescribeKey's answer has it. */
function arnOf({ observed }: Facts, name: string): string | Judgement {
  const metadata = observed.keys[name]?.metadata;
  if (metadata?.kind === 'known' && metadata.value.Arn !== undefined) return metadata.value.Arn;
  if (!/(^|:)alias\//.test(name)) return name;
  return metadata === undefined || metadata.kind === 'known'
    ? unanswered('kms:DescribeKey', `Arn of ${name}`)
    : unknown(metadata);
}

function setKey({ observed }: Facts, name: string, key: string): Fix {
  const setting = {
    Rules: [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
        BucketKeyEnabled: true,
      },
    ],
  };
  return toDo(
    'Set the environment’s key. It applies only to objects written from then on, so copy the existing objects onto themselves.',
    awsCommand(
      observed,
      's3api put-bucket-encryption',
      `--bucket ${name}`,
      `--server-side-encryption-configuration ${shellJson(setting)}`,
    ),
    awsCommand(
      observed,
      `s3 cp s3://${name}/ s3://${name}/`,
      `--recursive --sse aws:kms --sse-kms-key-id ${key}`,
    ),
  );
}
