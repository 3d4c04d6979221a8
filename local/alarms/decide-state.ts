import type { AlarmStateValue, MissingDataTreatment } from './metric-alarm.ts';

/** One period of the evaluation range; undefined when it has no value. */
export type Reading = 'breaching' | 'notBreaching' | undefined;

export interface StateRule {
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
}

export interface StateDecision {
  /** Undefined: the alarm stays in its state. */
  readonly state: AlarmStateValue | undefined;
  /** Indexes in the evaluation range of the deciding values, newest first. */
  readonly evaluated: readonly number[];
  /** Number of periods filled in by the alarm's treatment of missing data. */
  readonly filled: number;
}

/**
 * Decides an alarm's state by CloudWatch's rules for missing data:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * With N or more values in the evaluation range, the newest N decide, and the treatment of missing
 * data does not matter. With fewer, all of them count, and the missing ones up to N are filled in.
 * `missing` and `ignore` fill in nothing: one value within the threshold is enough for OK, and when
 * all values breach, ALARM requires the oldest to be at least M periods old ("premature
 * transitions"). Until then the state does not change; with `ignore` it never does in that case.
 *
 * @param range the evaluation range, newest period first
 */
export function decideState(range: readonly Reading[], rule: StateRule): StateDecision {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const real = range.flatMap((reading, index) => (reading === undefined ? [] : [index]));
  const evaluated = real.slice(0, evaluationPeriods);
  const lacking = evaluationPeriods - evaluated.length;
  const breaching = evaluated.filter((index) => range[index] === 'breaching').length;

  if (lacking === 0 || breaching >= datapointsToAlarm) {
    return { state: breaching >= datapointsToAlarm ? 'ALARM' : 'OK', evaluated, filled: 0 };
  }
  if (treatMissingData === 'breaching' || treatMissingData === 'notBreaching') {
    const filledBreaching = treatMissingData === 'breaching' ? lacking : 0;
    const state = breaching + filledBreaching >= datapointsToAlarm ? 'ALARM' : 'OK';
    return { state, evaluated, filled: lacking };
  }
  return { state: withoutFilling(evaluated, breaching, rule), evaluated, filled: 0 };
}

function withoutFilling(
  evaluated: readonly number[],
  breaching: number,
  { datapointsToAlarm, treatMissingData }: StateRule,
): AlarmStateValue | undefined {
  if (breaching < evaluated.length) return 'OK';
  if (treatMissingData === 'ignore') return undefined;
  if (evaluated.length === 0) return 'INSUFFICIENT_DATA';
  const oldestAge = Math.max(...evaluated) + 1;
  return oldestAge >= datapointsToAlarm ? 'ALARM' : undefined;
}
