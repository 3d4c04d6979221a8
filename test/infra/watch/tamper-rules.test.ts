import { alarmNames, namesFor } from '../../../infra/naming/names.ts';
import {
  combinationsMax,
  combinationsOf,
  longestParts,
  patternCharactersMax,
  tamperPattern,
  tamperRules,
} from '../../../infra/watch/tamper-patterns.ts';
import { type MonitorParts, tamperSubjects } from '../../../infra/watch/tampering.ts';
import { templateOf } from '../synthesized.ts';
import {
  listed,
  resourcesOf,
  statementsOf,
  type TemplateJson,
  targetOf,
} from '../template-walk.ts';
import { matchesPattern } from './event-pattern.ts';

const account = '111122223333';
const topicArn = `arn:aws:sns:eu-west-1:${account}:M-Alarms`;

function partsOf(mwaaEnvironment: string): MonitorParts {
  return {
    mwaaEnvironment,
    names: namesFor(mwaaEnvironment),
    stackName: `MonitorStack-${mwaaEnvironment}`,
    functionName: `M-Scanner`,
    roleName: `M-Role`,
    scheduleName: `M-Schedule`,
    tableName: `M-Ledger`,
    keyId: '0a1b2c3d-0000-4000-8000-00000000000e',
    queueNames: [`M-Undelivered`, `M-Failed`],
    topicNames: ['M-Alarms', 'M-Findings'],
    topicArns: ['M-Alarms', 'M-Findings'].map((name) => `arn:aws:sns:eu-west-1:${account}:${name}`),
  };
}
const withSecondWitness = {
  witness: { functionName: 'M-Witness', roleName: 'M-WitnessRole', scheduleName: 'M-WitnessRule' },
};
const subjects = tamperSubjects({ ...partsOf('prod'), ...withSecondWitness });

function longestOf(mwaaEnvironment: string): MonitorParts {
  return longestParts(partsOf(mwaaEnvironment), `MonitorStack-${mwaaEnvironment}`, {
    ...{ scanner: 'ScannerFunction12345678', role: 'ScannerRole12345678' },
    ...{ schedule: 'ScannerSchedule12345678', table: 'Ledger12345678' },
    queues: ['ScannerUndeliveredTicks12345678', 'ScannerFailedRuns12345678'],
    topics: ['AlarmTopic12345678', 'FindingsTopic12345678'],
    witness: {
      function: 'WitnessFunction12345678',
      role: 'WitnessRole12345678',
      schedule: 'WitnessSchedule12345678',
    },
  });
}

interface Call {
  readonly service: string;
  readonly name: string;
  readonly parameters: object;
  readonly from?: string;
}

/** The subjects whose pattern a call matches, as CloudTrail records it. */
function reporting({ service, name, parameters, from = '198.51.100.7' }: Call): string[] {
  const detail = {
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    sourceIPAddress: from,
    requestParameters: parameters,
  };
  return subjects
    .filter((subject) =>
      matchesPattern({ detail: tamperPattern({ subjects: [subject] }).detail }, { detail }),
    )
    .map(({ part }) => part);
}

const alarm = 'mwaa-privilege-monitor-prod-silent';
const tamperRule = namesFor('prod').tamperRule(1);
const functionArn = `arn:aws:lambda:eu-west-1:${account}:function:M-Scanner`;

const keyId = '0a1b2c3d-0000-4000-8000-00000000000e';
const groupArn = `arn:aws:logs:eu-west-1:${account}:log-group:airflow-prod-Task`;
const queueUrl = `https://sqs.eu-west-1.amazonaws.com/${account}/M-Failed`;

