import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { namesFor } from '../../../infra/naming/names.ts';
import { tamperSubjects } from '../../../infra/watch/tampering.ts';

const subjects = tamperSubjects({
  ...{ mwaaEnvironment: 'prod', names: namesFor('prod'), stackName: 'M', functionName: 'F' },
  ...{ roleName: 'R', scheduleName: 'S', tableName: 'T', keyId: 'K' },
  ...{ queueNames: ['Q'], topicNames: ['A'], topicArns: ['arn:A'] },
});

/** Calls that only read. */
const reads =
  /^(Get|List|Describe|BatchGet|BatchDescribe|Lookup|Filter|Test|Search|Query$|Scan$|Simulate|Generate|Validate|Estimate|Detect|Check|Start(LiveTail|Query)$|Transact(Get))/;
/** Names and notes; no policy of the monitor depends on a tag. */
const tags = /^(Un)?[Tt]ag|^(Add|Remove)Tags$/;

/**
 * By client of AWS's SDK: the service in CloudTrail, and the calls that change no part of the monitor, or make
 * nothing silent. A call that a later SDK adds is in neither list and fails the test.
 */
const harmless: Record<string, { service: string; of?: RegExp; calls: string }> = {
  cloudwatch: {
    service: 'monitoring',
    // Other kinds of resources; data beside the monitor's own, which the alarms expect; what undoes.
    calls: `DeleteAlarmMuteRule EnableAlarmActions PutLogAlarm PutMetricData DisassociateDatasetKmsKey
      DeleteDashboards PutDashboard DeleteAnomalyDetector PutAnomalyDetector DeleteInsightRules
      DisableInsightRules EnableInsightRules PutInsightRule PutManagedInsightRules DeleteMetricStream
      PutMetricStream StartMetricStreams StopMetricStreams StartOTelEnrichment StopOTelEnrichment
      UpdateOTelEnrichment CreateResourceMetricsConfiguration DeleteResourceMetricsConfiguration
      UpdateResourceMetricsConfiguration`,
  },
  'cloudwatch-logs': {
    service: 'logs',
    // Copies, deliveries and queries; what undoes; a stopped query, which the scanner repeats; lines that are added.
    calls: `AssociateSourceToS3TableIntegration CancelExportTask CancelImportTask CreateDelivery
      CreateExportTask CreateImportTask CreateLogAnomalyDetector CreateLogGroup CreateLogStream
      CreateLookupTable CreateScheduledQuery DeleteAccountPolicy DeleteDataProtectionPolicy DeleteDelivery
      DeleteDeliveryDestination DeleteDeliveryDestinationPolicy DeleteDeliverySource DeleteDestination
      DeleteIndexPolicy DeleteIntegration DeleteLogAnomalyDetector DeleteLookupTable DeleteMetricFilter
      DeleteQueryDefinition DeleteResourcePolicy DeleteRetentionPolicy DeleteScheduledQuery
      DeleteSyslogConfiguration DeleteTransformer DisassociateSourceFromS3TableIntegration
      PutBearerTokenAuthentication PutDeliveryDestination PutDeliveryDestinationPolicy PutDeliverySource
      PutDestination PutDestinationPolicy PutIndexPolicy PutIntegration PutLogEvents PutMetricFilter
      PutQueryDefinition PutStorageTierPolicy PutSyslogConfiguration StopQuery UpdateAnomaly
      UpdateDeliveryConfiguration UpdateLogAnomalyDetector UpdateLookupTable UpdateScheduledQuery`,
  },
  sns: {
    service: 'sns',
    // Phones; a further subscriber; messages, which only the monitor may publish.
    calls: `ConfirmSubscription CreatePlatformApplication CreatePlatformEndpoint CreateSMSSandboxPhoneNumber
      CreateTopic DeleteEndpoint DeletePlatformApplication DeleteSMSSandboxPhoneNumber OptInPhoneNumber
      Publish PublishBatch SetEndpointAttributes SetPlatformApplicationAttributes SetSMSAttributes Subscribe
      VerifySMSSandboxPhoneNumber`,
  },
  sqs: {
    service: 'sqs',
    // Messages, which are no management events.
    calls: `CancelMessageMoveTask ChangeMessageVisibility ChangeMessageVisibilityBatch CreateQueue
      DeleteMessage DeleteMessageBatch ReceiveMessage SendMessage SendMessageBatch`,
  },
  kms: {
    service: 'kms',
    // Other keys, and aliases, which the monitor does not use; what undoes; uses of a key; a grant that is
    // retired names no key.
    calls: `CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey
      Decapsulate Decrypt DeleteAlias DeleteCustomKeyStore DeriveSharedSecret DisableKeyRotation
      DisconnectCustomKeyStore EnableKey EnableKeyRotation Encapsulate Encrypt ImportKeyMaterial ReEncrypt
      ReplicateKey RetireGrant RotateKeyOnDemand Sign UpdateAlias UpdateCustomKeyStore UpdateKeyDescription
      UpdatePrimaryRegion Verify VerifyMac`,
  },
  dynamodb: {
    service: 'dynamodb',
    // Other tables, copies; items, which are no management events; replicas of 2017 need a stream first.
    calls: `BatchExecuteStatement BatchWriteItem CancelBulkOperation CreateBackup CreateGlobalTable CreateTable
      DeleteBackup DeleteItem DisableKinesisStreamingDestination EnableKinesisStreamingDestination
      ExecuteStatement ExecuteTransaction ExportTableToPointInTime ImportTable PutItem
      RestoreTableFromBackup RestoreTableToPointInTime TransactWriteItems UpdateContributorInsights
      UpdateGlobalTable UpdateGlobalTableSettings UpdateItem UpdateKinesisStreamingDestination
      UpdateTableReplicaAutoScaling`,
  },
  eventbridge: {
    service: 'events',
    of: /Rule|Targets|Permission|EventBus/,
    // Other accounts' events; other buses; a key of the default bus does not apply to events of AWS.
    calls: 'CreateEventBus DeleteEventBus EnableRule PutPermission RemovePermission UpdateEventBus',
  },
  cloudformation: {
    service: 'cloudformation',
    of: /Stack|Alias|ChangeSet|Update|Resource/,
    // Other stacks; preparations, whose execution counts; what a stack set does to a stack is a call of its own.
    calls: `CreateChangeSet CreateStack CreateStackInstances CreateStackRefactor CreateStackSet
      DeleteChangeSet DeleteStackInstances DeleteStackSet ImportStacksToStackSet RemoveAlias SignalResource
      StartResourceScan StopStackSetOperation UpdateGeneratedTemplate UpdateStackInstances UpdateStackSet`,
  },
  cloudtrail: {
    service: 'cloudtrail',
    of: /Trail|Logging|Selectors|EventConfiguration/,
    calls: 'CreateTrail PutEventConfiguration PutInsightSelectors StartLogging',
  },
  lambda: {
    service: 'lambda',
    of: /Function|Permission|Policy|Alias|Version|Concurrency|Runtime|Invoke|EventSource/,
    // Versions and aliases, which the schedule does not use; invocations, whose events the scanner checks.
    calls: `AddLayerVersionPermission CreateAlias CreateEventSourceMapping CreateFunction DeleteAlias
      DeleteEventSourceMapping DeleteLayerVersion DeleteProvisionedConcurrencyConfig Invoke InvokeAsync
      InvokeWithResponseStream PublishLayerVersion PublishVersion PutProvisionedConcurrencyConfig
      RemoveLayerVersionPermission UpdateAlias UpdateEventSourceMapping`,
  },
  iam: {
    service: 'iam',
    of: /Role/,
    calls: `AcquireRole AddRoleToInstanceProfile CreateRole CreateServiceLinkedRole DeleteServiceLinkedRole
      RemoveRoleFromInstanceProfile UpdateRoleDescription`,
  },
};

function commandsOf(client: string): string[] {
  const folder = fileURLToPath(
    new URL(`../../../node_modules/@aws-sdk/client-${client}/dist-es/commands/`, import.meta.url),
  );
  return readdirSync(folder).flatMap((file) => /^(\w+)Command\.js$/.exec(file)?.[1] ?? []);
}

function isWatched(service: string, call: string): boolean {
  return subjects
    .flatMap(({ watched }) => watched)
    .filter((one) => one.service === service)
    .flatMap(({ calls }) => calls)
    .some((match) => {
      if (typeof match === 'string') return match === call;
      return 'prefix' in match && call.startsWith(match.prefix);
    });
}

describe.each(Object.entries(harmless))('%s', (client, { service, of, calls }) => {
  const unwatched = commandsOf(client)
    .filter((call) => (of?.test(call) ?? true) && !reads.test(call) && !tags.test(call))
    .filter((call) => !isWatched(service, call));

  test('each call of the SDK that writes is watched, or known to silence nothing', () => {
    expect(unwatched.toSorted()).toEqual(calls.split(/\s+/).toSorted());
  });
});
