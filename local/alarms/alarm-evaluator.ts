import { dayMs, hourMs, minuteMs } from '../../lambda/common/time.ts';
import type { MetricIdentity, StatisticSet } from '../recorders.ts';
import {
  type AlarmComparison,
  type AlarmStateValue,
  isBreaching,
  type MetricAlarm,
  type MissingDataTreatment,
  statisticOf,
} from './metric-alarm.ts';

/** One period of the evaluation range; undefined when it has no value. */
export type Reading = 'breaching' | 'notBreaching' | undefined;

interface StateRule {
  /** N of "M out of N". */
  readonly evaluationPeriods: number;
  /** M of "M out of N". */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: MissingDataTreatment;
}

interface StateDecision {
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

/**
 * The number of periods beyond N that an alarm looks back.
 *
 * An assumption: AWS documents that the evaluation range is wider than N and that its width depends
 * on the period, and gives one example, 5 periods for N = 3
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html).
 */
export const evaluationRangeExtraPeriods = 2;

/** Half-open, in epoch milliseconds. */
interface EvaluationPeriod {
  readonly startEpochMs: number;
  readonly endEpochMs: number;
}

/**
 * The periods that an alarm evaluates, newest first.
 *
 * Alarms are evaluated every minute, and their periods move with it: the newest one ends at the
 * latest full minute. An alarm over more than a day is evaluated once an hour, on data up to the
 * full hour
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html).
 */
function evaluationRange(
  { periodSeconds, evaluationPeriods }: Pick<MetricAlarm, 'periodSeconds' | 'evaluationPeriods'>,
  nowEpochMs: number,
): EvaluationPeriod[] {
  const periodMs = periodSeconds * 1000;
  const stepMs = periodMs * evaluationPeriods > dayMs ? hourMs : minuteMs;
  const latestEndEpochMs = Math.floor(nowEpochMs / stepMs) * stepMs;
  return Array.from({ length: evaluationPeriods + evaluationRangeExtraPeriods }, (_, index) => {
    const endEpochMs = latestEndEpochMs - index * periodMs;
    return { startEpochMs: endEpochMs - periodMs, endEpochMs };
  });
}

/** One evaluated value of an alarm's metric. */
interface Datapoint {
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
function stateReason(
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

/** Where alarms read metrics from, such as a MetricRecorder. */
interface MetricSource {
  /** The values of `[startEpochMs, endEpochMs)`, undefined when there are none. */
  read(
    metric: MetricIdentity,
    startEpochMs: number,
    endEpochMs: number,
    unit?: string,
  ): StatisticSet | undefined;
}

interface AlarmState {
  readonly alarm: MetricAlarm;
  readonly state: AlarmStateValue;
  readonly reason: string;
  /** When it entered this state; undefined while it is in its first state. */
  readonly sinceEpochMs: number | undefined;
}

export interface AlarmStateChange {
  readonly alarm: MetricAlarm;
  readonly oldState: AlarmStateValue;
  readonly newState: AlarmStateValue;
  readonly reason: string;
  readonly epochMs: number;
  /** ARNs of the actions to run; none when the alarm's actions are disabled. */
  readonly actions: readonly string[];
}

/**
 * Evaluates alarms as CloudWatch does, when {@link evaluate} is called.
 *
 * An alarm starts in INSUFFICIENT_DATA and acts only when its state changes. A value counts from
 * the end of its minute on, when its period is complete.
 */
export class AlarmEvaluator {
  readonly #metrics: MetricSource;
  #states: readonly AlarmState[];

  constructor(alarms: readonly MetricAlarm[], metrics: MetricSource) {
    this.#metrics = metrics;
    this.#states = alarms.map((alarm) => ({
      alarm,
      state: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      sinceEpochMs: undefined,
    }));
  }

  /** States after the latest evaluation, in the order of the alarms. */
  states(): readonly AlarmState[] {
    return this.#states;
  }

  /** Evaluates all alarms once; CloudWatch does it every minute. */
  evaluate(nowEpochMs: number): AlarmStateChange[] {
    const changes: AlarmStateChange[] = [];
    this.#states = this.#states.map((before) => {
      const { alarm } = before;
      const { state = before.state, reason } = this.#decide(alarm, nowEpochMs);
      if (state === before.state) return before;
      changes.push({
        alarm,
        oldState: before.state,
        newState: state,
        reason,
        epochMs: nowEpochMs,
        actions: alarm.actionsEnabled ? alarm.actions[state] : [],
      });
      return { alarm, state, reason, sinceEpochMs: nowEpochMs };
    });
    return changes;
  }

  #decide(
    alarm: MetricAlarm,
    nowEpochMs: number,
  ): { state: AlarmStateValue | undefined; reason: string } {
    const range = evaluationRange(alarm, nowEpochMs).map(({ startEpochMs, endEpochMs }) => {
      const values = this.#metrics.read(alarm.metric, startEpochMs, endEpochMs, alarm.unit);
      return values && datapoint(alarm, startEpochMs, values);
    });
    const decision = decideState(
      range.map((point) => point && (point.isBreaching ? 'breaching' : 'notBreaching')),
      { ...alarm, treatMissingData: missingDataTreatment(alarm) },
    );
    const evaluated = decision.evaluated.flatMap((index) => range[index] ?? []);
    const { state } = decision;
    return { state, reason: state ? stateReason(alarm, state, evaluated, decision) : '' };
  }
}

function datapoint(alarm: MetricAlarm, startEpochMs: number, values: StatisticSet): Datapoint {
  const value = statisticOf(alarm.statistic, values);
  return { startEpochMs, value, isBreaching: isBreaching(value, alarm) };
}

/** AWS documents that alarms on AWS/DynamoDB metrics always ignore missing data. */
function missingDataTreatment({ metric, treatMissingData }: MetricAlarm): MissingDataTreatment {
  return metric.namespace === 'AWS/DynamoDB' ? 'ignore' : treatMissingData;
}