/** Calls that no deployment of the monitor makes, so that they count whoever makes them. */
const neverDeployed: [service: string, name: string, parameters: object, part: string][] = [
  ['monitoring', 'PutAlarmMuteRule', { muteTargets: { alarmNames: [alarm] } }, 'alarms'],
  ['monitoring', 'AssociateDatasetKmsKey', { datasetIdentifier: 'default' }, 'alarms'],
  ['logs', 'DeleteLogStream', { logGroupName: 'airflow-prod-Task', logStreamName: 's' }, 'lines'],
  ['logs', 'PutDataProtectionPolicy', { logGroupIdentifier: `${groupArn}:*` }, 'lines'],
  ['logs', 'PutDataProtectionPolicy', { logGroupIdentifier: 'airflow-prod-Task' }, 'lines'],
  ['logs', 'PutTransformer', { logGroupIdentifier: groupArn }, 'lines'],
  [
    'logs',
    'PutLogGroupDeletionProtection',
    { logGroupIdentifier: '/mwaa-privilege-monitor/prod' },
    'lines',
  ],
  ['logs', 'PutAccountPolicy', { policyName: 'p', policyType: 'DATA_PROTECTION_POLICY' }, 'lines'],
  ['logs', 'PutAccountPolicy', { policyName: 'p', policyType: 'TRANSFORMER_POLICY' }, 'lines'],
  ['cloudformation', 'ExecuteChangeSet', { stackName: 'MonitorStack-prod' }, 'rules'],
  ['cloudformation', 'SetAlias', { stackName: 'MonitorStack-prod', aliasName: 'x' }, 'rules'],
  ['cloudformation', 'ContinueUpdateRollback', { stackName: 'MonitorStack-prod' }, 'rules'],
  [
    'cloudformation',
    'DeleteStack',
    { stackName: `arn:aws:cloudformation:eu-west-1:${account}:stack/MonitorStack-prod/1-2` },
    'rules',
  ],
  ['cloudtrail', 'StopLogging', { name: 'account-trail' }, 'trails'],
  ['cloudtrail', 'PutEventSelectors', { trailName: 'account-trail' }, 'trails'],
];

