import { RingingLines } from '../../../cli/demo/show-demo.ts';
import type { AlarmStateChange } from '../../../local/alarms/alarm-evaluator.ts';
import type { NotificationResult } from '../../../local/demo/result/demo-result.ts';

const atEpochMs = Date.UTC(2026, 10, 22, 5, 54);
const names = ['m-add-role-Task', 'm-blind-Task', 'm-blind-Worker', 'm-silent'];

function change(name: string, newState: AlarmStateChange['newState']): AlarmStateChange {
  const reason = 'Threshold Crossed: 1 datapoint [16.0 (22/11/26 05:53:00)] was greater';
  return {
    // Only the name is used.
    alarm: { name } as AlarmStateChange['alarm'],
    oldState: 'INSUFFICIENT_DATA',
    ...{ newState, reason, epochMs: atEpochMs, actions: [] },
  };
}

const notification: NotificationResult = {
  email: '',
  ...{ atEpochMs, alarmName: 'm-add-role-Task', state: 'ALARM', reason: '', topicArn: '' },
  subject: 'ALARM: "m-add-role-Task" in US East (N. Virginia)',
  message: '{}',
};

describe('RingingLines', () => {
  test('each alarm has a line with its value, and its notification another line', () => {
    const lines = new RingingLines(names.map((name) => ({ name })));
    lines.add(change('m-add-role-Task', 'ALARM'), [notification]);
    expect(lines.take()).toEqual([
      '05:54:00    ALARM  add-role-Task  16 at 05:53',
      '05:54:00   notify  ALARM: "m-add-role-Task" in US East (N. Virginia)',
    ]);
  });

  test('an alarm for missing values says so', () => {
    const lines = new RingingLines(names.map((name) => ({ name })));
    const reason =
      'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].';
    lines.add({ ...change('m-silent', 'ALARM'), reason }, []);
    expect(lines.take()).toEqual([
      `05:54:00    ALARM  silent         ${reason.replace('Threshold Crossed: ', '')}`,
    ]);
  });

  test('alarms that return to OK share one line, printed once', () => {
    const lines = new RingingLines(names.map((name) => ({ name })));
    for (const name of names) lines.add(change(name, 'OK'), []);
    expect(lines.take()).toEqual(['05:54:00       OK  add-role-Task, blind-Task, 2 more']);
    expect(lines.take()).toEqual([]);
  });
});
