import type { SliceRecord } from '../ledger/marks.ts';
import type { AlarmDefinition, AlarmSubject, MetricDefinition } from './metric-shape.ts';

/**
 * Every metric that the monitor publishes and every alarm of its stack, each defined once. The tick
 * derives from it what it puts (metrics.ts), the stack its alarms and dashboard, docs/alarms.md its
 * tables, and the tests which runbook describes which alarm.
 *
 * The alarms are here, beside their metrics, although only the stack reads them: lambda/ imports nothing
 * from infra/. The bundle leaves them out, since no code of the function uses them.
 */
export const metricNamespace = 'MwaaPrivilegeMonitor';

const ofPack = ({ lane }: SliceRecord) => lane !== 'documented';

/** In the order in which the tick puts them and in which a widget draws its lines. */
export const metricDefinitions = {
  addRoleMatches: {
    name: 'AddRoleMatches',
    per: 'log-group',
    unit: 'Count',
    meaning: 'Events that the documented query counts, zero included.',
    dashboard: { widget: 'documented-matches' },
    sum: {
      of: ({ matches }) => matches,
      // Up to version 2 of the ledger the slices of the scan have the count: in the tick of an upgrade
      // there are both.
      givesZero: ({ lane, matches }) => lane === 'documented' || matches !== undefined,
    },
  },
  privilegeChanges: {
    name: 'PrivilegeChanges',
    per: 'log-group',
    unit: 'Count',
    meaning: 'Privilege changes found, at or above alertAt and not approved, zero included.',
    dashboard: { widget: 'privilege-changes' },
    sum: {
      of: ({ privilegeChanges }) => privilegeChanges,
      givesZero: ({ lane }) => lane === 'scan',
    },
  },
  suppressedChanges: {
    name: 'SuppressedChanges',
    per: 'environment',
    unit: 'Count',
    meaning: 'Privilege changes found, at or above alertAt, that an approved change covers.',
    dashboard: { widget: 'privilege-changes', label: 'Approved' },
    sum: { of: ({ suppressedChanges }) => suppressedChanges, counts: ofPack },
  },
  lateChanges: {
    name: 'LateChanges',
    per: 'environment',
    unit: 'Count',
    meaning:
      'Privilege changes whose lines arrived after the scan had read their time: a sweep found them.',
    dashboard: { widget: 'late-events', label: 'Changes found late', axis: 'right' },
    sum: { of: ({ lateChanges }) => lateChanges, counts: ofPack },
  },
  logGroupCovered: {
    name: 'LogGroupCovered',
    per: 'log-group',
    unit: 'Count',
    meaning: '1 when the log group can be trusted to show privilege changes, 0 when it is blind.',
    // A 1 that somebody puts beside the tick's 0 changes nothing. A run that could not trust the group and
    // was retried counts as well: for a part of that tick the group was in doubt.
    statistic: 'Minimum',
    dashboard: { widget: 'coverage' },
  },
  scanCompleted: {
    name: 'ScanCompleted',
    per: 'environment',
    unit: 'Count',
    meaning:
      'Heartbeat: 1 for a tick in which the documented query and the pack of detections completed.',
    statistic: 'Minimum',
    dashboard: { widget: 'heartbeat', label: 'Scan completed' },
  },
  // Undefined where no log group is readable.
  documentedLagSeconds: {
    name: 'DocumentedLag',
    per: 'environment',
    unit: 'Seconds',
    meaning:
      'How far the documented query is behind the tick in the readable log groups; settleMinutes when all is well.',
    dashboard: { widget: 'lag', label: 'Documented query' },
  },
  // Undefined where no log group is readable, and without a pack.
  scanLagSeconds: {
    name: 'ScanLag',
    per: 'environment',
    unit: 'Seconds',
    meaning:
      'How far the pack of detections is behind the tick in the readable log groups; settleMinutes when all is well.',
    dashboard: { widget: 'lag', label: 'Pack of detections' },
  },
  // Undefined where no new line has an ingestion time.
  lateLagMaxSeconds: {
    name: 'LateLagMax',
    per: 'environment',
    unit: 'Seconds',
    meaning:
      "The longest time between an event and its ingestion, among the matching events seen for the first time; an event later than the far sweep's reach is never seen.",
    dashboard: { widget: 'late-events', label: 'Longest lag of an event' },
  },
  undeliveredFindings: {
    name: 'UndeliveredFindings',
    per: 'environment',
    unit: 'Count',
    meaning:
      'Findings not yet published at the end of the tick, and those that the event bus or the chat, if there is one, does not have yet: once for each.',
    dashboard: { widget: 'problems', label: 'Findings not delivered' },
  },
  scanDoubt: {
    name: 'ScanDoubt',
    per: 'environment',
    unit: 'Count',
    meaning:
      'Queries that scanned fewer log groups than they should have, and counts of the documented query that may include the events of one second too many.',
    dashboard: { widget: 'problems', label: 'Queries and counts in doubt' },
  },
  // Undefined where it is not known.
  detectionsRefused: {
    name: 'DetectionsRefused',
    per: 'environment',
    unit: 'Count',
    meaning:
      'Detections whose query Logs Insights refuses, so that their events are not found; zero included.',
    dashboard: { widget: 'problems', label: 'Detections that Logs Insights refuses' },
  },
  // Undefined without a second witness, and where the ledger cannot be read.
  witnessBlind: {
    name: 'WitnessBlind',
    per: 'environment',
    unit: 'Count',
    meaning:
      "1 while the second witness cannot see: two reads of Airflow's REST API in a row failed, none was made for three periods, or its own Airflow role was changed; 0 when it sees.",
    dashboard: { widget: 'problems', label: 'Second witness blind' },
  },
  // The ledger keeps this total, since a metric's data are never summed: one that is put twice would count
  // twice. Undefined where the ledger cannot be read, and in a tick of a day that is over.
  dailyBytesScanned: {
    name: 'DailyBytesScanned',
    per: 'environment',
    unit: 'Bytes',
    meaning:
      'Bytes that Logs Insights scanned since midnight UTC, up to this tick: the total that the ledger keeps.',
    dashboard: { widget: 'bytes', label: 'Since midnight UTC', axis: 'right' },
  },
  // As a sum it grows with each slice; at the end the tick adds what counts in no slice.
  bytesScanned: {
    name: 'BytesScanned',
    per: 'environment',
    unit: 'Bytes',
    meaning: 'Bytes that Logs Insights scanned, and bills.',
    dashboard: { widget: 'bytes', label: 'In a tick' },
    sum: { of: ({ bytes }) => bytes },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof metricDefinitions;

/** Metrics of AWS's own: infra/watch/metrics.ts has them. Nobody can put data into AWS's namespaces. */
export type AwsMetricKey =
  | 'scannerInvocations'
  | 'scannerErrors'
  | 'scannerDuration'
  | 'undeliveredTicks'
  | 'failedRuns';

const secondsPerMinute = 60;

/** As in a price: an estimate with it is never too low. */
export const bytesPerGb = 1e9;

/** How many periods later than usual a lane may be before that is news. */
const lagPeriodsMax = 3;

const lagMinutesMax = ({ settleMinutes, everyMinutes }: AlarmSubject) =>
  settleMinutes + lagPeriodsMax * everyMinutes;
const lagSecondsMax = (subject: AlarmSubject) => lagMinutesMax(subject) * secondsPerMinute;

/**
 * In the order of the stack's template. A key gives an alarm its name and its id in the stack, so
 * neither may change: `failingErrors` is the alarm `…-failing-errors` and the construct `FailingErrors`.
 */
export const alarmDefinitions = {
  privilegeChange: {
    metric: 'privilegeChanges',
    ringsWhen:
      'the pack found a privilege change in that log group, at or above `alertAt` and not approved',
    rings: { atLeast: 1, periods: 1 },
    // A failed scan publishes no zero, and no data is no all-clear: the state is then unknown, and the
    // alarm rings again at the next change. Other alarms report why there is no data.
    missingData: 'missing',
    // A period without a change takes none back.
    reportsRecovery: false,
    repeatsFindings: true,
    // Its statistic takes the highest count: a forged one can only ring the alarm.
    coveredBy: [],
    meaning: ({ environment, logGroup }) =>
      `log group ${logGroup} shows a change of Airflow privileges in ${environment}, or an attempt at one, that no approved change covers.`,
    whatToDo: () =>
      'read the notification of the finding: it names who did what for whom and when, with the log lines, and has its own runbook.',
    runbook: 'privilege-change',
  },
  addRole: {
    metric: 'addRoleMatches',
    ringsWhen: 'the documented query counts a line in that log group',
    rings: { atLeast: 1, periods: 1 },
    // As for privilegeChange: no data is no all-clear, and the alarm rings again at the next match.
    missingData: 'missing',
    // A period without a match takes none back.
    reportsRecovery: false,
    repeatsFindings: true,
    // As for privilegeChange.
    coveredBy: [],
    meaning: ({ environment, logGroup }) =>
      `a line in log group ${logGroup} contains "add-role": somebody may have given an Airflow user a role in ${environment}, or another text or a name contains the word.`,
    whatToDo: ({ logGroup, addRoleLinesQuery }) =>
      `in Logs Insights choose log group ${logGroup}, run the saved query ${addRoleLinesQuery} over the last hours, read the lines, and take back any role that nobody approved.`,
    runbook: 'add-role',
  },
  blind: {
    metric: 'logGroupCovered',
    ringsWhen:
      'that log group is missing, disabled, logged above INFO, silent although its log type is set `never-silent` (DAGProcessing and Scheduler are), kept too short, or could not be read or checked; a notification names the cause',
    rings: { below: 1, periods: 1 },
    // The scanner publishes 0 when it cannot trust a group. When it publishes nothing at all, `silent`
    // rings, and five more alarms would add nothing.
    missingData: 'missing',
    reportsRecovery: true,
    // Its statistic takes the lowest value: a forged one can only ring the alarm.
    coveredBy: [],
    meaning: ({ environment, logGroup }) =>
      `log group ${logGroup} cannot be trusted to show privilege changes in ${environment}: it is missing, switched off, logged above INFO, silent although logTypes in the environment's file sets it never-silent, kept too short, or could not be read or checked. The monitor catches up once it can read the group again.`,
    whatToDo: ({ scannerLogGroup }) =>
      `read the cause in the notification or in the scanner's log (${scannerLogGroup}), fix it, and check that the log type is enabled at INFO in the MWAA environment, or is optional in logTypes if it is meant to be off. A log type that may be quiet and misses its usual hours rings no alarm: one low notice reports it.`,
    runbook: 'blind-log-group',
  },
  silent: {
    metric: 'scanCompleted',
    ringsWhen: 'no scan has completed for three periods',
    rings: { below: 1, periods: 3 },
    // The dead man's switch: a missing heartbeat is what it waits for.
    missingData: 'breaching',
    reportsRecovery: true,
    // It waits for data that are missing, and anybody who may put metrics can put them. A scan that does
    // not complete has one of three causes, and each rings an alarm that such data do not change.
    coveredBy: ['notInvoked', 'failingErrors', 'blind'],
    meaning: ({ environment }) =>
      `no scan of ${environment} (documented query and detections) has completed for three periods: privilege changes go unseen until one completes, which then catches up. Right after the first deployment it means that the first scan has not run yet.`,
    whatToDo: ({ scannerLogGroup }) =>
      `read the last lines of ${scannerLogGroup}, and look at the rule that schedules the scans.`,
    runbook: 'monitor-silent',
  },
  // The heartbeat of AWS's own, beside `silent`: anybody who may put metrics can forge ScanCompleted, but nobody
  // can put data into AWS/Lambda.
  notInvoked: {
    metric: 'scannerInvocations',
    ringsWhen:
      "the function has not run for three periods, by a metric of AWS's own that nobody can forge",
    rings: { below: 1, periods: 3 },
    // Lambda reports nothing of a function that does not run.
    missingData: 'breaching',
    // The all-clear of `silent` says that scans run again, and that they complete.
    reportsRecovery: false,
    coveredBy: [],
    meaning: ({ environment }) =>
      `the function that scans ${environment} has not run for three periods: privilege changes go unseen until it runs, and then it catches up. If the alarm silent does not ring as well, somebody puts a forged ScanCompleted. Right after the first deployment it means that the first scan has not run yet.`,
    whatToDo: () =>
      'check that the rule which schedules the scans is enabled and has its target, and that the function exists and has no reserved concurrency of 0; look in CloudTrail for who changed them.',
    runbook: 'monitor-silent',
  },
  failingErrors: {
    metric: 'scannerErrors',
    ringsWhen: 'a run of the function ended in an error',
    rings: { atLeast: 1, periods: 1 },
    // Lambda reports only while the function runs; that it does not run is for `silent` to report.
    missingData: 'notBreaching',
    // An error is an event: the next run catches up, and if none can, `silent` rings.
    reportsRecovery: false,
    // Nobody can put data into a namespace of AWS's.
    coveredBy: [],
    meaning: ({ environment }) =>
      `a scan of ${environment} ended in an error; Lambda retries it once, and the next scan catches up with what was not read.`,
    whatToDo: ({ scannerLogGroup }) => `read the error in ${scannerLogGroup}.`,
    runbook: 'monitor-failing',
  },
  failingDelivery: {
    metric: 'undeliveredTicks',
    ringsWhen:
      'EventBridge could not start the function, or could not report a change of the monitor',
    rings: { atLeast: 1, periods: 1 },
    // SQS stops reporting on a queue that has been empty and unused for hours.
    missingData: 'notBreaching',
    // Whoever purges the queue ends it.
    reportsRecovery: false,
    // Nobody can put data into a namespace of AWS's.
    coveredBy: [],
    meaning: ({ environment }) =>
      `EventBridge could not start a scan of ${environment}, and the next scan that it starts catches up; or it could not publish that somebody changed this monitor.`,
    whatToDo: () =>
      'read the message in the queue of undelivered ticks: if it is an event of CloudTrail, follow the runbook monitor-changed; fix the cause, then purge the queue.',
    runbook: 'monitor-failing',
  },
  failingRuns: {
    metric: 'failedRuns',
    ringsWhen: 'a run failed twice and was given up',
    rings: { atLeast: 1, periods: 1 },
    // SQS stops reporting on a queue that has been empty and unused for hours.
    missingData: 'notBreaching',
    // Whoever purges the queue ends it.
    reportsRecovery: false,
    // Nobody can put data into a namespace of AWS's.
    coveredBy: [],
    meaning: ({ environment }) =>
      `a scan of ${environment} failed twice and was given up: the next scan that succeeds catches up.`,
    whatToDo: () =>
      'read the message in the queue of failed runs, fix the cause, then purge the queue.',
    runbook: 'monitor-failing',
  },
  // Apart from `behind`, so that neither hides the other when it rings already.
  documentedBehind: {
    metric: 'documentedLagSeconds',
    ringsWhen:
      'the documented query is `settleMinutes` and three more periods behind, twice in a row; or no run reports how far it is, so that this alarm still rings when the function stops while `silent` rings for a pack that fails',
    // One tick after an outage may well be behind; the second has caught up, or cannot.
    rings: { above: lagSecondsMax, periods: 2 },
    // While the pack fails, `silent` rings already and cannot ring again when the function stops: this
    // one can. Each run publishes this lag before it reads with the pack.
    missingData: 'breaching',
    reportsRecovery: true,
    // Its statistic takes the longest lag, but a forged one ends the wait for a run that reports none. Such
    // a run did not begin, ended in an error, or could read no log group.
    coveredBy: ['notInvoked', 'failingErrors', 'blind'],
    meaning: (subject) =>
      `the documented query is more than ${lagMinutesMax(subject)} minutes behind the present in ${subject.environment}, or no run reports how far it is, since none runs or none can read a log group: AddRoleMatches and its alarms are late by as much. Nothing is lost as long as the log groups keep their events. Right after the first deployment it means that the first scan has not run yet.`,
    whatToDo: ({ scannerLogGroup, silentAlarm }) =>
      `check whether the scanner runs at all (${silentAlarm} rings as well if not); then look in ${scannerLogGroup} for queries over the groups that fail or end at their time limit, and for what slows them down.`,
    runbook: 'monitor-behind',
  },
  behind: {
    metric: 'scanLagSeconds',
    ringsWhen:
      'the scans run, but the pack of detections is `settleMinutes` and three more periods behind, twice in a row',
    // One tick after an outage may well be behind; the second has caught up, or cannot.
    rings: { above: lagSecondsMax, periods: 2 },
    // A function that does not run publishes no lag, and two other alarms ring for that. A scan that was
    // behind has not caught up meanwhile: with missing data as good, the alarm would send an all-clear.
    missingData: 'ignore',
    reportsRecovery: true,
    // As for documentedBehind: while no run reports a lag, a forged one sends an all-clear.
    coveredBy: ['notInvoked', 'failingErrors', 'blind'],
    meaning: (subject) =>
      `the scans of ${subject.environment} are more than ${lagMinutesMax(subject)} minutes behind the present: privilege changes are reported late by as much. Nothing is lost as long as the log groups keep their events.`,
    whatToDo: ({ scannerLogGroup }) =>
      `look in ${scannerLogGroup} for queries that fail, end at their time limit or are cut off, and for what slows them down.`,
    runbook: 'monitor-behind',
  },
  undelivered: {
    metric: 'undeliveredFindings',
    ringsWhen:
      'a finding could not be published, to people, the event bus or the chat, twice in a row',
    // What one tick cannot publish, the next one does, unless the cause stays.
    rings: { atLeast: 1, periods: 2 },
    // While no scan runs, the findings still wait: with missing data as good, the alarm would send an
    // all-clear.
    missingData: 'ignore',
    reportsRecovery: true,
    // Its statistic takes the highest count, but while no run reports one, a forged zero sends an all-clear.
    coveredBy: ['notInvoked', 'failingErrors'],
    meaning: ({ environment }) =>
      `findings of ${environment} could not be published, to people, the event bus or the chat: somebody may have gained a role, and nobody was notified. The findings are stored, and every scan retries them.`,
    whatToDo: ({ scannerLogGroup }) =>
      `read the error in ${scannerLogGroup}, then fix the topic or the event bus, the key or the scanner's permission to publish.`,
    runbook: 'findings-undelivered',
  },
  late: {
    metric: 'lateLagMaxSeconds',
    ringsWhen: 'an event came later than half of what the far sweep can make up for',
    rings: { atLeast: ({ reachMinutes }) => (reachMinutes * secondsPerMinute) / 2, periods: 1 },
    // A tick that saw no event for the first time saw none that was late.
    missingData: 'notBreaching',
    // A tick without late events does not mean that the next ones are in time.
    reportsRecovery: false,
    // Its statistic takes the longest lag: a forged one can only ring the alarm.
    coveredBy: [],
    meaning: ({ environment, reachMinutes }) =>
      `a matching event of ${environment} came at least ${reachMinutes / 2} minutes late, half of the far sweep's reach of ${reachMinutes} minutes. The metric cannot exceed that reach: events that come later are never seen, so they do not show up here.`,
    whatToDo: () =>
      "find out what delays the logs; until then raise farSweep.lagMinutes in the environment's file. Findings of such events say that they came late.",
    runbook: 'late-events',
  },
  dailyBytes: {
    metric: 'dailyBytesScanned',
    ringsWhen: 'the queries of one UTC day scanned more than `scannedGbPerDayMax`',
    rings: { above: ({ scannedGbPerDayMax }) => scannedGbPerDayMax * bytesPerGb, periods: 1 },
    // The total only grows until midnight. What was scanned stays on the bill while no scan runs.
    missingData: 'ignore',
    // Midnight takes nothing off the bill.
    reportsRecovery: false,
    // Its statistic takes the highest total, but while no run reports one, a forged zero ends the ringing. Such
    // a run did not begin, or could not read the ledger and ended in an error.
    coveredBy: ['notInvoked', 'failingErrors'],
    meaning: ({ environment, scannedGbPerDayMax }) =>
      `since midnight UTC the monitor's queries over the log groups of ${environment} have scanned more than ${scannedGbPerDayMax.toLocaleString('en')} GB (scannedGbPerDayMax in the environment's file), and Logs Insights bills each of them. The scans go on. The alarm rings once a day at most.`,
    whatToDo: ({ scannerLogGroup }) =>
      `compare the day with those before it on the dashboard: if the log groups grew, find out what logs so much; if the monitor reads the same again and again, look in ${scannerLogGroup} for queries that fail or end at their time limit.`,
    runbook: 'daily-bytes',
  },
  detectionsRefused: {
    metric: 'detectionsRefused',
    ringsWhen: 'Logs Insights refuses the query of a detection; the other detections go on',
    rings: { atLeast: 1, periods: 1 },
    // While no scan runs, nobody knows: with missing data as good, the alarm would send an all-clear.
    missingData: 'ignore',
    // Whoever deploys the corrected detection ends it.
    reportsRecovery: false,
    // As for undelivered. Who is notified of a refused detection does not depend on this metric.
    coveredBy: ['notInvoked', 'failingErrors'],
    meaning: ({ environment }) =>
      `Logs Insights refuses the queries of one or more detections of ${environment}: privilege changes that only those detections see go unseen. All other detections and AddRoleMatches go on. A notification names each refused detection, with the reason in AWS's words.`,
    whatToDo: () =>
      'read that reason, correct or disable the detection, and deploy; until then look for its lines by hand, as the runbook says.',
    runbook: 'detection-refused',
  },
  /**
   * `privilege-monitor send-test` sets its state by hand, to test an alarm's way to people from end to end.
   * CloudWatch sets it back within the minute, as it does after every SetAlarmState.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
   */
  test: {
    metric: 'scanCompleted',
    ringsWhen: 'never by itself: `npx privilege-monitor send-test` rings it',
    // No count is below zero.
    rings: { below: 0, periods: 1 },
    // Back to OK with data and without, so that the next test is a change of state again: only a change
    // has actions.
    missingData: 'notBreaching',
    reportsRecovery: false,
    // It never rings by itself.
    coveredBy: [],
    meaning: ({ environment }) =>
      `somebody tested whether the alarms of the privilege monitor of ${environment} reach people (npx privilege-monitor send-test). This alarm is only for tests and never rings by itself.`,
    whatToDo: () =>
      'nothing: it has reached you. If nobody here ran a test, look in CloudTrail for who called SetAlarmState.',
    runbook: 'send-test',
  },
} as const satisfies Record<string, AlarmDefinition<MetricKey | AwsMetricKey>>;

export type AlarmKey = keyof typeof alarmDefinitions;

/** Whether there is one of the alarm, or of the metric, for each log group. */
export function isPerLogGroup(metric: MetricKey | AwsMetricKey): boolean {
  return metric in metricDefinitions && metricDefinitions[metric as MetricKey].per === 'log-group';
}
