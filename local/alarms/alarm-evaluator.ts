import type { MetricIdentity, StatisticSet } from '../metric-recorder.ts';
import { decideState } from './decide-state.ts';
import { evaluationRange } from './evaluation-range.ts';
import {
  type AlarmStateValue,
  isBreaching,
  type MetricAlarm,
  type MissingDataTreatment,
  statisticOf,
} from './metric-alarm.ts';
import { type Datapoint, stateReason } from './state-reason.ts';

/** Where alarms read metrics from, such as a MetricRecorder. */
export interface MetricSource {
  /** The values of `[startEpochMs, endEpochMs)`, undefined when there are none. */
  read(
    metric: MetricIdentity,
    startEpochMs: number,
    endEpochMs: number,
    unit?: string,
  ): StatisticSet | undefined;
}

export interface AlarmState {
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