const changes: [service: string, name: string, parameters: object, part: string][] = [
  ['monitoring', 'DeleteAlarms', { alarmNames: ['other', alarm] }, 'alarms'],
  ['monitoring', 'DisableAlarmActions', { alarmNames: [alarm] }, 'alarms'],
  ['monitoring', 'PutMetricAlarm', { alarmName: alarm, threshold: 9 }, 'alarms'],
  ['monitoring', 'SetAlarmState', { alarmName: alarm, stateValue: 'OK' }, 'states'],
  ['monitoring', 'SetAlarmState', { alarmName: `${alarm.slice(0, -6)}blind-Task` }, 'states'],
  ['logs', 'DeleteLogGroup', { logGroupName: '/mwaa-privilege-monitor/prod' }, 'logs'],
  ['logs', 'PutRetentionPolicy', { logGroupName: 'airflow-prod-Worker' }, 'logs'],
  ['logs', 'PutSubscriptionFilter', { logGroupName: 'airflow-prod-Worker' }, 'logs'],
  ['sns', 'Unsubscribe', { subscriptionArn: `${topicArn}:1-2-3` }, 'topics'],
  ['sns', 'SetSubscriptionAttributes', { subscriptionArn: `${topicArn}:1-2-3` }, 'topics'],
  ['sns', 'SetTopicAttributes', { topicArn }, 'topics'],
  ['sns', 'AddPermission', { topicArn }, 'topics'],
  ['sns', 'DeleteTopic', { topicArn }, 'topics'],
  ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'M-Scanner' }, 'function'],
  ['lambda', 'UpdateFunctionConfiguration20150331v2', { functionName: functionArn }, 'function'],
  ['lambda', 'DeleteFunction20150331', { functionName: `${functionArn}:$LATEST` }, 'function'],
  ['lambda', 'PutFunctionConcurrency20171031', { functionName: 'M-Scanner' }, 'function'],
  ['lambda', 'RemovePermission20150331v2', { functionName: 'M-Scanner' }, 'function'],
  ['iam', 'DetachRolePolicy', { roleName: 'M-Role' }, 'function'],
  ['iam', 'PutRolePermissionsBoundary', { roleName: 'M-Role' }, 'function'],
  ['dynamodb', 'DeleteTable', { tableName: 'M-Ledger' }, 'stores'],
  [
    'dynamodb',
    'UpdateTimeToLive',
    { tableName: `arn:aws:dynamodb:eu-west-1:${account}:table/M-Ledger` },
    'stores',
  ],
  ['lambda', 'PutFunctionConcurrency20171031', { functionName: 'M-Witness' }, 'witness'],
  ['iam', 'PutRolePolicy', { roleName: 'M-WitnessRole' }, 'witness'],
  ['events', 'DisableRule', { name: 'M-WitnessRule' }, 'witness'],
  ['cloudcontrolapi', 'DeleteResource', { identifier: 'M-Witness' }, 'witness'],
  ['kms', 'ScheduleKeyDeletion', { keyId: partsOf('prod').keyId }, 'stores'],
  [
    'kms',
    'DisableKey',
    { keyId: `arn:aws:kms:eu-west-1:${account}:key/${partsOf('prod').keyId}` },
    'stores',
  ],
  [
    'sqs',
    'SetQueueAttributes',
    { queueUrl: `https://sqs.eu-west-1.amazonaws.com/${account}/M-Failed` },
    'stores',
  ],
  [
    'sqs',
    'StartMessageMoveTask',
    { sourceArn: `arn:aws:sqs:eu-west-1:${account}:M-Failed` },
    'stores',
  ],
  [
    'cloudformation',
    'ExecuteChangeSet',
    { changeSetName: `arn:aws:cloudformation:eu-west-1:${account}:changeSet/any/1-2` },
    'rules',
  ],
  ['cloudformation', 'ExecuteStackRefactor', { stackRefactorId: '1-2' }, 'rules'],
  ['kms', 'DeleteImportedKeyMaterial', { keyId }, 'stores'],
  ['dynamodb', 'StartBulkPutItems', { tableName: 'M-Ledger' }, 'stores'],
  ['lambda', 'PutResourcePolicy20260101', { resourceArn: functionArn }, 'function'],
  ['lambda', 'CreateFunctionUrlConfig', { functionName: 'M-Scanner' }, 'function'],
  ['logs', 'AssociateKmsKey', { resourceIdentifier: groupArn }, 'logs'],
  [
    'logs',
    'AssociateKmsKey',
    { resourceIdentifier: `arn:aws:logs:eu-west-1:${account}:query-result:*` },
    'logs',
  ],
  ['logs', 'PutResourcePolicy', { resourceArn: `${groupArn}:*` }, 'logs'],
  ...[
    ...[
      alarm,
      '/mwaa-privilege-monitor/prod',
      'airflow-prod-Task',
      'M-Scanner',
      'M-Role',
      'M-Ledger',
    ],
    ...[queueUrl, topicArn, `${topicArn}:1-2-3`, keyId],
    ...['M-Schedule', tamperRule].map((rule) => `arn:aws:events:eu-west-1:${account}:rule/${rule}`),
  ].map((identifier): (typeof neverDeployed)[number] => [
    'cloudcontrolapi',
    'DeleteResource',
    { typeName: 'AWS::Any::Type', identifier },
    'cloud-control',
  ]),
];

test.each([...changes, ...neverDeployed])(
  '%s: %s of a part of the monitor is reported once: %j',
  (service, name, parameters, part) => {
    expect(reporting({ service, name, parameters })).toEqual([part]);
  },
);

test.each([
  ['DisableRule', { name: 'M-Schedule' }],
  ['DeleteRule', { name: tamperRule }],
  ['RemoveTargets', { rule: 'M-Schedule' }],
  ['PutTargets', { rule: tamperRule }],
])(
  '%s is seen twice, by two rules of which one may be the one that it disables: %j',
  (name, parameters) => {
    expect(reporting({ service: 'events', name, parameters })).toEqual(['rules', 'guard']);
  },
);

test.each(changes)(
  '%s: %s by CloudFormation is not reported: the update of the stack is',
  (service, name, parameters) => {
    expect(reporting({ service, name, parameters, from: 'cloudformation.amazonaws.com' })).toEqual(
      [],
    );
  },
);

