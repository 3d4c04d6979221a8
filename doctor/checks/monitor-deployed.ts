import { namesFor } from '../../infra/names.ts';
import { logTypes } from '../../lambda/log-types.ts';
import type { Check } from '../check.ts';
import { awsCommand } from '../commands.ts';
import { fail, judge, pass, toDo, unanswered } from '../judgement.ts';

export const monitorDeployed: Check = {
  id: 'monitor-deployed',
  area: 'monitor',
  title: 'This environment is monitored, and every alarm may ring',
  meaning:
    'Without the monitor’s stack nobody is told of a privilege change; an alarm that is missing or whose actions are off rings for nobody.',
  look: ({ observed }) =>
    judge(observed.monitor.alarms, (alarms) => {
      const deploy = toDo(
        'Deploy the monitor (with a file of environments/: its stack, without -c).',
        `npx cdk deploy -c mwaaEnvironment=${observed.mwaaEnvironment} -c email=ADDRESS`,
      );
      if (alarms.length === 0) {
        return [fail(`no monitor of ${observed.mwaaEnvironment} is deployed here`, deploy)];
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
            `the actions of alarm ${AlarmName} are off`,
            toDo(
              'Let it ring again.',
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
                `alarms ring on no topic: ${pointless.map(({ AlarmName }) => AlarmName).join(', ')}`,
                deploy,
              ),
            ]
          : []),
        ...(missing.length + mute.length + doubtful.length + pointless.length === 0
          ? [pass(`its ${alarms.length} alarms are there, and may ring`)]
          : []),
      ];
    }),
};

/** All but the alarms on the documented query, which may be left out. */
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
