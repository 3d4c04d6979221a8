import type { Check } from './check.ts';
import { airflowVersion } from './checks/airflow-version.ts';
import { bucketKey } from './checks/bucket-key.ts';
import { bucketPublicAccess } from './checks/bucket-public-access.ts';
import { bucketTls } from './checks/bucket-tls.ts';
import { bucketVersioning } from './checks/bucket-versioning.ts';
import { cloudtrailActive } from './checks/cloudtrail-active.ts';
import { deniedDecrypts } from './checks/denied-decrypts.ts';
import { environmentStatus } from './checks/environment-status.ts';
import { keyGrantShapes } from './checks/key-grant-shapes.ts';
import { keyGrants } from './checks/key-grants.ts';
import { keyManager } from './checks/key-manager.ts';
import { keyMultiRegion } from './checks/key-multi-region.ts';
import { keyPolicyAdministrator } from './checks/key-policy-administrator.ts';
import { keyPolicyForeigners } from './checks/key-policy-foreigners.ts';
import { keyPolicyLogs } from './checks/key-policy-logs.ts';
import { keyPolicyLogsScope } from './checks/key-policy-logs-scope.ts';
import { keyReference } from './checks/key-reference.ts';
import { keyRegion } from './checks/key-region.ts';
import { keyRotation } from './checks/key-rotation.ts';
import { keySpec } from './checks/key-spec.ts';
import { keyState } from './checks/key-state.ts';
import { logClass } from './checks/log-class.ts';
import { logDataProtection } from './checks/log-data-protection.ts';
import { logEventsFresh } from './checks/log-events-fresh.ts';
import { logEventsUsual } from './checks/log-events-usual.ts';
import { logGroupKeys } from './checks/log-group-keys.ts';
import { logGroupsExist } from './checks/log-groups-exist.ts';
import { logRetention } from './checks/log-retention.ts';
import { logSubscriptionFilters } from './checks/log-subscription-filters.ts';
import { logTypesEnabled } from './checks/log-types-enabled.ts';
import { monitorAlarms } from './checks/monitor-alarms.ts';
import { monitorDeployed } from './checks/monitor-deployed.ts';
import { monitorHeartbeat } from './checks/monitor-heartbeat.ts';
import { monitorStack } from './checks/monitor-stack.ts';
import { queryAccepted } from './checks/query-accepted.ts';
import { roleAirflowAdmin } from './checks/role-airflow-admin.ts';
import { roleDagWriting } from './checks/role-dag-writing.ts';
import { roleKeyPolicy } from './checks/role-key-policy.ts';
import { roleKms } from './checks/role-kms.ts';
import { roleLogForging } from './checks/role-log-forging.ts';
import { roleLogTampering } from './checks/role-log-tampering.ts';
import { roleLogsDescribe } from './checks/role-logs-describe.ts';
import { roleLogsWrite } from './checks/role-logs-write.ts';
import { roleMonitorMetrics } from './checks/role-monitor-metrics.ts';
import { roleMonitorTampering } from './checks/role-monitor-tampering.ts';
import { roleSecretsWriting } from './checks/role-secrets-writing.ts';
import { roleSelfChange } from './checks/role-self-change.ts';
import { roleTrust } from './checks/role-trust.ts';
import { secretsBackend } from './checks/secrets-backend.ts';
import { teams } from './checks/teams.ts';
import { topicKey } from './checks/topic-key.ts';
import { topicPolicy } from './checks/topic-policy.ts';
import { topicSubscriptions } from './checks/topic-subscriptions.ts';
import { webserverAccess } from './checks/webserver-access.ts';

/** Every check, in the order in which the report shows them. */
export const checks: readonly Check[] = [
  environmentStatus,
  airflowVersion,
  webserverAccess,
  teams,
  secretsBackend,
  logTypesEnabled,
  logGroupsExist,
  logEventsFresh,
  logEventsUsual,
  logRetention,
  logClass,
  logDataProtection,
  logSubscriptionFilters,
  queryAccepted,
  monitorDeployed,
  monitorStack,
  monitorHeartbeat,
  monitorAlarms,
  topicSubscriptions,
  topicPolicy,
  topicKey,
  keyReference,
  keyRegion,
  keyMultiRegion,
  keyState,
  keySpec,
  keyManager,
  keyRotation,
  logGroupKeys,
  keyPolicyLogs,
  keyPolicyLogsScope,
  keyPolicyForeigners,
  keyPolicyAdministrator,
  keyGrants,
  keyGrantShapes,
  roleTrust,
  roleKms,
  roleLogsDescribe,
  roleLogsWrite,
  roleKeyPolicy,
  roleAirflowAdmin,
  roleSelfChange,
  roleLogTampering,
  roleLogForging,
  roleMonitorTampering,
  roleMonitorMetrics,
  roleDagWriting,
  roleSecretsWriting,
  bucketVersioning,
  bucketPublicAccess,
  bucketTls,
  bucketKey,
  cloudtrailActive,
  deniedDecrypts,
];