test.each(neverDeployed)(
  '%s: %s is reported also if somebody’s own stack makes CloudFormation call it: %j',
  (service, name, parameters, part) => {
    expect(reporting({ service, name, parameters, from: 'cloudformation.amazonaws.com' })).toEqual([
      part,
    ]);
  },
);

test.each<[string, string, object]>([
  ['monitoring', 'DeleteAlarms', { alarmNames: ['other'] }],
  ['monitoring', 'PutAlarmMuteRule', { muteTargets: { alarmNames: ['other'] } }],
  ['logs', 'PutAccountPolicy', { policyName: 'p', policyType: 'SUBSCRIPTION_FILTER_POLICY' }],
  ['logs', 'AssociateKmsKey', { resourceIdentifier: groupArn.replace('prod', 'staging') }],
  ['cloudcontrolapi', 'DeleteResource', { typeName: 'AWS::SNS::Topic', identifier: 'other' }],
  ['sns', 'Unsubscribe', { subscriptionArn: `${topicArn}2:1-2-3` }],
  ['monitoring', 'SetAlarmState', { alarmName: 'mwaa-privilege-monitor-prod-test' }],
  ['monitoring', 'PutMetricData', {}],
  ['logs', 'DeleteLogStream', { logGroupName: 'airflow-staging-Task' }],
  ['logs', 'CreateLogStream', { logGroupName: 'airflow-prod-Task' }],
  ['sns', 'Unsubscribe', { subscriptionArn: `${topicArn}-other:1-2-3` }],
  ['sns', 'Subscribe', { topicArn }],
  ['lambda', 'UpdateFunctionCode20150331v2', { functionName: 'other' }],
  ['lambda', 'Invoke', { functionName: 'M-Scanner' }],
  ['events', 'DisableRule', { name: 'other' }],
  ['cloudformation', 'ExecuteChangeSet', { stackName: 'MonitorStack-staging' }],
  ['cloudformation', 'CreateChangeSet', { stackName: 'MonitorStack-prod' }],
])(
  '%s: %s of something else, or that silences nothing, is not reported: %j',
  (service, name, parameters) => {
    expect(reporting({ service, name, parameters })).toEqual([]);
  },
);

test('each alarm but the one for tests is watched for a state that somebody sets', () => {
  const unwatched = alarmNames('prod').filter(
    (alarmName) =>
      reporting({ service: 'monitoring', name: 'SetAlarmState', parameters: { alarmName } })
        .length === 0,
  );
  expect(unwatched).toEqual(['mwaa-privilege-monitor-prod-test']);
});

describe.each(['p', 'prod-airflow', 'e'.repeat(40), 'e'.repeat(80)])('environment %s', (name) => {
  const longest = longestOf(name);
  const rules = tamperRules({ ...partsOf(name), ...withSecondWitness }, longest);

  test('every subject is in one rule', () => {
    const parts = rules.flatMap((rule) => rule.subjects.map(({ part }) => part));
    expect(parts.toSorted()).toEqual(subjects.map(({ part }) => part).toSorted());
  });

  test('the rule that watches the rules is watched by another one', () => {
    const holding = (part: string) =>
      rules.findIndex((rule) => rule.subjects.some((subject) => subject.part === part));
    expect(holding('guard')).not.toBe(holding('rules'));
  });

  test('each rule fits into the limits of EventBridge with the longest names', () => {
    const longRules = tamperRules(longest, longest);
    expect(longRules.map((rule) => rule.subjects.map(({ part }) => part))).toEqual(
      rules.map((rule) => rule.subjects.map(({ part }) => part)),
    );
    for (const rule of longRules) {
      const pattern = tamperPattern(rule);
      expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(patternCharactersMax);
      expect(combinationsOf(pattern)).toBeLessThanOrEqual(combinationsMax);
      expect(longest.names.tamperRule(rule.number).length).toBeLessThanOrEqual(64);
    }
  });
});

test('a monitor with a name of usual length has five rules beside its schedule', () => {
  const { witness: _, ...longest } = longestOf('prod-airflow');
  expect(tamperRules(partsOf('prod-airflow'), longest)).toHaveLength(5);
});

