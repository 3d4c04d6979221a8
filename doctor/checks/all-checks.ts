import type { Check } from '../facts/facts.ts';
import {
  bucketKey,
  bucketPublicAccess,
  bucketTls,
  bucketVersioning,
} from './environment/bucket.ts';
import { cloudtrailActive } from './environment/cloudtrail-active.ts';
import {
  airflowVersion,
  environmentStatus,
  secretsBackend,
  teams,
  webserverAccess,
} from './environment/environment-status.ts';
import { uploadsRecorded } from './environment/uploads-recorded.ts';
import { deniedDecrypts } from './key/denied-decrypts.ts';
import { keyGrantShapes, keyGrants } from './key/key-grants.ts';
import { keyPolicyLogs, keyPolicyLogsScope } from './key/key-policy-logs.ts';
import { keyPolicyAdministrator, keyPolicyForeigners } from './key/key-policy-openings.ts';
import {
  keyManager,
  keyMultiRegion,
  keyReference,
  keyRegion,
  keyRotation,
  keySpec,
  keyState,
} from './key/key-settings.ts';
import { logEventsFresh, logEventsUsual } from './logs/log-events.ts';
import { logGroupKeys } from './logs/log-group-keys.ts';
import { logGroupsExist, logTypesEnabled } from './logs/log-groups-exist.ts';
import {
  logClass,
  logDataProtection,
  logRetention,
  logSubscriptionFilters,
} from './logs/log-settings.ts';
import {
  monitorAlarms,
  monitorDeployed,
  monitorHeartbeat,
  monitorStack,
} from './monitor/monitor-deployed.ts';
import { monitorKey } from './monitor/monitor-key.ts';
import { queryAccepted } from './monitor/query-accepted.ts';
import { witnessReach, witnessRights } from './monitor/second-witness.ts';
import { tamperNotices } from './monitor/tamper-notices.ts';
import { topicKey, topicPolicy, topicSubscriptions } from './monitor/topics.ts';
import { roleKeyPolicy, roleKms } from './role/role-kms.ts';
import { roleLogsDescribe, roleLogsWrite } from './role/role-logs.ts';
import {
  roleAirflowAdmin,
  roleDagWriting,
  roleSecretsWriting,
  roleSelfChange,
} from './role/role-privileges.ts';
import {
  roleLogForging,
  roleLogTampering,
  roleMonitorMetrics,
  roleMonitorTampering,
} from './role/role-tampering.ts';
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
  monitorKey,
  witnessReach,
  witnessRights,
  tamperNotices,
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
  uploadsRecorded,
  deniedDecrypts,
];
