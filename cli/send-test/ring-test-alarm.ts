import {
  type AlarmHistoryItem,
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { callFailure } from '../shared/aws-failure.ts';
import type { DeployedMonitor } from './find-monitor.ts';
import { actionResult, judgeAction } from './judge-history.ts';
import type { Step } from './step.ts';

/** CloudWatch runs an action within seconds of the state change. */
const patienceMs = 60_000;
const pollMs = 2_000;

export interface RingShell {
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
  readonly nowEpochMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sets the test alarm to ALARM, waits until its history shows the result of its action, and sets it
 * back to OK in any case.
 */
export async function ringTestAlarm(
  shell: RingShell,
  { testAlarm, alarmTopicArn, stack }: DeployedMonitor,
): Promise<Step[]> {
  const { cloudWatch } = shell;
  const set = (StateValue: StateValue, StateReason: string) =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: testAlarm, StateValue, StateReason }));
  const steps: Step[] = [];
  try {
    const problem = await alarmProblem();
    if (problem !== undefined) {
      return [{ step: 'ring', ok: false, detail: problem, fix: `run npx cdk deploy ${stack}` }];
    }
    const before = newestOf(await history());
    await set('ALARM', 'A test by privilege-monitor send-test: nothing has happened.');
    steps.push({ step: 'ring', ok: true, detail: `alarm ${testAlarm} was set to ALARM` });
    const startedMs = shell.nowEpochMs();
    let result = actionResult(await history(), alarmTopicArn, before);
    while (result === undefined && shell.nowEpochMs() - startedMs < patienceMs) {
      await shell.sleep(pollMs);
      result = actionResult(await history(), alarmTopicArn, before);
    }
    const waitedSeconds = Math.round((shell.nowEpochMs() - startedMs) / 1000);
    steps.push(judgeAction(result, { alarm: testAlarm, stack, waitedSeconds }));
  } catch (error) {
    const permission = `cloudwatch:DescribeAlarms, SetAlarmState and DescribeAlarmHistory on ${testAlarm}`;
    const isRinging = steps.length > 0;
    const step = isRinging ? 'alarm-action' : 'ring';
    steps.push({ step, ok: false, ...callFailure(error, permission) });
    if (!isRinging) return steps;
  }
  return [...steps, await backToOk()];

  /**
   * Why the alarm cannot notify; resets one that is still in ALARM, since only a change has
   * actions.
   */
  async function alarmProblem(): Promise<string | undefined> {
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [testAlarm] }),
    );
    const [alarm] = MetricAlarms ?? [];
    if (alarm === undefined) return `there is no alarm ${testAlarm}`;
    if (alarm.ActionsEnabled === false) return `the actions of alarm ${testAlarm} are disabled`;
    if (!alarm.AlarmActions?.includes(alarmTopicArn)) {
      return `alarm ${testAlarm} has no action for topic ${alarmTopicArn}`;
    }
    if (alarm.StateValue === 'ALARM') await set('OK', 'Left over from an earlier test.');
    return undefined;
  }

  async function history(): Promise<readonly AlarmHistoryItem[]> {
    const { AlarmHistoryItems } = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: testAlarm,
        HistoryItemType: 'Action',
        ScanBy: 'TimestampDescending',
        MaxRecords: 20,
      }),
    );
    return AlarmHistoryItems ?? [];
  }

  async function backToOk(): Promise<Step> {
    try {
      await set('OK', 'The test by privilege-monitor send-test is over.');
      return { step: 'back-to-ok', ok: true, detail: `alarm ${testAlarm} was set back to OK` };
    } catch (error) {
      const { detail } = callFailure(error, '');
      const fix = 'nothing: CloudWatch resets it within a minute or two';
      return { step: 'back-to-ok', ok: false, detail, fix };
    }
  }
}

/** The newest time by CloudWatch's own clock, from which this machine's may differ. */
function newestOf(items: readonly AlarmHistoryItem[]): number {
  return Math.max(0, ...items.map(({ Timestamp }) => Timestamp?.getTime() ?? 0));
}
