import { namesFor } from '../../../infra/config/names.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import type { Check } from '../../facts/check.ts';
import { awsCommand } from '../../shapes/commands.ts';
import { fail, judge, pass, toDo, unanswered } from '../../shapes/judgement.ts';

export const monitorDeployed: Check = {
  id: 'monitor-deployed',
  area: 'monitor',
  title: 'The monitor is deployed, and every alarm can notify',
  meaning:
    'Without the monitor’s stack nobody is notified of a privilege change. An alarm that is missing, or whose actions are disabled, notifies nobody.',
  look: ({ observed }) =>
    judge(observed.monitor.alarms, (alarms) => {
      const deploy = toDo(
        'Deploy the monitor (if environments/ has a file for it: its stack, without -c).',
        `npx cdk deploy -c mwaaEnvironment=${observed.mwaaEnvironment} -c email=ADDRESS`,
      );
      if (alarms.length === 0) {
        return [
          fail(`no monitor of ${observed.mwaaEnvironment} is deployed in this Region`, deploy),
        ];
      }
      const there = new Set(alarms.map(({ AlarmName }) => AlarmName));
      const missing = expectedAlarms(observed.mwaaEnvironment).filter((name) => !there.has(name));
      const mute = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
      const doubtful = alarms.filter(
        ({ ActionsEnabled, AlarmActions }) => ActionsEnabled === undefined || !AlarmActions,
      );
      const pointless = alarms.filter(({ AlarmActions }) => AlarmActions?.length === 0);
      return [
        ...(missing.length > 0 ? [fail(`alarms are missing: ${missing.join(', ')}`, deploy)] : []),
        ...mute.map(({ AlarmName = '' }) =>
          fail(
            `the actions of alarm ${AlarmName} are disabled`,
            toDo(
              'Enable its actions.',
              awsCommand(observed, 'cloudwatch enable-alarm-actions', `--alarm-names ${AlarmName}`),
            ),
          ),
        ),
        ...doubtful.map(({ AlarmName }) =>
          unanswered('cloudwatch:DescribeAlarms', `actions of ${AlarmName}`),
        ),
        ...(pointless.length > 0
          ? [
              fail(
                `alarms without a topic: ${pointless.map(({ AlarmName }) => AlarmName).join(', ')}`,
                deploy,
              ),
            ]
          : []),
        ...(missing.length + mute.length + doubtful.length + pointless.length === 0
          ? [pass(`all of its ${alarms.length} alarms exist and can notify`)]
          : []),
      ];
    }),
};

/** The alarms that every deployment has; those on the documented query can be switched off. */
function expectedAlarms(mwaaEnvironment: string): string[] {
  const { alarms } = namesFor(mwaaEnvironment);
  return [
    ...logTypes.flatMap((logType) => [alarms.blind(logType), alarms.privilegeChange(logType)]),
    alarms.silent,
    alarms.failingErrors,
    alarms.failingDelivery,
    alarms.failingRuns,
    alarms.documentedBehind,
    alarms.behind,
    alarms.undelivered,
    alarms.late,
  ];
}
