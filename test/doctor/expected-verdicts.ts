import { checks } from '../../doctor/checks/all-checks.ts';
import type { Result } from '../../doctor/shapes/judgement.ts';

/** The expected result of one check, and words that its evidence and fixes must contain. */
export interface Verdict {
  readonly result: Exclude<Result, 'pass'>;
  readonly evidence: readonly string[];
  readonly fix: readonly string[];
}

type Words = string | readonly string[];

function verdict(result: Verdict['result'], evidence: Words, fix: Words): Verdict {
  return { result, evidence: [evidence].flat(), fix: [fix].flat() };
}

const fail = (evidence: Words, fix: Words) => verdict('fail', evidence, fix);
const warn = (evidence: Words, fix: Words) => verdict('warn', evidence, fix);
const unknown = (evidence: Words, fix: Words) => verdict('unknown', evidence, fix);

const noKey = unknown(['gave no usable answer', 'NotFoundException'], 'Run the doctor again');
/** The verdicts for a key that KMS does not find. */
const withoutKey = {
  'key-state': fail('KMS finds no key', 'ScheduleKeyDeletion'),
  ...Object.fromEntries(
    [
      ...['key-multi-region', 'key-spec', 'key-manager', 'key-rotation', 'key-policy-logs'],
      ...['key-policy-logs-scope', 'key-policy-foreigners', 'key-policy-administrator'],
      ...['key-grants', 'key-grant-shapes', 'role-key-policy', 'role-kms'],
    ].map((id) => [id, noKey]),
  ),
};
const key = 'key/0a1b2c3d-0000-4000-8000-000000000001';
const oldKey = 'key/0a1b2c3d-0000-4000-8000-00000000000d';
const monitorKey = 'key/0a1b2c3d-0000-4000-8000-00000000000e';
const addLogs = ['get-key-policy', 'jq', 'logs.eu-west-1.amazonaws.com', 'put-key-policy'];
const putRolePolicy = 'put-role-policy --region eu-west-1 --role-name prod-airflow-execution';
const setTrust = ['update-assume-role-policy', 'airflow-env.amazonaws.com', 'aws:SourceAccount'];
const showRolePolicy = ['Remove the actions from mwaa', 'get-role-policy', '--policy-name mwaa'];

const roleChecks = checks.filter(({ area }) => area === 'execution role').map(({ id }) => id);

/**
 * For each fixture, every check that must not pass; all other checks must pass.
 */
