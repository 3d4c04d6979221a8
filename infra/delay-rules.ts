import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmRule, AlarmSubject } from './alarm-rules.ts';
import type { EnvironmentConfig } from './environment-config.ts';

const secondsPerMinute = 60;

/** How many periods the scan may be behind what is usual before that is news. */
const lagPeriodsMax = 3;

type Pace = Pick<EnvironmentConfig, 'everyMinutes' | 'settleMinutes'>;

/** What both alarms about a lag share: what is read is old. */
function lagging({ everyMinutes, settleMinutes }: Pace) {
  const lagMinutesMax = settleMinutes + lagPeriodsMax * everyMinutes;
  return {
    lagMinutesMax,
    rule: {
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: lagMinutesMax * secondsPerMinute,
      // One tick after an outage may well be behind; the second has caught up, or cannot.
      periods: 2,
      tellsRecovery: true,
      runbook: 'monitor-behind',
    },
  };
}

/**
 * The documented query does not keep up, or nobody says how far it is. Apart from the pack: an alarm that
 * rings hides no other.
 */
export function documentedBehindRule(
  { environment, names, metrics }: AlarmSubject,
  pace: Pace,
): AlarmRule {
  const { lagMinutesMax, rule } = lagging(pace);
  return {
    ...rule,
    name: names.alarms.documentedBehind,
    metric: metrics.documentedLag,
    // While the pack fails, the silent alarm rings already and cannot ring again when the function stops:
    // this one can. Each run puts the lag before it asks the pack.
    treatMissingData: TreatMissingData.BREACHING,
    meaning: `the documented query is more than ${lagMinutesMax} minutes behind the present in ${environment}, or no run says how far it is, since none runs or none can read a log group: AddRoleMatches and its alarms come that much later. Nothing is lost as long as the log groups keep their events. Right after the first deployment it means that the first scan is still to come.`,
    whatToDo: `see whether the scanner runs at all (${names.alarms.silent} rings as well then); look in ${names.scannerLogGroup} for queries over the groups that fail or end at their time limit, and for what slows them down.`,
  };
}

/** The pack of detections does not keep up. */
export function behindRule({ environment, names, metrics }: AlarmSubject, pace: Pace): AlarmRule {
  const { lagMinutesMax, rule } = lagging(pace);
  return {
    ...rule,
    name: names.alarms.behind,
    metric: metrics.scanLag,
    // No lag comes from a function that does not run, and the two alarms on what is missing ring for that.
    // Whoever was behind before has caught up with nothing meanwhile: filled in as good, the end of the
    // data would send an all-clear.
    treatMissingData: TreatMissingData.IGNORE,
    meaning: `the scans of ${environment} are more than ${lagMinutesMax} minutes behind the present: privilege changes are told that much later. Nothing is lost as long as the log groups keep their events.`,
    whatToDo: `look in ${names.scannerLogGroup} for queries that fail, end at their time limit or are cut off, and for what slows them down.`,
  };
}

/** There are findings, and nobody was told. */
export function undeliveredRule({ environment, names, metrics }: AlarmSubject): AlarmRule {
  return {
    name: names.alarms.undelivered,
    metric: metrics.undeliveredFindings,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    // What one tick cannot publish, the next one does, unless there is a cause that stays.
    periods: 2,
    // As for the scan's lag: a finding waits on while no scan runs.
    treatMissingData: TreatMissingData.IGNORE,
    tellsRecovery: true,
    meaning: `findings of ${environment} wait to be published: somebody may have gained a role, and nobody was told. They are kept, and every scan tries them again.`,
    whatToDo: `read the error in ${names.scannerLogGroup}, and mend the findings topic, its key or the scanner's permission.`,
    runbook: 'findings-undelivered',
  };
}

/** Events come so late that the last look at them may miss the next ones. */
export function lateRule(
  { environment, names, metrics }: AlarmSubject,
  { farSweep }: Pick<EnvironmentConfig, 'farSweep'>,
): AlarmRule {
  const { lagMinutes: reachMinutes } = farSweep;
  return {
    name: names.alarms.late,
    metric: metrics.lateLagMax,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: (reachMinutes * secondsPerMinute) / 2,
    periods: 1,
    // Only events make lateness: a tick that saw none for the first time has nothing that was late.
    treatMissingData: TreatMissingData.NOT_BREACHING,
    // A tick without late events makes nothing better.
    tellsRecovery: false,
    meaning: `a matching event of ${environment} came at least ${reachMinutes / 2} minutes late, half of the far sweep's reach of ${reachMinutes} minutes. The metric is censored at that reach: what comes later than the far sweep looks is never seen, and not in this number either.`,
    whatToDo: `find out what delays the logs; until then raise farSweep.lagMinutes in the environment's file. Findings of such events say that they came late.`,
    runbook: 'late-events',
  };
}
