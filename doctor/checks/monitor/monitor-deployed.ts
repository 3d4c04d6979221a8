import { alarmNames, namesFor, stackName } from '../../../infra/naming/names.ts';
import { minuteMs } from '../../../lambda/common/time.ts';
import { logTypes } from '../../../lambda/model/log-types.ts';
import type { Check, Facts } from '../../facts/facts.ts';
import { isRefused, newestEpochMs } from '../../facts/log-groups.ts';
import {
  deployMonitor,
  isDeployed,
  notDeployed,
  partsOfMonitor,
  restoreMonitor,
} from '../../facts/monitor-parts.ts';
import {
  awsCommand,
  counted,
  fail,
  type Judgement,
  judge,
  pass,
  toDo,
  unanswered,
  warn,
} from '../../shapes/judgement.ts';

export const monitorDeployed: Check = {
  id: 'monitor-deployed',
  area: 'monitor',
  title: 'The monitor is deployed, and every alarm can notify',
  meaning:
    'Without the monitor’s stack nobody is notified of a privilege change. An alarm that is missing, or whose actions are disabled, notifies nobody.',
  look: (facts) => {
    const { observed } = facts;
    return judge(observed.monitor.alarms, (alarms) => {
      if (alarms.length === 0) {
        return [
          fail(
            `no monitor of ${observed.mwaaEnvironment} is deployed in this Region`,
            deployMonitor(facts, 'Deploy the monitor'),
          ),
        ];
      }
      const restore = restoreMonitor(
        facts,
        'Put the alarms back as the monitor’s template describes them',
      );
      const there = new Set(alarms.map(({ AlarmName }) => AlarmName));
      const missing = expectedAlarms(facts).filter((name) => !there.has(name));
      const mute = alarms.filter(({ ActionsEnabled }) => ActionsEnabled === false);
      const doubtful = alarms.filter(
        ({ ActionsEnabled, AlarmActions }) => ActionsEnabled === undefined || !AlarmActions,
      );
      const withoutTopic = alarms.filter(({ AlarmActions }) => AlarmActions?.length === 0);
      const left = leftOut(observed.mwaaEnvironment, alarms);
      const pointless = withoutTopic.filter(({ AlarmName = '' }) => !left.has(AlarmName));
      return [
        ...(missing.length > 0 ? [fail(`alarms are missing: ${missing.join(', ')}`, restore)] : []),
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
                restore,
              ),
            ]
          : []),
        ...(missing.length + mute.length + doubtful.length + pointless.length === 0
          ? [
              pass(
                left.size === 0
                  ? `all of its ${alarms.length} alarms exist and can notify`
                  : `all of its ${alarms.length} alarms exist, and can notify except those on privilege changes, as notify.alarmMails: false sets it`,
              ),
            ]
          : []),
      ];
    });
  },
};

/**
 * The alarms on privilege changes if none of them has a topic, as `notify.alarmMails: false` leaves them; if some
 * have one, somebody took it from the others.
 */
function leftOut(
  mwaaEnvironment: string,
  alarms: readonly { readonly AlarmName?: string; readonly AlarmActions?: readonly string[] }[],
): ReadonlySet<string> {
  const { alarms: named } = namesFor(mwaaEnvironment);
  const about = new Set(
    logTypes.flatMap((logType) => [named.addRole(logType), named.privilegeChange(logType)]),
  );
  const there = alarms.filter(({ AlarmName = '' }) => about.has(AlarmName));
  return there.every(({ AlarmActions }) => AlarmActions?.length === 0)
    ? new Set(there.map(({ AlarmName = '' }) => AlarmName))
    : new Set();
}

/** The alarms that such a deployment has; those on the documented query can be switched off. */
function expectedAlarms(facts: Facts): string[] {
  const { mwaaEnvironment } = facts.observed;
  const optional = new Set(logTypes.map(namesFor(mwaaEnvironment).alarms.addRole));
  return alarmNames(mwaaEnvironment, partsOfMonitor(facts)).filter((name) => !optional.has(name));
}

