import type { SliceRecord } from '../ledger/marks.ts';

export interface MetricDefinition {
  readonly name: string;
  /** One number for the environment, or one for each log group. */
  readonly per: 'environment' | 'log-group';
  readonly unit: 'Count' | 'Seconds' | 'Bytes';
  readonly meaning: string;
  /**
   * The statistic that alarms and the dashboard read: of several data in one period it takes the worst, so
   * that a datum which somebody else puts beside the tick's own cannot hide it. A put may be repeated,
   * which neither of the two notices.
   *
   * @default 'Maximum'
   */
  readonly statistic?: 'Maximum' | 'Minimum';
  readonly dashboard: DashboardPlace;
  /** @default every monitor has it */
  readonly onlyWith?: OptionalPart;
  /**
   * How the slices that count in a tick add up to it. A metric without it is a field of `TickHealth`,
   * which the tick fills in; undefined there means that it is not published.
   */
  readonly sum?: SliceSum;
}

/** A part that not every monitor has. */
export type OptionalPart = 'witness';

/** The widget that draws a metric, and how. */
export interface DashboardPlace {
  readonly widget: WidgetId;
  /** @default the log type, for a metric of each log group */
  readonly label?: string;
  /** @default 'left' */
  readonly axis?: 'right';
}

/** infra/watch/dashboard.ts has the titles of these widgets, their axes and their places. */
export type WidgetId =
  | 'privilege-changes'
  | 'documented-matches'
  | 'coverage'
  | 'lag'
  | 'late-events'
  | 'problems'
  | 'heartbeat'
  | 'bytes'
  | 'duration';

export interface SliceSum {
  /** The slice's number; undefined where the slice does not have it. */
  readonly of: (slice: SliceRecord) => number | undefined;
  /** For the environment's number: without a slice that counts, nothing is published. @default every slice */
  readonly counts?: (slice: SliceRecord) => boolean;
  /** For a log group's number: whether a zero of such a slice, in a covered group, can be believed. */
  readonly givesZero?: (slice: SliceRecord) => boolean;
}

/** What an alarm's texts and threshold depend on. */
export interface AlarmSubject {
  /** Name of the MWAA environment. */
  readonly environment: string;
  /** The log group of an alarm whose metric is one of each log group; else empty. */
  readonly logGroup: string;
  readonly scannerLogGroup: string;
  /** Name of the saved query that shows the lines which the documented query counts. */
  readonly addRoleLinesQuery: string;
  /** Full name of the alarm `silent`. */
  readonly silentAlarm: string;
  readonly everyMinutes: number;
  readonly settleMinutes: number;
  /** How late an event may come and still be found: `farSweep.lagMinutes`. */
  readonly reachMinutes: number;
  /** Gigabytes (10^9 bytes) that the queries of a UTC day may scan. */
  readonly scannedGbPerDayMax: number;
}

type Threshold = number | ((subject: AlarmSubject) => number);

/** The metric's value in so many periods in a row; a period is a scan's, or five minutes for a queue. */
export type AlarmRule = { readonly periods: number } & (
  | { readonly atLeast: Threshold }
  | { readonly above: Threshold }
  | { readonly below: Threshold }
);

/** One alarm, or one for each log group where its metric is. */
export interface AlarmDefinition<Metric extends string = string> {
  readonly metric: Metric;
  /** For docs/alarms.md: one line, true of every environment. */
  readonly ringsWhen: string;
  readonly rings: AlarmRule;
  /** The state while there is no data: ALARM, OK, the one before, or INSUFFICIENT_DATA. */
  readonly missingData: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
  /**
   * Whether people are notified when it is over, too: only where they wait for it, since changes go unseen or
   * unsent until then, and no other all-clear says it.
   */
  readonly reportsRecovery: boolean;
  /** @default every monitor has it */
  readonly onlyWith?: OptionalPart;
  /** It rings for what a finding says as well: with `notify.alarmMails: false` it notifies nobody. */
  readonly repeatsFindings?: true;
  /**
   * The alarms that ring in its place when somebody puts good data while the monitor puts none. Empty
   * where such data silence nothing; the test on forged data checks both.
   */
  readonly coveredBy: readonly string[];
  /** What happened and what that means: follows `What it means: `. */
  readonly meaning: (subject: AlarmSubject) => string;
  /** What to do first: follows `What to do: `. */
  readonly whatToDo: (subject: AlarmSubject) => string;
  /** Name of a file of `docs/runbooks/`, without `.md`. */
  readonly runbook: string;
}
