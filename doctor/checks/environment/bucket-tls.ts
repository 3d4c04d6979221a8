import { judgeBuckets } from '../../facts/bucket-facts.ts';
import type { Check } from '../../facts/check.ts';
import type { Facts } from '../../facts/facts.ts';
import { applies } from '../../policy/evaluate.ts';
import type { PolicyDocument } from '../../policy/policy-document.ts';
import { judgePolicy } from '../../policy/read-policy.ts';
import { contextOf } from '../../policy/request.ts';
import { all } from '../../policy/truth.ts';
import { awsCommand, shellJson } from '../../shapes/commands.ts';
import {
  type Fix,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  undecided,
} from '../../shapes/judgement.ts';

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
  { partition }: Facts,
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
          principal: { kind: 'account', account: '000000000000' },
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
