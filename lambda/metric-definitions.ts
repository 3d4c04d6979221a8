/**
 * Every metric the monitor publishes, defined once: the Lambda puts them, alarms and dashboard read
 * them.
 */
export const metricNamespace = 'MwaaPrivilegeMonitor';

export interface MetricDefinition {
  readonly name: string;
  readonly dimensions: readonly ('Environment' | 'LogGroup')[];
  readonly unit: 'Count' | 'Seconds' | 'Bytes';
  readonly meaning: string;
}

export const metricDefinitions = {
  addRoleMatches: {
    name: 'AddRoleMatches',
    dimensions: ['Environment', 'LogGroup'],
    unit: 'Count',
    meaning: 'Events that the documented query counts, zero included.',
  },
  logGroupCovered: {
    name: 'LogGroupCovered',
    dimensions: ['Environment', 'LogGroup'],
    unit: 'Count',
    meaning: '1 when the log group can be trusted to show privilege changes, 0 when it is blind.',
  },
  privilegeChanges: {
    name: 'PrivilegeChanges',
    dimensions: ['Environment', 'LogGroup'],
    unit: 'Count',
    meaning: 'Privilege changes found, at or above alertAt and not approved, zero included.',
  },
  suppressedChanges: {
    name: 'SuppressedChanges',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning: 'Privilege changes found, at or above alertAt, that an approved change covers.',
  },
  lateChanges: {
    name: 'LateChanges',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning: 'Privilege changes that a sweep found, after their time had been scanned.',
  },
  undeliveredFindings: {
    name: 'UndeliveredFindings',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning: 'Findings that people still have to be told of when the tick ends.',
  },
  scanDoubt: {
    name: 'ScanDoubt',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning:
      'Queries that scanned fewer log groups than they were asked to, and counts of the documented query that may hold events of one second too many.',
  },
  documentedLag: {
    name: 'DocumentedLag',
    dimensions: ['Environment'],
    unit: 'Seconds',
    meaning:
      'How far behind the tick the documented query has counted the readable log groups; settleMinutes when all is well.',
  },
  detectionsRefused: {
    name: 'DetectionsRefused',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning:
      'Detections whose text Logs Insights refuses, so that their events are not looked for; zero included.',
  },
  scanLag: {
    name: 'ScanLag',
    dimensions: ['Environment'],
    unit: 'Seconds',
    meaning:
      'How far behind the tick the pack of detections has read the readable log groups; settleMinutes when all is well.',
  },
  lateLagMax: {
    name: 'LateLagMax',
    dimensions: ['Environment'],
    unit: 'Seconds',
    meaning:
      "The longest time between an event and its ingestion, of the matching events seen for the first time; what comes later than the far sweep's reach is never seen.",
  },
  scanCompleted: {
    name: 'ScanCompleted',
    dimensions: ['Environment'],
    unit: 'Count',
    meaning:
      'Heartbeat: 1 for a tick in which the documented query and the pack of detections completed.',
  },
  bytesScanned: {
    name: 'BytesScanned',
    dimensions: ['Environment'],
    unit: 'Bytes',
    meaning: 'Bytes that Logs Insights scanned, and bills.',
  },
} as const satisfies Record<string, MetricDefinition>;
