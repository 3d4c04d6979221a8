import type { AlarmStateValue, MissingDataTreatment } from './metric-alarm.ts';

/** One period of the evaluation range; undefined where no value came. */
export type Reading = 'breaching' | 'notBreaching' | undefined;

export interface StateRule {
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
}

export interface StateDecision {
  /** Undefined: the alarm keeps the state that it is in. */
  readonly state: AlarmStateValue | undefined;
  /** Places in the evaluation range of the values that decided, the newest first. */
  readonly evaluated: readonly number[];
  /** Periods that were filled in by the alarm's treatment of missing data. */
  readonly filled: number;
}

/**
 * Decides an alarm's state by CloudWatch's rules for missing data:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * With N values or more in the evaluation range, the newest N decide, and how missing data is
 * treated does not matter. With fewer, all of them count, and what lacks to N is filled in. Under
 * `missing` and `ignore` nothing is filled in: a value within the threshold is enough for OK, and
 * where all values breach, the oldest must be at least M periods old for ALARM ("premature
 * transitions"); until then the state stays, and for `ignore` it stays in that case, too.
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