export const expectedVerdicts: Readonly<Record<string, Readonly<Record<string, Verdict>>>> = {
  healthy: {},

  'create-failed': {
    'environment-status': fail(['CREATE_FAILED', 'INCORRECT_CONFIGURATION'], 'LastUpdate'),
  },
  'no-witness': {},
  'witness-outside-vpc': {
    'witness-reach': fail('private, and the witness is in no VPC', ['witness.md', 'deploy']),
  },
  'witness-upgraded': {
    'witness-reach': fail(['3.0.6', 'cannot be read', '2.10.3'], "airflowVersion: '3.0.6'"),
  },
  'witness-patched': {
    'witness-reach': warn(['2.9.2', '2.10.3'], "airflowVersion: '2.9.2'"),
  },
  'witness-as-admin': {
    'witness-rights': fail(
      ['airflow:InvokeRestApi as Admin', 'as Op', 'by witness'],
      ['get-role-policy --region eu-west-1 --role-name MonitorStack-prod-WitnessRole', 'deploy'],
    ),
  },
  'witness-in-doubt': {
    'witness-rights': unknown('airflow:InvokeRestApi as Admin depends', 'template'),
  },
  'witness-without-right': {
    'witness-rights': fail('may not call Airflow as Public', 'deploy'),
  },
  updating: { 'environment-status': warn('UPDATING', 'Wait until it is AVAILABLE') },
  'update-failed': {
    'environment-status': warn(['UPDATE_FAILED', 'requirements.txt'], 'rolled back'),
  },
  'endpoints-missing': { 'environment-status': fail('PENDING', 'DatabaseVpcEndpointService') },
  'unknown-status': { 'environment-status': warn('HIBERNATING', 'does not know') },
  'old-airflow': {
    'airflow-version': warn('1.10.12', 'replay --logs'),
    'witness-reach': warn(['1.10.12', '2.10.3'], "airflowVersion: '1.10.12'"),
  },
  'public-web-server': {
    'webserver-access': warn('PUBLIC_ONLY', ['NAT', '--webserver-access-mode PRIVATE_ONLY']),
    'witness-reach': fail(
      ['3.0.6', 'web server is public, and the witness may call it from vpc-0a1b2c3d only'],
      ["airflowVersion: '3.0.6'", 'Leave vpc out'],
    ),
  },
  teams: {
    teams: warn(['team-a', 'team-a-dags/dags/team-a', 'd-1234567890'], 'list-groups'),
    'bucket-versioning': fail(['team-a-dags', 'Suspended'], '--bucket team-a-dags'),
    'uploads-recorded': warn('who uploads files to team-a-dags', 'arn:aws:s3:::team-a-dags/'),
    'witness-reach': fail('3.3.1', "airflowVersion: '3.3.1'"),
  },
  'no-secrets-backend': {
    'secrets-backend': warn('metadata database', [
      '--airflow-configuration-options',
      'SecretsManagerBackend',
    ]),
  },

  'web-server-logs-off': {
    'log-types-enabled': fail('WebServer logs are not published', [
      'update-environment',
      '"WebserverLogs":{"Enabled":true,"LogLevel":"INFO"}',
    ]),
  },
  'warning-level': { 'log-types-enabled': fail(['Worker', 'WARNING'], '"WorkerLogs"') },
  'debug-level': {},
  'log-group-missing': {
    'log-groups-exist': fail('no log group airflow-prod-airflow-Task', [
      'create-log-group',
      `--kms-key-id arn:aws:kms:eu-west-1:111122223333:${key}`,
    ]),
  },
  'other-log-group': { 'log-groups-exist': warn('airflow-blue-Task', 'airflow-blue-Task') },
  silent: {
    'log-events-fresh': fail(
      ['airflow-prod-airflow-Scheduler', '60 minutes', '2026-11-22T03:10'],
      'describe-log-streams',
    ),
  },
  'fell-silent': {
    'log-events-usual': warn(
      ['airflow-prod-airflow-Worker', 'kept writing'],
      ['log-group-silent.md', 'describe-log-streams'],
    ),
  },
  'just-made': {},
  'short-retention': {
    'log-retention': fail(
      ['Worker retains its events for 1 day', '2 days back'],
      'put-retention-policy --region eu-west-1 --log-group-name airflow-prod-airflow-Worker --retention-in-days 30',
    ),
  },
  'kept-for-ever': {},
  'delivery-class': {
    'log-class': fail(
      ['Task', 'DELIVERY'],
      ['delete-log-group', '--log-group-class STANDARD', key],
    ),
  },
  'infrequent-access': { 'log-class': warn('INFREQUENT_ACCESS', 'create-log-group') },
  'masked-logs': {
    'log-data-protection': warn('Task has a data protection policy', 'get-data-protection-policy'),
  },
  'masked-by-account': {
    'log-data-protection': warn(
      'the account’s data protection policy',
      'describe-account-policies',
    ),
  },
  'logs-sent-away': {
    'log-subscription-filters': warn(
      ['another account', '999999999999'],
      [
        "delete-subscription-filter --region eu-west-1 --log-group-name airflow-prod-airflow-Task --filter-name 'all'",
      ],
    ),
  },
  'logs-sent-home': {},

  'not-monitored': {
    'monitor-deployed': fail(
      'no monitor of prod-airflow',
      'npx cdk deploy -c mwaaEnvironment=prod-airflow -c email=ADDRESS',
    ),
  },
  'alarm-missing': {
    'monitor-deployed': fail(
      'mwaa-privilege-monitor-prod-airflow-silent',
      'npx cdk deploy --revert-drift MonitorStack-prod',
    ),
  },
  'alarm-muted': {
    'monitor-deployed': fail(
      ['privilege-change-Task', 'disabled'],
      'enable-alarm-actions --region eu-west-1 --alarm-names mwaa-privilege-monitor-prod-airflow-privilege-change-Task',
    ),
  },
  'alarm-rings': {
    'monitor-alarms': warn(['blind-Task is in ALARM', 'less than'], 'describe-alarms'),
  },
  'alarms-on-nothing': {
    'monitor-deployed': fail(
      ['alarms without a topic', 'prod-airflow-silent', 'privilege-change-Task'],
      'npx cdk deploy --revert-drift MonitorStack-prod',
    ),
  },
  'alarms-without-stack': {
    'monitor-stack': warn('belong to no stack', 'Delete these alarms'),
    'topic-subscriptions': unknown('FindingsTopicArn', 'Run the doctor again'),
    'topic-key': unknown('FindingsTopicArn', 'Run the doctor again'),
  },
  'stack-going': { 'monitor-stack': warn('DELETE_IN_PROGRESS', 'npx cdk deploy') },
  'heartbeat-unreadable': {
    'monitor-heartbeat': unknown('ScanCompleted', 'Run the doctor again'),
  },
  'topic-aws-key-by-arn': { 'topic-key': fail('an AWS managed key', 'set-topic-attributes') },
  'stack-rolled-back': {
    'monitor-stack': warn('UPDATE_ROLLBACK_COMPLETE', [
      'describe-stack-events --region eu-west-1 --stack-name MonitorStack-prod',
      'npx cdk deploy MonitorStack-prod',
    ]),
  },
  'heartbeat-lost': {
    'monitor-heartbeat': fail(
      ['no scan completed in the last 20 minutes', '150 minutes ago'],
      'logs tail',
    ),
  },
  'nobody-confirmed': {
    'topic-subscriptions': fail(
      ['findings', '0 confirmed, 1 waiting'],
      ['sns subscribe', 'FindingsTopic'],
    ),
  },
  'one-unconfirmed': {
    'topic-subscriptions': warn(
      ['alarms', '1 confirmed, 1 waiting'],
      ['sns subscribe', 'AlarmTopic'],
    ),
  },
  'topic-closed': {
    'topic-policy': fail('does not let cloudwatch.amazonaws.com publish', [
      'set-topic-attributes',
      'sns:Publish',
      'no deployment puts it back',
    ]),
  },
  'topic-aws-key': { 'topic-key': fail('alias/aws/sns', '--attribute-name KmsMasterKeyId') },
  'topic-key-closed': {
    'topic-key': fail(
      [monitorKey, 'does not let cloudwatch.amazonaws.com'],
      [
        'put-key-policy',
        'kms:GenerateDataKey*',
        'Or, if it is the monitor’s own key',
        'npx cdk deploy --revert-drift MonitorStack-prod',
      ],
    ),
    'monitor-key': fail(
      [monitorKey, 'cloudwatch.amazonaws.com', 'events.amazonaws.com', 'logs.eu-west-1'],
      'put-key-policy',
    ),
  },
  'monitor-key-half-open': {
    'monitor-key': fail(
      [monitorKey, 'by the service events.amazonaws.com', 'by IAM policies of its account'],
      ['get-key-policy', 'AllowEventBridge', 'arn:aws:iam::111122223333:root', '--revert-drift'],
    ),
  },
  'topic-key-disabled': {
    'topic-key': fail([monitorKey, 'is disabled'], 'kms enable-key'),
    'monitor-key': fail([monitorKey, 'is disabled'], 'kms enable-key'),
  },

  'old-key': {
    'log-group-keys': fail(
      [
        'airflow-prod-airflow-DAGProcessing',
        'airflow-prod-airflow-Worker',
        oldKey,
        `not with the environment’s key arn:aws:kms:eu-west-1:111122223333:${key}`,
        'retain the key of a destroyed environment of this name',
        'to be deleted on 2026-12-15',
      ],
      [
        `cancel-key-deletion --region eu-west-1 --key-id arn:aws:kms:eu-west-1:111122223333:${oldKey}`,
        'associate-kms-key --region eu-west-1 --log-group-name airflow-prod-airflow-Task',
        'Or, if nobody needs the old events',
        'delete-log-group --region eu-west-1 --log-group-name airflow-prod-airflow-Task',
        'create-log-group --region eu-west-1 --log-group-name airflow-prod-airflow-Task',
        '--retention-in-days 365',
      ],
    ),
    'denied-decrypts': fail(['kms:Decrypt', oldKey], ['lookup-events', 'log-group-keys']),
  },
  'old-key-disabled': {
    'log-group-keys': fail(
      ['airflow-prod-airflow-Task: encrypted', 'that key is disabled'],
      'kms enable-key',
    ),
  },
  'old-key-deleted': {
    'log-group-keys': fail('that key no longer exists', ['associate-kms-key', 'delete-log-group']),
  },
  'group-without-key': {
    'log-group-keys': fail('Task: encrypted by CloudWatch Logs itself', ['associate-kms-key', key]),
  },
  'no-key': {},
  'no-key-old-groups': {
    'log-group-keys': fail([oldKey, 'no longer exists'], 'disassociate-kms-key'),
  },
  'key-alias': { 'key-reference': fail('alias/prod-airflow', ['KeyMetadata.Arn', 'recreate it']) },
  'key-id': {},
  'key-elsewhere': {
    'key-region': fail(['us-east-1', 'eu-west-1'], 'create-key --region eu-west-1'),
    ...withoutKey,
    'log-group-keys': fail(['eu-west-1', 'us-east-1'], 'associate-kms-key'),
    'bucket-key': fail('us-east-1', 'put-bucket-encryption'),
  },
  'key-deleted': withoutKey,
  'multi-region-key': { 'key-multi-region': fail('multi-Region', '--no-multi-region') },
  'key-disabled': {
    'key-state': fail(
      'is disabled',
      `enable-key --region eu-west-1 --key-id arn:aws:kms:eu-west-1:111122223333:${key}`,
    ),
  },
  'key-deleted-soon': { 'key-state': fail('2026-12-01', ['cancel-key-deletion', 'enable-key']) },
  'key-waits-for-import': { 'key-state': fail('pending import', 'describe-key') },
  'asymmetric-key': {
    'key-spec': fail(['RSA_2048', 'SIGN_VERIFY'], '--key-spec SYMMETRIC_DEFAULT'),
  },
  'aws-managed-key': { 'key-manager': fail('managed by AWS', 'create-key') },
  'foreign-key': { 'key-manager': warn('999999999999', 'get-key-policy') },
  'no-rotation': { 'key-rotation': warn('does not rotate', 'enable-key-rotation') },

  'no-logs-statement': {
    'key-policy-logs': fail(
      ['kms:Decrypt', 'kms:GenerateDataKey', 'no statement allows it'],
      addLogs,
    ),
  },
  'logs-of-other-region': {
    'key-policy-logs': fail('"AllowCloudWatchLogs" is for logs.us-east-1.amazonaws.com', addLogs),
  },
  'logs-of-other-groups': {
    'key-policy-logs': fail(['does not apply', 'airflow-staging-*'], addLogs),
  },
  'logs-of-four-groups': {
    'key-policy-logs': fail('logs.eu-west-1.amazonaws.com for airflow-prod-airflow-Task:', addLogs),
  },
  'logs-denied': {
    'key-policy-logs': fail('statement "DenyAllButAdministrators" denies it', [
      'DenyAllButAdministrators',
      'put-key-policy',
    ]),
  },
  'logs-decrypt-only': { 'key-policy-logs': fail('kms:GenerateDataKey', addLogs) },
  'logs-without-reencrypt': {
    'key-policy-logs': warn('refuses kms:Encrypt, kms:ReEncryptFrom, kms:ReEncryptTo', addLogs),
  },
  'logs-by-address': { 'key-policy-logs': unknown('cannot be determined', addLogs) },
  'logs-of-any-account': {
    'key-policy-logs-scope': warn('any account', 'log-group:airflow-prod-airflow-*'),
  },
  'logs-without-condition': {
    'key-policy-logs-scope': warn('any account', 'log-group:airflow-prod-airflow-*'),
  },
  'logs-of-account': {},
  'logs-put-policy': {
    'key-policy-logs-scope': warn('kms:PutKeyPolicy', 'Replace the wide statement'),
  },
  'logs-of-another-account': {
    'key-policy-logs-scope': warn('log groups of 999999999999', 'Replace the wide statement'),
  },
  'logs-write-for-anybody': {
    'key-policy-logs-scope': warn('any account', 'Replace the wide statement'),
  },
  'logs-all-but-deletion': {
    'key-policy-logs-scope': warn('kms:PutKeyPolicy', 'Replace the wide statement'),
  },
  'foreign-account': {
    'key-policy-foreigners': warn(
      ['account 999999999999 may decrypt', 'arn:aws:iam::888888888888:role/x may decrypt'],
      'get-key-policy',
    ),
  },
  'everybody-through-s3': {
    'key-policy-foreigners': warn('everybody may, under conditions, decrypt', 'get-key-policy'),
  },
  'account-through-s3': {},
  'role-in-key-policy': {
    'role-key-policy': fail(
      'lets the execution role administer the key: kms:PutKeyPolicy',
      'get-key-policy',
    ),
    'role-kms': warn('directly', putRolePolicy),
  },
  'grant-to-another-account': {
    'key-grant-shapes': warn(['role/backup', 'in another account'], 'list-grants'),
  },
  'grant-with-more': {
    'key-grant-shapes': warn(
      ['undocumented operations: CreateGrant', 'has constraints'],
      'list-grants',
    ),
  },
  'grant-for-two': {
    'key-grant-shapes': warn('and for other.amazonaws.com', 'list-grants'),
  },
  'deleted-administrator': {
    'key-policy-administrator': fail('nobody may change', 'AWS Support'),
  },
  'no-root': {
    'key-policy-administrator': warn(
      ['only', 'role/key-admin'],
      ['put-key-policy', '111122223333:root'],
    ),
  },
  'no-administrator': { 'key-policy-administrator': fail('nobody', 'AWS Support') },
  'role-not-in-key-policy': {
    'key-policy-administrator': warn('role/key-admin', '111122223333:root'),
    'role-kms': fail('the key policy does not let the execution role', [
      'AllowExecutionRole',
      'put-key-policy',
    ]),
  },
  'grant-missing': { 'key-grants': fail('mwaa-fargate-access-for-prod-airflow', 'RevokeGrant') },
  'no-grants': {
    'key-grants': fail(
      ['mwaa-grant-for-env-mgmt-role-', 'mwaa-grant-for-cfn-mgmt-'],
      'list-grants',
    ),
  },
  'grant-lacks-operation': {
    'key-grant-shapes': warn(
      'lambda-exec-prod-airflow lacks ReEncryptFrom, ReEncryptTo, GenerateDataKey',
      'list-grants',
    ),
  },
  'grant-other-grantee': {
    'key-grant-shapes': warn(
      ['role/prod-airflow-execution', 'not for airflow.eu-west-1'],
      'list-grants',
    ),
  },
  'grant-service-principal': {},
  'grant-of-other-environment': {
    'key-grant-shapes': warn('belongs to environment staging', 'list-grants'),
  },

  'trust-one-service': { 'role-trust': fail('airflow-env.amazonaws.com may not', setTrust) },
  'trust-other-environment': { 'role-trust': fail('airflow.amazonaws.com may not', setTrust) },
  'trust-any-account': { 'role-trust': warn('environments of any account', setTrust) },
  'trust-others': { 'role-trust': warn('ecs-tasks.amazonaws.com', setTrust) },
  'role-no-key': {
    'role-kms': fail(
      ['kms:Decrypt', 'sqs.eu-west-1'],
      [putRolePolicy, 'MwaaKey', key, 'kms:ViaService'],
    ),
  },
  'role-key-sqs-only': { 'role-kms': fail('through s3.eu-west-1.amazonaws.com', putRolePolicy) },
  'role-other-key': { 'role-kms': fail('no policy of the execution role allows', putRolePolicy) },
  'role-key-directly': { 'role-kms': warn('directly', [putRolePolicy, 'kms:ViaService']) },
  'role-boundary': { 'role-kms': fail('permissions boundary', 'PermissionsBoundaryArn') },
  'role-no-describe': {
    'role-logs-describe': fail('logs:DescribeLogGroups on *', [putRolePolicy, '"Resource":"*"']),
  },
  'role-describe-limited': {
    'role-logs-describe': fail('logs:DescribeLogGroups on *', putRolePolicy),
  },
  'role-logs-sample': {
    'role-logs-write': fail(
      ['logs:PutLogEvents', 'DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'],
      [putRolePolicy, 'log-group:airflow-prod-airflow-*'],
    ),
  },
  'role-logs-task-only': {
    'role-logs-write': fail(
      'on airflow-prod-airflow-DAGProcessing, airflow-prod-airflow-Scheduler, airflow-prod-airflow-WebServer, airflow-prod-airflow-Worker',
      putRolePolicy,
    ),
  },
  'role-puts-key-policy': { 'role-key-policy': fail('kms:PutKeyPolicy by mwaa', showRolePolicy) },
  'role-becomes-admin': {
    'role-airflow-admin': fail('airflow:CreateWebLoginToken by mwaa', showRolePolicy),
  },
  'role-cli-token': {
    'role-airflow-admin': fail('airflow:CreateCliToken by mwaa', showRolePolicy),
    'role-log-tampering': fail('airflow:UpdateEnvironment', showRolePolicy),
  },
  'role-rest-api-user': {},
  'role-changes-itself': { 'role-self-change': fail('iam:PutRolePolicy by mwaa', showRolePolicy) },
  'role-deletes-logs': { 'role-log-tampering': fail('logs:DeleteLogStream', showRolePolicy) },
  'role-writes-every-log': {
    'role-log-forging': warn('of the monitor: logs:PutLogEvents by', showRolePolicy),
  },
  'role-deletes-a-group': {
    'role-log-tampering': fail('logs:DeleteLogGroup by mwaa', showRolePolicy),
  },
  'role-masks-every-log': {
    'role-log-tampering': fail('logs:PutAccountPolicy by mwaa', showRolePolicy),
  },
  'role-deletes-some-alarms': {
    'role-monitor-tampering': fail('cloudwatch:DeleteAlarms by mwaa', showRolePolicy),
  },
  'role-kept-to-region': {},
  'role-admin-of-account': {
    'role-airflow-admin': fail('airflow:CreateWebLoginToken by mwaa', showRolePolicy),
  },
  'role-boundary-by-tag': Object.fromEntries(
    ['role-kms', 'role-logs-describe', 'role-logs-write'].map((id) => [
      id,
      unknown('depends on conditions', 'put-role-policy'),
    ]),
  ),
  'role-gone': Object.fromEntries(
    roleChecks.map((id) => [id, fail('there is no role', '--execution-role-arn')]),
  ),
  'role-mutes-alarms': {
    'role-monitor-tampering': fail('cloudwatch:DisableAlarmActions by mwaa', showRolePolicy),
  },
  ...Object.fromEntries(
    Object.entries({
      'role-changes-functions': 'lambda:UpdateFunctionCode',
      'role-changes-rules': 'events:DisableRule',
      'role-changes-tables': 'dynamodb:DeleteItem',
      'role-changes-stacks': 'cloudformation:DeleteStack',
      'role-changes-queues': 'sqs:PurgeQueue',
      'role-publishes': 'sns:Publish by mwaa',
      'role-filters-subscriptions': 'sns:SetSubscriptionAttributes by mwaa',
      'role-opens-topics': 'sns:AddPermission by mwaa',
      'role-lends-monitors-role': 'iam:PassRole by mwaa',
      'role-deletes-monitors-logs': 'logs:DeleteLogGroup by mwaa',
      'role-adds-mute-rules': 'cloudwatch:PutAlarmMuteRule by mwaa',
    }).map(([name, action]) => [
      name,
      { 'role-monitor-tampering': fail(['may silence the monitor', action], showRolePolicy) },
    ]),
  ),
  'role-feigns-heartbeat': {
    'role-monitor-metrics': warn('to MwaaPrivilegeMonitor: cloudwatch:PutMetricData by mwaa', [
      'put-role-policy',
      '"Effect":"Deny"',
    ]),
  },
  'role-writes-dags': { 'role-dag-writing': warn('s3:PutObject by mwaa', showRolePolicy) },
  'role-writes-secrets': {
    'role-secrets-writing': warn('secretsmanager:PutSecretValue', showRolePolicy),
  },
  'role-admin-by-tag': { 'role-airflow-admin': unknown('depends on conditions', showRolePolicy) },

  'pack-refused': {
    'query-accepted': fail(
      [
        'text of all 3 detections is refused: unexpected symbol found ( at line 1',
        'metadata-sql-statement alone is refused',
      ],
      'disable: [metadata-sql-statement]',
    ),
  },
  'pack-form-refused': {
    'query-accepted': fail(
      [
        'text of all 3 detections is refused: unexpected symbol found @',
        'each of the 3 detections alone is refused: unexpected symbol found @',
      ],
      'continues without the pack',
    ),
  },
  'pack-too-much': {
    'query-accepted': fail(
      ['is refused: the query is too complex', 'each of the 3 detections runs alone'],
      'continues without the pack',
    ),
  },
  'pack-fails': {
    'query-accepted': fail(
      ['all 3 detections was accepted, but its query failed', 'cli-role-granted alone'],
      'disable: [cli-role-granted]',
    ),
  },
  'documented-refused': {
    'query-accepted': fail(
      'the documented query is refused: the time is before',
      'the cause is the log groups or the time',
    ),
  },
  'queries-fail': {
    'query-accepted': fail(
      'the documented query was accepted, but its query failed',
      'the key of each log group',
    ),
  },
  'query-denied': {
    'query-accepted': unknown('logs:StartQuery was denied', 'Allow logs:StartQuery'),
  },
  'queries-queue': {
    'query-accepted': unknown('still Scheduled after half a minute', 'fewer queries'),
  },
  'too-young': {},

  'bucket-unversioned': { 'bucket-versioning': fail('never enabled', 'put-bucket-versioning') },
  'bucket-public': { 'bucket-public-access': fail('BlockPublicPolicy', 'put-public-access-block') },
  'bucket-no-policy': {
    'bucket-tls': fail('no bucket policy', ['put-bucket-policy', 'aws:SecureTransport']),
  },
  'bucket-gone': {
    ...Object.fromEntries(
      [
        ...['bucket-versioning', 'bucket-public-access', 'bucket-tls', 'bucket-key'],
        'uploads-recorded',
      ].map((id) => [id, fail('there is no bucket prod-airflow-dags-111122223333', 's3 mb')]),
    ),
    'role-dag-writing': unknown('s3:GetBucketPolicy', 'Run the doctor again'),
  },
  'bucket-lets-role-write': {
    'role-dag-writing': warn('the policy of prod-airflow-dags', 'get-bucket-policy'),
  },
  'bucket-tls-for-dags-only': { 'bucket-tls': fail('without TLS', 'put-bucket-policy') },
  'bucket-other-key': { 'bucket-key': fail('aws/s3', ['put-bucket-encryption', key]) },
  'bucket-key-alias': {},
  'bucket-s3-key': {},
  'no-trail': {
    'cloudtrail-active': fail('no trail', ['create-trail', 'start-logging']),
    'tamper-notices': warn('no trail of this Region', 'create-trail'),
    'uploads-recorded': warn('no trail covers this Region', 'Create a trail'),
  },
  'trail-stopped': {
    'cloudtrail-active': fail('does not log', 'start-logging'),
    'tamper-notices': warn('no trail of this Region', 'start-logging'),
    'uploads-recorded': warn('does not log', 'put-event-selectors'),
  },
  'trail-undelivered': {
    'cloudtrail-active': warn('cannot deliver: NoSuchBucket', 'get-trail-status'),
  },
  'alarm-mails-off': {},
  'uploads-not-recorded': {
    'uploads-recorded': warn('does not record who writes there', [
      'put-event-selectors',
      '"ReadWriteType":"WriteOnly"',
    ]),
  },
  'uploads-recorded-in-part': {
    'uploads-recorded': warn('to a part of', 'put-event-selectors'),
  },
  'trail-without-kms': {
    'cloudtrail-active': warn('KMS', 'put-event-selectors'),
    'tamper-notices': warn('none of kms.amazonaws.com', 'put-event-selectors'),
  },
  'denied-decrypt': {
    'denied-decrypts': fail(['AmazonMWAA-airflow', 'kms:Decrypt'], 'lookup-events'),
  },
  'many-decrypts': { 'denied-decrypts': unknown('too many', 'CloudTrail Lake') },
};
