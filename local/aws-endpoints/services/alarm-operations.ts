import { z } from 'zod';
import type { AlarmBook, HistoryItem, KnownAlarm } from '../../alarms/alarm-book.ts';
import { AwsError, defineOperation, type OperationContext } from '../protocol/operation.ts';

export interface AlarmsContext extends OperationContext {
  readonly alarms: AlarmBook;
}

const stateValue = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const alarmName = z.string().min(1).max(255);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html */
export const setAlarmState = defineOperation(
  'SetAlarmState',
  'ValidationError',
  z.object({
    AlarmName: alarmName,
    StateValue: stateValue,
    StateReason: z.string().max(1023),
  }),
  ({ AlarmName, StateValue, StateReason }, { alarms, clock }: AlarmsContext) => {
    if (!alarms.setState(AlarmName, StateValue, StateReason, clock.nowEpochMs())) {
      throw new AwsError('ResourceNotFound', `there is no alarm ${AlarmName}`, { httpStatus: 404 });
    }
    return {};
  },
);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export const describeAlarms = defineOperation(
  'DescribeAlarms',
  'ValidationError',
  z.object({
    AlarmNames: z.array(alarmName).max(100).optional(),
    AlarmNamePrefix: alarmName.optional(),
    StateValue: stateValue.optional(),
  }),
  ({ AlarmNames, AlarmNamePrefix = '', StateValue }, { alarms }: AlarmsContext) => ({
    MetricAlarms: alarms
      .all()
      .filter(({ alarm }) => AlarmNames?.includes(alarm.name) ?? true)
      .filter(({ alarm }) => alarm.name.startsWith(AlarmNamePrefix))
      .filter(({ state }) => StateValue === undefined || state === StateValue)
      .map(metricAlarm),
    CompositeAlarms: [],
  }),
);

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
export const describeAlarmHistory = defineOperation(
  'DescribeAlarmHistory',
  'ValidationError',
  z.object({
    AlarmName: alarmName.optional(),
    HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
    /** Epoch seconds. */
    StartDate: z.number().optional(),
    EndDate: z.number().optional(),
    MaxRecords: z.int().min(1).max(100).default(100),
    ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
  }),
  (
    { AlarmName, HistoryItemType, StartDate = 0, EndDate, MaxRecords, ScanBy },
    { alarms }: AlarmsContext,
  ) => {
    const found = alarms
      .history()
      .filter((item) => AlarmName === undefined || item.alarmName === AlarmName)
      .filter(({ type }) => HistoryItemType === undefined || type === HistoryItemType)
      .filter(({ epochMs }) => epochMs >= StartDate * 1000)
      .filter(({ epochMs }) => EndDate === undefined || epochMs <= EndDate * 1000);
    if (ScanBy === 'TimestampAscending') found.reverse();
    return { AlarmHistoryItems: found.slice(0, MaxRecords).map(historyItem) };
  },
);

function metricAlarm({ alarm, state, reason }: KnownAlarm) {
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: alarm.description,
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.actions.OK,
    AlarmActions: alarm.actions.ALARM,
    InsufficientDataActions: alarm.actions.INSUFFICIENT_DATA,
    StateValue: state,
    StateReason: reason,
    MetricName: alarm.metric.metricName,
    Namespace: alarm.metric.namespace,
  };
}

function historyItem({ alarmName: name, epochMs, type, summary, data }: HistoryItem) {
  return {
    AlarmName: name,
    AlarmType: 'MetricAlarm',
    Timestamp: epochMs / 1000,
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: JSON.stringify(data),
  };
}
