import { type Check, environmentKey, type Facts, foreignAccount } from '../../facts/facts.ts';
import { awsOwnedKey, judgeKeyPolicy, placeOf } from '../../facts/key-facts.ts';
import {
  addStatement,
  type KeyPlace,
  ownerOf,
  roleMayUseKey,
} from '../../facts/key-policy-evaluation.ts';
import {
  allowToRole,
  type ExecutionRole,
  judgeForbidden,
  judgeRole,
  refusedToRole,
  roleMay,
} from '../../facts/role-facts.ts';
import { type Decision, forRoleItself, statementName } from '../../policy/evaluate.ts';
import { judgePolicy, type PolicyDocument } from '../../policy/policy-document.ts';
import {
  awsCommand,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

/** https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html */
const actions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Encrypt'];

export const roleKms: Check = {
  id: 'role-kms',
  area: 'execution role',
  title: 'The execution role may use the key, through SQS and S3 only',
  meaning:
    'Workers need the key to read their queue and the bucket. Without it tasks stay queued, or their logs cannot be read. Without the limit to these services a DAG may decrypt everything that the key encrypts.',
  look: (facts) =>
    judgeRole(facts, (role) => {
      const own = environmentKey(facts);
      if (own === undefined) return judgeAwsOwnedKey(facts, role);
      const { key } = own;
      if (key === undefined) return [unanswered('kms:GetKeyPolicy', `answer for ${own.name}`)];
      const place = placeOf(facts, own.arn ?? own.name);
      return judge(key.policy, (text) =>
        judgePolicy(text, 'the key policy', (policy) => [
          ...['sqs', 's3'].map((service) => judgeService(facts, role, { service, policy, place })),
          ...judgeLimit(facts, role, place, policy),
        ]),
      );
    }),
};

interface Access {
  readonly service: string;
  readonly policy: PolicyDocument;
  readonly place: KeyPlace;
}

function judgeService(
  facts: Facts,
  role: ExecutionRole,
  { service, policy, place }: Access,
): Judgement {
  const via = `${service}.${place.region}.amazonaws.com`;
  const decided = actions.map((action) => ({
    action,
    byRole: roleMay(role, action, place.keyArn, { 'kms:ViaService': via }),
    byKey: roleMayUseKey(policy, place, role.arn, action, via),
  }));
  const byKey = decided.find(
    ({ byKey }) => byKey.outcome === 'denied' || byKey.outcome === 'not-allowed',
  );
  if (byKey) {
    return fail(
      `the key policy does not let the execution role use the key through ${via} (${byKey.action})`,
      toDo(
        'Enable the account’s IAM policies in the key policy, or name the role in it.',
        ...addStatement(place, {
          Sid: 'AllowExecutionRole',
          Effect: 'Allow',
          Principal: { AWS: role.arn },
          Action: documentedActions,
          Resource: '*',
          Condition: { StringLike: { 'kms:ViaService': viaServices(place.region) } },
        }),
      ),
    );
  }
  // Within an account, a key policy statement for the role itself needs no policy of the role.
  const isEnough = (statements: PolicyDocument['statements']) =>
    ownerOf(place) === place.account &&
    forRoleItself({ statements }, role.arn).statements.length > 0;
  const refused = decided.flatMap(({ action, byRole, byKey }) =>
    byRole.outcome === 'denied' ||
    (byRole.outcome === 'not-allowed' && !(byRole.by === 'policies' && isEnough(byKey.statements)))
      ? [{ action, ...byRole }]
      : [],
  );
  if (refused.length > 0) {
    const allow = allowKey(facts, role, place);
    return refusedToRole(facts, role, refused, `on the key through ${via}`, allow);
  }
  if (decided.some(({ byRole, byKey }) => [byRole, byKey].some(isUnknown))) {
    return undecided(
      `whether the execution role may use the key through ${via} depends on conditions that the doctor cannot judge`,
      allowKey(facts, role, place),
    );
  }
  return pass(`the execution role may use the key through ${via}`);
}

function judgeLimit(
  facts: Facts,
  role: ExecutionRole,
  place: KeyPlace,
  policy: PolicyDocument,
): Judgement[] {
  const action = 'kms:Decrypt';
  const byRole = roleMay(role, action, place.keyArn, { 'kms:ViaService': undefined });
  const own = forRoleItself(policy, role.arn);
  const byKey = roleMayUseKey(own, place, role.arn, action, undefined);
  if (byRole.outcome !== 'allowed' && byKey.outcome !== 'allowed') return [];
  return [
    warn(
      'the execution role may decrypt with the key directly, not only through SQS and S3',
      allowKey(facts, role, place),
    ),
  ];
}

/** Without an own key, the queue has an AWS owned key, which the role needs through SQS. */
function judgeAwsOwnedKey(facts: Facts, role: ExecutionRole): Judgement[] {
  const { partition, observed } = facts;
  // AWS owned keys are in accounts of AWS.
  const awsAccount = foreignAccount(facts.account);
  const keyArn = `arn:${partition}:kms:${observed.region}:${awsAccount}:key/owned-by-aws`;
  const via = `sqs.${observed.region}.amazonaws.com`;
  const decided = actions.map((action) => ({
    action,
    ...roleMay(role, action, keyArn, { 'kms:ViaService': via }),
  }));
  const allow = allowToRole(facts, role, 'MwaaQueueKey', {
    Action: documentedActions,
    NotResource: `arn:${partition}:kms:*:${facts.account}:key/*`,
    Condition: { StringLike: { 'kms:ViaService': [via] } },
  });
  const refused = decided.filter(
    ({ outcome }) => outcome === 'denied' || outcome === 'not-allowed',
  );
  if (refused.length > 0) {
    return [refusedToRole(facts, role, refused, `on AWS owned keys through ${via}`, allow)];
  }
  return decided.some(isUnknown)
    ? [
        undecided(
          `whether the execution role may use AWS owned keys through ${via} depends on conditions that the doctor cannot judge`,
          allow,
        ),
      ]
    : [pass(`it may use AWS owned keys through ${via}`)];
}

const documentedActions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:Encrypt'];

function isUnknown({ outcome }: Decision): boolean {
  return outcome === 'unknown';
}

function viaServices(region: string): string[] {
  return [`sqs.${region}.amazonaws.com`, `s3.${region}.amazonaws.com`];
}

function allowKey(facts: Facts, role: ExecutionRole, { keyArn, region }: KeyPlace) {
  return allowToRole(facts, role, 'MwaaKey', {
    Action: documentedActions,
    Resource: keyArn,
    Condition: { StringLike: { 'kms:ViaService': viaServices(region) } },
  });
}

const policyActions = [
  'kms:PutKeyPolicy',
  'kms:CreateGrant',
  'kms:RevokeGrant',
  'kms:DisableKey',
  'kms:ScheduleKeyDeletion',
];

export const roleKeyPolicy: Check = {
  id: 'role-key-policy',
  area: 'execution role',
  title: 'The execution role may not administer the key',
  meaning:
    'With kms:PutKeyPolicy, which a widely copied example gives to the role, any DAG can share the key with anyone, or take it away from CloudWatch Logs and so blind the monitor. MWAA does not need it.',
  look: (facts) => {
    const own = environmentKey(facts);
    if (facts.observed.environment.kind === 'known' && own === undefined) return awsOwnedKey;
    return judgeRole(facts, (role) => {
      const resource = own?.arn ?? own?.name ?? '*';
      // The example limits the actions to calls through services that never make them. It is wrong
      // all the same, and one edit away from being dangerous.
      const via = [
        undefined,
        ...['sqs', 's3'].map((name) => `${name}.${facts.observed.region}.amazonaws.com`),
      ];
      const forbidden = via.map((service) => ({
        actions: policyActions,
        resource,
        context: { 'kms:ViaService': service, 'kms:CallerAccount': facts.account },
      }));
      return [
        ...judgeForbidden(facts, role, forbidden, 'administer the key', fail),
        ...byKeyPolicy(facts, role, via),
      ];
    });
  },
};

/** A key policy that names the role itself needs no policy of the role. */
function byKeyPolicy(
  facts: Facts,
  role: ExecutionRole,
  via: readonly (string | undefined)[],
): readonly Judgement[] {
  const judged = judgeKeyPolicy(facts, (policy, place) => {
    const own = forRoleItself(policy, role.arn);
    const allowing = via.flatMap((service) =>
      policyActions.map((action) => ({
        action,
        ...roleMayUseKey(own, place, role.arn, action, service),
      })),
    );
    const allowed = allowing.filter(({ outcome }) => outcome === 'allowed');
    if (allowed.length === 0)
      return [pass('the key policy does not let the execution role administer it')];
    const names = new Set(allowed.map(({ action }) => action));
    const by = new Set(allowed.flatMap(({ statements }) => statements.map(statementName)));
    return [
      fail(
        `the key policy lets the execution role administer the key: ${[...names].join(', ')} by ${[...by].join(', ')}`,
        toDo(
          'Remove the actions from the statement; this command shows the policy.',
          awsCommand(
            facts.observed,
            'kms get-key-policy',
            `--key-id ${place.keyArn} --policy-name default --query Policy --output text`,
          ),
        ),
      ),
    ];
  });
  return typeof judged === 'string' ? [] : judged;
}
