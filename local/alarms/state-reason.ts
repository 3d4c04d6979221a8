import type { StateDecision } from './decide-state.ts';
import type { AlarmComparison, AlarmStateValue, MetricAlarm } from './metric-alarm.ts';

/** One evaluated value of an alarm's metric. */
export interface Datapoint {
  /** Start of its period. */
  readonly startEpochMs: number;
  readonly value: number;
  readonly isBreaching: boolean;
}

const comparisons: Readonly<Record<AlarmComparison, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/**
 * Why an alarm is in a state, worded like CloudWatch's `StateReason`.
 *
 * @param datapoints the evaluated values, newest first
 */
export function stateReason(
  alarm: MetricAlarm,
  state: AlarmStateValue,
  datapoints: readonly Datapoint[],
  { filled }: Pick<StateDecision, 'filled'>,
): string {
  const { evaluationPeriods: n, datapointsToAlarm: m, treatMissingData } = alarm;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(n, 'datapoint')} ${wereFor(n)} unknown.`;
  }
  if (filled > 0) {
    const received =
      datapoints.length === 0 ? 'no datapoints' : counted(datapoints.length, 'datapoint');
    const verb = wereFor(datapoints.length);
    const treatedAs = treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: ${received} ${verb} received for ${counted(n, 'period')} and ${counted(filled, 'missing datapoint')} ${wereFor(filled)} treated as [${treatedAs}].`;
  }
  const isAlarm = state === 'ALARM';
  const decisive = datapoints.filter(({ isBreaching }) => isBreaching === isAlarm);
  const list = decisive.map(shown).join(', ');
  const comparison = `${wereFor(decisive.length)} ${isAlarm ? '' : 'not '}${comparisons[alarm.comparisonOperator]} the threshold (${decimal(alarm.threshold)})`;
  if (datapoints.length < n) {
    return `Threshold Crossed: ${counted(decisive.length, 'datapoint')} [${list}] ${comparison}.`;
  }
  const minimum = isAlarm ? m : n - m + 1;
  const transition = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK';
  return `Threshold Crossed: ${decisive.length} out of the last ${n} datapoints [${list}] ${comparison} (minimum ${counted(minimum, 'datapoint')} for ${transition} transition).`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function wereFor(count: number): string {
  return count === 1 ? 'was' : 'were';
}

/** `3.0 (22/11/26 05:52:00)` */
function shown({ value, startEpochMs }: Datapoint): string {
  const [date = '', time = ''] = new Date(startEpochMs).toISOString().slice(2, 19).split('T');
  return `${decimal(value)} (${date.split('-').reverse().join('/')} ${time})`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
