import type { MonitorNames } from '../naming/names.ts';

/** Where a key is, which CloudFormation may be the only one to know. */
interface KeyHome {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** A statement of a key policy, as in its JSON, that lets a service use the key. */
export interface KeyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly Service: string };
  readonly Action: readonly string[];
  readonly Resource: '*';
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/**
 * What CloudWatch sends along when one of this monitor's alarms acts, and cannot be chosen by anybody.
 * Each alarm is named: a prefix would include those of an environment whose name goes on after it.
 */
export function alarmsCondition(home: KeyHome, { alarmNames }: Pick<MonitorNames, 'alarmNames'>) {
  return {
    StringEquals: { 'aws:SourceAccount': home.account },
    ArnEquals: { 'aws:SourceArn': alarmNames.map((name) => alarmArn(home, name)) },
  };
}

/** Shorter: the policy of a key has at most 32 kB, and monitors may share the key. */
function prefixCondition(home: KeyHome, { prefix }: Pick<MonitorNames, 'prefix'>) {
  return {
    StringEquals: { 'aws:SourceAccount': home.account },
    ArnLike: { 'aws:SourceArn': alarmArn(home, `${prefix}-*`) },
  };
}

function alarmArn({ partition, region, account }: KeyHome, name: string): string {
  return `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;
}

type NamesInKeyPolicy = Pick<
  MonitorNames,
  'alarmNames' | 'prefix' | 'scannerLogGroup' | 'witnessLogGroup' | 'parts'
>;

/**
 * What the services of a monitor need of the policy of its key, in the order in which the stack writes it
 * into the policy of its own key. The account's IAM policies must count as well: they let the function
 * use the key, and whoever deploys create the table's grants.
 *
 * @param isShared whether other monitors may use the key, whose alarms need not be kept apart then
 */
export function monitorKeyStatements(
  home: KeyHome,
  names: NamesInKeyPolicy,
  { isShared }: { readonly isShared: boolean },
): readonly KeyStatement[] {
  return [
    {
      // Without it every notification of an alarm is lost, and only the alarm's history shows it.
      ...allow('AllowCloudWatchAlarmsToPublish', 'cloudwatch.amazonaws.com'),
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: isShared ? prefixCondition(home, names) : alarmsCondition(home, names),
    },
    {
      // Ticks that could not be delivered go to an encrypted queue. There is no source condition, since
      // with one EventBridge was seen to drop them silently; the queue's own policy names the rule.
      ...allow('AllowEventBridgeToQueueUndeliveredTicks', 'events.amazonaws.com'),
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    },
    logsKeyStatement(home, 'AllowCloudWatchLogsToEncryptTheScannersLogs', names.scannerLogGroup),
    ...(names.parts.has('witness')
      ? [
          logsKeyStatement(
            home,
            'AllowCloudWatchLogsToEncryptTheWitnesssLogs',
            names.witnessLogGroup,
          ),
        ]
      : []),
  ];
}

/** What the services that publish to an existing topic need of the policy of the topic's key. */
export function topicKeyStatements(
  home: KeyHome,
  names: NamesInKeyPolicy,
): readonly KeyStatement[] {
  const ofServices = ['AllowCloudWatchAlarmsToPublish', 'AllowEventBridgeToQueueUndeliveredTicks'];
  return monitorKeyStatements(home, names, { isShared: true })
    .filter(({ Sid }) => ofServices.includes(Sid))
    .map((statement) => ({
      ...statement,
      Sid: statement.Sid.replace('ToQueueUndeliveredTicks', 'ToPublish'),
    }));
}

/**
 * Lets CloudWatch Logs of the key's Region use the key for these log groups of its account, and for no
 * others; without it such a group cannot be created.
 *
 * AWS's sample allows every group of the Region, or of the account:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 *
 * @param logGroupPattern a log group's name, in which `*` matches anything
 */
export function logsKeyStatement(
  { partition, region, account }: KeyHome,
  sid: string,
  logGroupPattern: string,
): KeyStatement {
  return {
    ...allow(sid, `logs.${region}.amazonaws.com`),
    Action: [
      'kms:Encrypt*',
      'kms:Decrypt*',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:Describe*',
    ],
    Resource: '*',
    Condition: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:${logGroupPattern}`,
      },
    },
  };
}

function allow(sid: string, service: string) {
  return { Sid: sid, Effect: 'Allow', Principal: { Service: service } } as const;
}

/**
 * The ARN of a key with an id as KMS gives it: the CDK refuses other ones as well, but without naming the
 * file.
 */
export const exactKeyArnPattern =
  /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The ARN of a key, not of an alias. */
export const keyArnPattern = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** Partition, Region and account in the ARN of a key. */
export function homeOfKey(keyArn: string): KeyHome {
  const [, partition = '', , region = '', account = ''] = keyArn.split(':');
  return { partition, region, account };
}

/**
 * Why a key cannot be a monitor's; undefined if nothing is known against it. Place and key must agree,
 * since log groups take no key of another Region, and the function's permissions and the doctor count on
 * a key of the account.
 */
export function foreignKeyProblem(
  keyArn: string,
  place: { readonly account?: string | undefined; readonly region?: string | undefined },
): string | undefined {
  const { account, region } = homeOfKey(keyArn);
  const elsewhere = [
    ...(place.account !== undefined && place.account !== account
      ? [`account ${place.account}`]
      : []),
    ...(place.region !== undefined && place.region !== region ? [`Region ${place.region}`] : []),
  ];
  return elsewhere.length === 0
    ? undefined
    : `must be a key of the monitor's own account and Region, which is in ${elsewhere.join(' and ')}`;
}
