import {
  type Check,
  environmentKey,
  type Facts,
  foreignAccount,
  isSameKey,
  judgeBuckets,
} from '../../facts/facts.ts';
import { applies } from '../../policy/evaluate.ts';
import { all, contextOf, judgePolicy, type PolicyDocument } from '../../policy/policy-document.ts';
import {
  awsCommand,
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  shellJson,
  toDo,
  unanswered,
  undecided,
  unknown,
  warn,
} from '../../shapes/judgement.ts';
import { type BucketEncryption, defaultEncryption } from '../../shapes/service-shapes.ts';

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

const flags = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
] as const;

export const bucketPublicAccess: Check = {
  id: 'bucket-public-access',
  area: 'bucket',
  title: 'The DAG bucket blocks public access',
  meaning:
    'Anyone who can write to the bucket can run code as the execution role; MWAA requires the block.',
  look: (facts) =>
    judgeBuckets(facts, ({ publicAccessBlock }, name) =>
      judge(publicAccessBlock, (block) => {
        const off = flags.filter((flag) => block[flag] !== true);
        if (off.length === 0) return [pass(`${name} blocks public access in all four ways`)];
        return [
          fail(
            `${name} does not ${off.join(', ')}`,
            toDo(
              'Block all public access.',
              awsCommand(
                facts.observed,
                's3api put-public-access-block',
                `--bucket ${name}`,
                `--public-access-block-configuration ${flags.map((flag) => `${flag}=true`).join(',')}`,
              ),
            ),
          ),
        ];
      }),
    ),
};

export const bucketTls: Check = {
  id: 'bucket-tls',
  area: 'bucket',
  title: 'The DAG bucket accepts requests over TLS only',
  meaning: 'A DAG sent in clear text can be changed on its way to the workers.',
  look: (facts) =>
    judgeBuckets(facts, ({ policy }, name) =>
      judge(policy, ({ Policy }) => {
        const fix = denyPlain(facts, name, Policy !== undefined);
        if (Policy === undefined) return [fail(`${name} has no bucket policy`, fix)];
        return judgePolicy(Policy, `the policy of ${name}`, (document) => [
          judgeDocument(facts, name, document, fix),
        ]);
      }),
    ),
};

function judgeDocument(
  { partition, account }: Facts,
  name: string,
  { statements }: PolicyDocument,
  fix: Fix,
): Judgement {
  const bucket = `arn:${partition}:s3:::${name}`;
  const requests = [
    ...['dags/any.py', 'plugins.zip'].flatMap((key) =>
      ['s3:GetObject', 's3:PutObject'].map((action) => ({ action, resource: `${bucket}/${key}` })),
    ),
    { action: 's3:ListBucket', resource: bucket },
  ];
  const denying = statements.filter(({ Effect }) => Effect === 'Deny');
  const truth = all(
    requests.map((request) => {
      const truths = denying.map((statement) =>
        applies(statement, {
          ...request,
          principal: { kind: 'account', account: foreignAccount(account) },
          context: contextOf({ 'aws:SecureTransport': 'false' }),
        }),
      );
      if (truths.includes(true)) return true;
      return truths.includes('unknown') ? 'unknown' : false;
    }),
  );
  if (truth === true) return pass(`${name} denies every request without TLS`);
  if (truth === false) return fail(`no statement of ${name} denies requests without TLS`, fix);
  return undecided(
    `whether ${name} denies requests without TLS depends on conditions that the doctor cannot judge`,
    fix,
  );
}

function denyPlain({ observed, partition }: Facts, name: string, hasPolicy: boolean): Fix {
  const bucket = `arn:${partition}:s3:::${name}`;
  const statement = {
    Sid: 'DenyPlainTransport',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [bucket, `${bucket}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  };
  const put = (policy: string) =>
    awsCommand(observed, 's3api put-bucket-policy', `--bucket ${name}`, `--policy ${policy}`);
  return hasPolicy
    ? toDo(
        'Add a statement that denies requests without TLS.',
        awsCommand(
          observed,
          's3api get-bucket-policy',
          `--bucket ${name}`,
          '--query Policy --output text > bucket-policy.json',
        ),
        `jq --argjson add ${shellJson(statement)} '.Statement += [$add]' bucket-policy.json > new-bucket-policy.json`,
        put('file://new-bucket-policy.json'),
      )
    : toDo(
        'Give the bucket a policy that denies requests without TLS.',
        put(shellJson({ Version: '2012-10-17', Statement: [statement] })),
      );
}

export const bucketVersioning: Check = {
  id: 'bucket-versioning',
  area: 'bucket',
  title: 'The DAG bucket has versioning enabled',
  meaning:
    'MWAA requires versioning. It is also the only record of the DAG that ran when a role was granted, once the file has changed again.',
  look: (facts) =>
    judgeBuckets(facts, ({ versioning }, name) =>
      judge(versioning, ({ Status = 'never enabled' }) => {
        const evidence = `versioning of ${name} is ${Status}`;
        if (Status === 'Enabled') return [pass(evidence)];
        return [
          fail(
            evidence,
            toDo(
              'Enable versioning.',
              awsCommand(
                facts.observed,
                's3api put-bucket-versioning',
                `--bucket ${name}`,
                '--versioning-configuration Status=Enabled',
              ),
            ),
          ),
        ];
      }),
    ),
};
