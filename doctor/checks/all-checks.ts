import type { Check } from '../facts/check.ts';
import { airflowVersion } from './environment/airflow-version.ts';
import { bucketKey } from './environment/bucket-key.ts';
import { bucketPublicAccess } from './environment/bucket-public-access.ts';
import { bucketTls } from './environment/bucket-tls.ts';
import { bucketVersioning } from './environment/bucket-versioning.ts';
import { cloudtrailActive } from './environment/cloudtrail-active.ts';
import { environmentStatus } from './environment/environment-status.ts';
import { secretsBackend } from './environment/secrets-backend.ts';
import { teams } from './environment/teams.ts';
import { webserverAccess } from './environment/webserver-access.ts';
import { deniedDecrypts } from './key/denied-decrypts.ts';
import { keyGrantShapes } from './key/key-grant-shapes.ts';
import { keyGrants } from './key/key-grants.ts';
import { keyManager } from './key/key-manager.ts';
import { keyMultiRegion } from './key/key-multi-region.ts';
import { keyPolicyAdministrator } from './key/key-policy-administrator.ts';
import { keyPolicyForeigners } from './key/key-policy-foreigners.ts';
import { keyPolicyLogs } from './key/key-policy-logs.ts';
import { keyPolicyLogsScope } from './key/key-policy-logs-scope.ts';
import { keyReference } from './key/key-reference.ts';
import { keyRegion } from './key/key-region.ts';
import { keyRotation } from './key/key-rotation.ts';
import { keySpec } from './key/key-spec.ts';
import { keyState } from './key/key-state.ts';
import { logClass } from './logs/log-class.ts';
import { logDataProtection } from './logs/log-data-protection.ts';
import { logEventsFresh } from './logs/log-events-fresh.ts';
import { logEventsUsual } from './logs/log-events-usual.ts';
import { logGroupKeys } from './logs/log-group-keys.ts';
import { logGroupsExist } from './logs/log-groups-exist.ts';
import { logRetention } from './logs/log-retention.ts';
import { logSubscriptionFilters } from './logs/log-subscription-filters.ts';
import { logTypesEnabled } from './logs/log-types-enabled.ts';
import { monitorAlarms } from './monitor/monitor-alarms.ts';
import { monitorDeployed } from './monitor/monitor-deployed.ts';
import { monitorHeartbeat } from './monitor/monitor-heartbeat.ts';
import { monitorStack } from './monitor/monitor-stack.ts';
import { queryAccepted } from './monitor/query-accepted.ts';
import { topicKey } from './monitor/topic-key.ts';
import { topicPolicy } from './monitor/topic-policy.ts';
import { topicSubscriptions } from './monitor/topic-subscriptions.ts';
import { roleAirflowAdmin } from './role/role-airflow-admin.ts';
import { roleDagWriting } from './role/role-dag-writing.ts';
import { roleKeyPolicy } from './role/role-key-policy.ts';
import { roleKms } from './role/role-kms.ts';
import { roleLogForging } from './role/role-log-forging.ts';
import { roleLogTampering } from './role/role-log-tampering.ts';
import { roleLogsDescribe } from './role/role-logs-describe.ts';
import { roleLogsWrite } from './role/role-logs-write.ts';
import { roleMonitorMetrics } from './role/role-monitor-metrics.ts';
import { roleMonitorTampering } from './role/role-monitor-tampering.ts';
import { roleSecretsWriting } from './role/role-secrets-writing.ts';
import { roleSelfChange } from './role/role-self-change.ts';
import { roleTrust } from './role/role-trust.ts';

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
