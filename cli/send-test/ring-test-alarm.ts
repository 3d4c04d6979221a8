import {
  type AlarmHistoryItem,
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { callFailure } from './aws-failure.ts';
import type { DeployedMonitor } from './find-monitor.ts';
import { actionResult, judgeAction } from './judge-history.ts';
import type { Step } from './step.ts';

/** CloudWatch carries out an action within seconds of the change. */
const patienceMs = 60_000;
const pollMs = 2_000;

export interface RingShell {
  readonly cloudWatch: Pick<CloudWatchClient, 'send'>;
  readonly nowEpochMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Sets the test alarm to ALARM, waits until its history says what became of its action, and sets it
 * back to OK, whatever became of it.
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

  /** Only a change of state has actions, and only of an alarm that has any. */
  async function alarmProblem(): Promise<string | undefined> {
    const { MetricAlarms } = await cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNames: [testAlarm] }),
    );
    const [alarm] = MetricAlarms ?? [];
    if (alarm === undefined) return `there is no alarm ${testAlarm}`;
    if (alarm.ActionsEnabled === false) return `the actions of alarm ${testAlarm} are disabled`;
    if (!alarm.AlarmActions?.includes(alarmTopicArn)) {
      return `alarm ${testAlarm} does not act on topic ${alarmTopicArn}`;
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
      const fix = 'CloudWatch sets it back by itself within a minute or two';
      return { step: 'back-to-ok', ok: false, detail, fix };
    }
  }
}

/** By CloudWatch's own clock: this machine's may be another. */
function newestOf(items: readonly AlarmHistoryItem[]): number {
  return Math.max(0, ...items.map(({ Timestamp }) => Timestamp?.getTime() ?? 0));
}
