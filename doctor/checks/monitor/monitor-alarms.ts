import { namesFor } from '../../../infra/config/names.ts';
import type { Check } from '../../facts/check.ts';
import { isDeployed, notDeployed } from '../../facts/monitor-parts.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { judge, pass, toDo, unanswered, warn } from '../../shapes/judgement.ts';

/** The alarms about the monitor itself; the others are about what it found. */
const ownAlarms = /-(blind-.*|silent|failing-.*|behind|undelivered|late)$/;

/** `StateValue` of an alarm. */
const states = ['OK', 'ALARM', 'INSUFFICIENT_DATA'];

export const monitorAlarms: Check = {
  id: 'monitor-alarms',
  area: 'monitor',
  title: 'No alarm reports the monitor as blind, behind or failing',
  meaning: 'These alarms notify once, when the state begins: this shows what a missed mail said.',
  look: ({ observed }) => {
    const { alarms } = observed.monitor;
    if (!isDeployed(observed)) return notDeployed;
    return judge(alarms, (all) => {
      const { prefix } = namesFor(observed.mwaaEnvironment);
      const own = all.filter(({ AlarmName = '' }) => ownAlarms.test(AlarmName.replace(prefix, '')));
      const doubtful = own
        .filter(({ StateValue = '' }) => !states.includes(StateValue))
        .map(({ AlarmName }) => unanswered('cloudwatch:DescribeAlarms', `state of ${AlarmName}`));
      const ringing = own.filter(({ StateValue }) => StateValue === 'ALARM');
      if (ringing.length + doubtful.length === 0) return [pass('none of these alarms is in ALARM')];
      const judged = ringing.map(({ AlarmName = '', StateReason = '' }) =>
        warn(
          `${AlarmName} is in ALARM: ${StateReason}`,
          toDo(
            'Its description says what to do, and which page of docs/runbooks/ to open.',
            awsCommand(
              observed,
              'cloudwatch describe-alarms',
              `--alarm-names ${AlarmName}`,
              "--query 'MetricAlarms[].AlarmDescription' --output text",
            ),
          ),
        ),
      );
      return [...judged, ...doubtful];
    });
  },
};
