import type {
  DemoResult,
  FindingResult,
  LogGroupResult,
} from '../../../local/demo/result/demo-result.ts';

export const startEpochMs = Date.UTC(2026, 10, 22, 5, 47);
export const minuteMs = 60_000;
const tickTimes = Array.from({ length: 12 }, (_, index) => startEpochMs + index * minuteMs);

/** A run in which everything agrees: one log group with matches at the fifth tick. */
export function sampleResult(changes: Partial<DemoResult> = {}): DemoResult {
  return {
    schema: 1,
    source: 'the recorded session of Apache Airflow 2.10.3',
    mwaaEnvironment: 'Prod',
    events: 200,
    badLines: 0,
    firstEventEpochMs: startEpochMs - 30_000,
    lastEventEpochMs: startEpochMs + 6 * minuteMs,
    everyMinutes: 1,
    endTime: 'millisecond',
    settleMinutes: 5,
    ticks: tickTimes.map((tickEpochMs) => ({ tickEpochMs, durationMs: 40 })),
    logGroups: [sampleGroup()],
    alarms: [
      {
        alarmName: 'mwaa-privilege-monitor-Prod-add-role-Task',
        label: 'add-role-Task',
        description: 'add-role was seen in the Task log group.',
        logGroup: 'airflow-Prod-Task',
        metricName: 'AddRoleMatches',
        changes: [
          { atEpochMs: startEpochMs + minuteMs, state: 'OK', reason: 'no matches' },
          { atEpochMs: startEpochMs + 5 * minuteMs, state: 'ALARM', reason: '7 matches' },
          { atEpochMs: startEpochMs + 6 * minuteMs, state: 'OK', reason: 'no matches' },
        ],
      },
    ],
    notifications: [
      {
        atEpochMs: startEpochMs + 5 * minuteMs,
        alarmName: 'mwaa-privilege-monitor-Prod-add-role-Task',
        state: 'ALARM',
        subject: 'ALARM: "mwaa-privilege-monitor-Prod-add-role-Task" in US East (N. Virginia)',
        reason: 'Threshold Crossed: 1 datapoint [7.0] was greater than or equal to the threshold',
        topicArn: 'arn:aws:sns:us-east-1:000000000000:Alarms',
        email: '',
        message: '{"AlarmName":"mwaa-privilege-monitor-Prod-add-role-Task"}',
      },
    ],
    findings: [sampleFinding()],
    ownFindings: [],
    mails: [],
    mailCounts: { changes: 1, aboutFindings: 0, ofAlarms: 1, ofRecoveries: 0 },
    lateChanges: [],
    sumOfLateChanges: 0,
    connections: ['127.0.0.1:4566'],
    disagreements: [],
    bundle: { file: 'index.mjs', bytes: 200_000, sha256: 'ab'.repeat(32) },
    elapsedSeconds: 9.5,
    ...changes,
  };
}

export function sampleGroup(changes: Partial<LogGroupResult> = {}): LogGroupResult {
  return {
    logGroup: 'airflow-Prod-Task',
    logType: 'Task',
    events: 200,
    eventsWithAddRole: 7,
    lateWithAddRole: 0,
    matchesByTick: tickTimes.map((tickEpochMs, index) => ({
      tickEpochMs,
      matches: index === 4 ? 7 : 0,
    })),
    sumOfMatches: 7,
    alarmName: 'mwaa-privilege-monitor-Prod-add-role-Task',
    alarmedEpochMs: startEpochMs + 5 * minuteMs,
    notifiedEpochMs: startEpochMs + 5 * minuteMs,
    findings: 1,
    sumOfChanges: 1,
    changesAlarmedEpochMs: startEpochMs + 5 * minuteMs,
    samples: [
      {
        logStream: 'dag_id=grant/run_id=manual/task_id=promote/attempt=1.log',
        timestamp: startEpochMs - 20_000,
        message: 'airflow users add-role --role Admin',
      },
    ],
    ...changes,
  };
}

export function sampleFinding(changes: Partial<FindingResult> = {}): FindingResult {
  return {
    id: '0123456789abcdef0123456789abcdef',
    severity: 'critical',
    title: 'bob was given role Admin by DAG grant, task promote',
    outcome: 'succeeded',
    late: false,
    isOwn: false,
    firstSeen: new Date(startEpochMs - 20_000).toISOString(),
    logGroup: 'airflow-Prod-Task',
    notifiedEpochMs: startEpochMs + 4 * minuteMs,
    notifiedAs: [
      {
        atEpochMs: startEpochMs + 4 * minuteMs,
        kind: 'finding',
        severity: 'critical',
        subject: '[CRITICAL] Prod: bob was given role Admin by DAG grant, task promote',
      },
    ],
    detections: ['cli-role-granted', 'privilege-command-run'],
    actor: { dag: 'grant', run: 'manual', task: 'promote', attempt: 1 },
    target: 'bob',
    role: 'Admin',
    evidence: [
      {
        logGroup: 'airflow-Prod-Task',
        logStream: 'dag_id=grant/run_id=manual/task_id=promote/attempt=1.log',
        timestamp: new Date(startEpochMs - 20_000).toISOString(),
        message: 'airflow users add-role --role Admin',
        occurrences: 1,
      },
    ],
    ...changes,
  };
}