export const monitorStack: Check = {
  id: 'monitor-stack',
  area: 'monitor',
  title: 'The last update of the monitor’s stack succeeded',
  meaning: 'A stack whose last update failed may run an older monitor than you think.',
  look: (facts) => {
    const { observed } = facts;
    const { stack } = observed.monitor;
    if (!isDeployed(observed)) return notDeployed;
    return judge(stack, (known) => {
      if (known === null) {
        return [
          warn(
            'its alarms belong to no stack: they were created by hand and have to be maintained by hand',
            toDo(
              'Delete these alarms, then deploy the monitor, which creates its own of the same names.',
            ),
          ),
        ];
      }
      const { StackName = 'its stack', StackStatus } = known;
      if (StackStatus === undefined) {
        return [unanswered('cloudformation:DescribeStacks', 'StackStatus')];
      }
      const evidence = `${StackName} is ${StackStatus}`;
      if (/^(CREATE|UPDATE|IMPORT)_(COMPLETE|(COMPLETE_CLEANUP_)?IN_PROGRESS)$/.test(StackStatus)) {
        return [pass(evidence), ...misnamedFile(facts, StackName)];
      }
      return [
        warn(
          evidence,
          toDo(
            'Read in the stack’s events what happened.',
            awsCommand(
              observed,
              'cloudformation describe-stack-events',
              `--stack-name ${StackName} --max-items 20`,
            ),
          ),
          deployMonitor(facts, 'Then deploy the monitor'),
        ),
      ];
    });
  },
};

/** A second stack would want alarms and a log group of the same names, and could not be created. */
function misnamedFile({ expectations: { file } }: Facts, deployed: string): readonly Judgement[] {
  if (file === undefined) return [];
  const described = stackName('MonitorStack', file);
  if (described === deployed) return [];
  return [
    warn(
      `it is deployed as ${deployed}, but environments/${file}.yaml describes ${described}`,
      toDo(
        `Rename the file to ${deployed.replace('MonitorStack-', '')}.yaml, so that it takes over the stack.`,
      ),
    ),
  ];
}

/** The alarms about the monitor itself; the others are about what it found. */
const ownAlarms =
  /-(blind-.*|silent|not-invoked|failing-.*|behind|undelivered|late|detections-refused)$/;

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

/** The number that the monitor's own `silent` alarm waits for. */
const missedTicksMax = 3;

export const monitorHeartbeat: Check = {
  id: 'monitor-heartbeat',
  area: 'monitor',
  title: 'The monitor’s scans complete',
  meaning: 'Each completed scan writes the heartbeat; without it nothing is being monitored.',
  look: ({ observed, expectations }) => {
    const { heartbeat } = observed.monitor;
    if (!isDeployed(observed)) return notDeployed;
    return judge(heartbeat, ([series]) => {
      if (series === undefined || isRefused(series))
        return [unanswered('cloudwatch:GetMetricData', 'ScanCompleted')];
      const agedMinutes = missedTicksMax * expectations.everyMinutes + expectations.settleMinutes;
      const newest = newestEpochMs(series);
      const ageMinutes =
        newest === undefined ? undefined : Math.floor((observed.nowEpochMs - newest) / minuteMs);
      if (ageMinutes !== undefined && ageMinutes <= agedMinutes) {
        return [pass(`a scan completed ${counted(ageMinutes, 'minute')} ago`)];
      }
      const last =
        ageMinutes === undefined
          ? ''
          : `; the last one completed ${counted(ageMinutes, 'minute')} ago`;
      const { scannerLogGroup } = namesFor(observed.mwaaEnvironment);
      return [
        fail(
          `no scan completed in the last ${counted(agedMinutes, 'minute')}${last}`,
          toDo(
            'Find the reason in the scanner’s own log, and follow docs/runbooks/monitor-silent.md.',
            awsCommand(observed, 'logs tail', scannerLogGroup, '--since 1h'),
          ),
        ),
      ];
    });
  },
};