/** The wildcard patterns that each field of a pattern is compared with, by its path. */
function wildcardsByField(pattern: unknown, path = ''): [field: string, wildcards: number][] {
  if (Array.isArray(pattern) && path.endsWith('.$or')) {
    return pattern.flatMap((one) => wildcardsByField(one, path.slice(0, -'.$or'.length)));
  }
  if (Array.isArray(pattern)) {
    return [[path, pattern.filter((match) => Object.hasOwn(Object(match), 'wildcard')).length]];
  }
  return Object.entries(Object(pattern)).flatMap(([key, value]) =>
    wildcardsByField(value, `${path}.${key}`),
  );
}

test('no field of a rule is compared with more than one wildcard, which EventBridge may refuse as too complex', () => {
  for (const name of ['prod', 'e'.repeat(80)]) {
    for (const rule of tamperRules(partsOf(name), longestOf(name))) {
      const most = Math.max(...wildcardsByField(tamperPattern(rule)).map(([, count]) => count));
      expect(most).toBeLessThanOrEqual(1);
    }
  }
});

test('environments whose long names differ at the end have rules of different names', () => {
  const [one, other] = ['a', 'b'].map((end) => namesFor(`${'e'.repeat(79)}${end}`).tamperRule(1));
  expect(one).not.toBe(other);
});

const json = templateOf().toJSON() as TemplateJson;
const deployed = resourcesOf(json, 'AWS::Events::Rule').filter(
  ([, { Properties }]) => Properties.EventPattern !== undefined,
);

test('every rule is enabled, takes events of AWS only, and notifies the topic of the alarms', () => {
  expect(deployed.length).toBeGreaterThan(1);
  const [[alarmTopic] = []] = resourcesOf(json, 'AWS::SNS::Topic').filter(([id]) =>
    id.startsWith('Alarm'),
  );
  for (const [, { Properties }] of deployed) {
    const { State, EventPattern, Targets } = Properties as {
      State: string;
      EventPattern: { source: unknown };
      Targets: { Arn: unknown }[];
    };
    expect([State, EventPattern.source]).toEqual(['ENABLED', [{ prefix: 'aws.' }]]);
    expect(Targets.map(({ Arn }) => targetOf(Arn))).toEqual([alarmTopic]);
  }
});

test('a notice that SNS refuses goes to the queue whose alarm rings', () => {
  for (const [id, { Properties }] of deployed) {
    const [{ DeadLetterConfig } = { DeadLetterConfig: { Arn: {} } }] = Properties.Targets as {
      DeadLetterConfig: { Arn: unknown };
    }[];
    const queue = targetOf(DeadLetterConfig.Arn);
    expect(queue).toMatch(/^ScannerUndeliveredTicks/);
    const allowed = resourcesOf(json, 'AWS::SQS::QueuePolicy')
      .filter(([, policy]) =>
        listed(policy.Properties.Queues).some((one) => targetOf(one) === queue),
      )
      .flatMap(([, policy]) => statementsOf(policy.Properties.PolicyDocument))
      .flatMap(({ Condition }) => listed(Condition?.ArnEquals?.['aws:SourceArn']));
    expect(allowed.map(targetOf)).toContain(id);
  }
});

test('a notice says who did what, when and from where, in fields that the caller cannot fill with text', () => {
  for (const [, { Properties }] of deployed) {
    const [{ InputTransformer } = { InputTransformer: { InputPathsMap: {} } }] =
      Properties.Targets as { InputTransformer: { InputPathsMap: Record<string, string> } }[];
    const paths = Object.values(InputTransformer.InputPathsMap);
    for (const path of [
      'eventName',
      'userIdentity.arn',
      'eventTime',
      'sourceIPAddress',
      'errorCode',
    ]) {
      expect(paths).toContain(`$.detail.${path}`);
    }
    expect(paths.filter((path) => /userAgent|errorMessage|Reason/.test(path))).toEqual([]);
  }
});
