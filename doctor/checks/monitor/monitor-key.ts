import {
  homeOfKey,
  type KeyStatement,
  monitorKeyStatements,
} from '../../../infra/config/key-policy.ts';
import { namesFor } from '../../../infra/naming/names.ts';
import type { Check, Facts } from '../../facts/facts.ts';
import { judgeKeyState } from '../../facts/key-facts.ts';
import {
  accountMayUseKey,
  addStatement,
  alarmsMayUseKey,
  type KeyPlace,
  logsActions,
  logsMayUseKey,
} from '../../facts/key-policy-evaluation.ts';
import {
  deployMonitor,
  isDeployed,
  judgeTopics,
  notDeployed,
  partsOfMonitor,
  restoreMonitor,
} from '../../facts/monitor-parts.ts';
import { type Decision, evaluate } from '../../policy/evaluate.ts';
import { contextOf, judgePolicy, type PolicyDocument } from '../../policy/policy-document.ts';
import {
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  undecided,
  warn,
} from '../../shapes/judgement.ts';

export const monitorKey: Check = {
  id: 'monitor-key',
  area: 'monitor',
  title: 'The monitor’s key may be used by each service that needs it',
  meaning:
    'Without CloudWatch Logs and the account, the monitor cannot be deployed; without CloudWatch and EventBridge, alarms and lost ticks vanish, and nobody notices.',
  look: (facts) => {
    const { observed, expectations } = facts;
    const { kmsKeyArn } = expectations;
    if (kmsKeyArn !== undefined) {
      return [...judgeKey(facts, kmsKeyArn), ...judgeDeployedKey(facts, kmsKeyArn)];
    }
    if (!isDeployed(observed)) return notDeployed;
    return judgeTopics(observed, 'alarms', ({ KmsMasterKeyId: key = '' }) =>
      // The check topic-key judges one that AWS manages, and none at all.
      key.startsWith('arn:') && !isOfAws(facts, key) ? judgeKey(facts, key) : [],
    );
  },
};

function isOfAws({ observed }: Facts, key: string): boolean {
  const metadata = observed.keys[key]?.metadata;
  return metadata?.kind === 'known' && metadata.value.KeyManager === 'AWS';
}

/** Before the first deployment with another key, and if one failed, the topics have the old one. */
function judgeDeployedKey(facts: Facts, kmsKeyArn: string): readonly Judgement[] {
  if (!isDeployed(facts.observed)) return [];
  return judgeTopics(facts.observed, 'alarms', ({ KmsMasterKeyId: key }, arn) =>
    key === kmsKeyArn
      ? [pass(`${arn} is encrypted with kmsKeyArn`)]
      : [
          warn(
            `${arn} is encrypted with ${key ?? 'no key'}, not with kmsKeyArn`,
            deployMonitor(facts, 'Deploy the monitor with its file (docs/operate/own-key.md)'),
          ),
        ],
  );
}

function judgeKey(facts: Facts, keyArn: string): readonly Judgement[] {
  const { observed } = facts;
  const key = observed.keys[keyArn];
  if (key === undefined) return [unanswered('kms:DescribeKey', `answer for ${keyArn}`)];
  return [
    ...judge(key.metadata, (metadata) => [
      judgeKeyState(observed, 'the key of the monitor', metadata, keyArn),
    ]),
    ...judge(key.policy, (text) =>
      judgePolicy(text, `the policy of ${keyArn}`, (policy) =>
        needsOf(facts, keyArn, policy).map((need) => judgeNeed(facts, keyArn, need)),
      ),
    ),
  ];
}

interface Need {
  /** Who uses the key, and what for. */
  readonly who: string;
  /** What gives access. */
  readonly statement: object;
  /** One for each action. */
  readonly outcomes: readonly Decision['outcome'][];
}

function needsOf(facts: Facts, keyArn: string, policy: PolicyDocument): Need[] {
  const home = homeOfKey(keyArn);
  const place: KeyPlace = { ...home, keyArn };
  const { partition, region, account } = home;
  const names = namesFor(facts.observed.mwaaEnvironment, partsOfMonitor(facts));
  const alarmArn = `arn:${partition}:cloudwatch:${region}:${account}:alarm:${names.alarms.silent}`;
  const decide: Readonly<Record<string, (statement: KeyStatement) => Decision[]>> = {
    'cloudwatch.amazonaws.com': () =>
      useActions.map((action) => alarmsMayUseKey(policy, place, alarmArn, action)),
    'events.amazonaws.com': () =>
      useActions.map((action) => eventsMayUseKey(policy, place, action)),
    [`logs.${region}.amazonaws.com`]: (statement) =>
      logsActions.map((action) =>
        logsMayUseKey(policy, place, groupArnOf(statement), action, account),
      ),
  };
  const services = monitorKeyStatements(home, names, { isShared: true }).map((statement) => ({
    who: whoOf(statement),
    statement,
    outcomes: decide[statement.Principal.Service]?.(statement).map(({ outcome }) => outcome) ?? [
      'unknown',
    ],
  }));
  return [
    ...services,
    {
      who: 'IAM policies of its account, for the monitor’s function and for who deploys it',
      statement: {
        Sid: 'LetIamPoliciesCount',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partition}:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
      outcomes: accountActions.map((action) => accountMayUseKey(policy, place, action).outcome),
    },
  ];
}

/** The log group that a statement for CloudWatch Logs is about. */
function groupArnOf({ Condition = {} }: KeyStatement): string {
  return String(Condition.ArnLike?.['kms:EncryptionContext:aws:logs:arn']);
}

const useActions = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;
/** DynamoDB creates its grants in the name of who creates the table. */
const accountActions = [...useActions, 'kms:DescribeKey', 'kms:CreateGrant'];

function whoOf({ Principal }: KeyStatement): string {
  return `the service ${Principal.Service}`;
}

/**
 * A key policy's decision when EventBridge writes a tick that it could not deliver. What it says of
 * its source is not documented, so that a condition on it makes the decision unknown.
 */
function eventsMayUseKey(policy: PolicyDocument, { keyArn }: KeyPlace, action: string): Decision {
  return evaluate([policy], {
    principal: { kind: 'service', name: 'events.amazonaws.com' },
    action,
    resource: keyArn,
    context: contextOf({}),
  });
}

function judgeNeed(facts: Facts, keyArn: string, { who, statement, outcomes }: Need): Judgement {
  if (outcomes.every((outcome) => outcome === 'allowed')) {
    return pass(`the key of the monitor may be used by ${who}`);
  }
  const fixes = [
    toDo(
      'Add what is missing to the key’s policy.',
      ...addStatement({ ...homeOfKey(keyArn), keyArn }, statement),
    ),
    ...(facts.expectations.kmsKeyArn === undefined
      ? [
          restoreMonitor(
            facts,
            'Or, if it is the monitor’s own key, put it back as the monitor’s template describes it',
          ),
        ]
      : []),
  ] as const;
  const isRefused = outcomes.some((one) => one === 'denied' || one === 'not-allowed');
  return isRefused
    ? fail(`the key of the monitor, ${keyArn}, may not be used by ${who}`, ...fixes)
    : undecided(
        `whether the key of the monitor, ${keyArn}, may be used by ${who} cannot be determined from its conditions`,
        ...fixes,
      );
}
