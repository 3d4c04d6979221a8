import { createHash } from 'node:crypto';
import {
  type AlarmKey,
  alarmDefinitions,
  isPerLogGroup,
  type MetricKey,
  type metricDefinitions,
} from '../../lambda/metrics/metric-definitions.ts';
import type {
  AlarmDefinition,
  MetricDefinition,
  OptionalPart,
} from '../../lambda/metrics/metric-shape.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';

/** What a rule's 64 characters leave for the environment, beside `-tampering-` and a number of two digits. */
const ruleNameMax = 64 - '-tampering-'.length - 2;

const alarmKeys = Object.keys(alarmDefinitions) as AlarmKey[];

/**
 * Names that people see in the console and in mails. Each contains the environment's name, so that
 * several monitors fit into one account; CloudFormation names everything else.
 *
 * @param parts what the monitor has beside what all have
 */
export function namesFor(mwaaEnvironment: string, parts: Parts = new Set()) {
  const prefix = prefixOf(mwaaEnvironment);
  const tamperRulePrefix = `${shortened(prefix, ruleNameMax)}-tampering-`;
  return {
    prefix,
    dashboard: prefix,
    /** At most 100 characters: the sender's name in mails. */
    topicDisplayName: `Privilege monitor ${mwaaEnvironment}`,
    findingsTopicDisplayName: `Privilege changes ${mwaaEnvironment}`,
    scannerLogGroup: `/mwaa-privilege-monitor/${mwaaEnvironment}`,
    witnessLogGroup: `/mwaa-privilege-monitor/${mwaaEnvironment}/witness`,
    savedQuery: savedQueryIn(`mwaa-privilege-monitor/${mwaaEnvironment}`),
    alarms: alarmNamesBy(prefix),
    /** The alarms that the monitor has. */
    alarmNames: alarmNames(mwaaEnvironment, parts),
    parts,
    /** At most 64 characters, also for the longest name of an environment. */
    tamperRule: (number: number) => `${tamperRulePrefix}${number}`,
    /** How the names of all of them begin. */
    tamperRulePrefix,
  };
}

function prefixOf(mwaaEnvironment: string): string {
  return `mwaa-privilege-monitor-${mwaaEnvironment}`;
}

/** A long name gets the beginning of its hash in place of its end, so that two stay different. */
function shortened(name: string, charactersMax: number): string {
  if (name.length <= charactersMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, charactersMax - hash.length - 1)}-${hash}`;
}

export type MonitorNames = ReturnType<typeof namesFor>;

/** Folder, detection, and the log types whose groups to choose; at most 255 characters. */
function savedQueryIn(folder: string) {
  return (queryId: string, types: readonly LogType[]) => {
    const over = types.length === logTypes.length ? 'all five log groups' : types.join(', ');
    return `${folder}/${queryId} (${over})`;
  };
}

/** Where a file says that its monitor is deployed. */
export interface DeclaredPlace {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * Names of what all monitors of one account and Region share. They depend on the files alone: a name
 * that followed the credentials would make one stack in a pipeline, and another one on a laptop.
 *
 * No monitor's name begins like these, so that an environment called `fleet` clashes with nothing.
 */
export function fleetNamesFor({ account, region }: DeclaredPlace) {
  const place = [account, region].filter((part) => part !== undefined);
  const prefix = ['mwaa-privilege-fleet', ...place].join('-');
  return {
    stack: ['MonitorFleet', ...place].join('-'),
    dashboard: prefix,
    savedQuery: savedQueryIn(prefix),
  };
}

/**
 * The names of the monitors' dashboards. All Regions of an account share them, unlike every other name: of
 * two monitors for environments of one name, the second would overwrite the first one's dashboard.
 *
 * @param environments all that are known
 * @returns the name of the dashboard of one of them
 */
export function dashboardNamer(
  environments: readonly (DeclaredPlace & { readonly mwaaEnvironment: string })[],
): (environment: DeclaredPlace & { readonly mwaaEnvironment: string }) => string {
  return ({ mwaaEnvironment, account, region }) => {
    const { dashboard } = namesFor(mwaaEnvironment);
    const hasTwin = environments.some(
      (other) =>
        other.mwaaEnvironment === mwaaEnvironment &&
        other.account === account &&
        other.region !== region,
    );
    return hasTwin && region !== undefined ? `${dashboard}-${region}` : dashboard;
  };
}

export type FleetNames = ReturnType<typeof fleetNamesFor>;

/** One name, or one for each log type where the alarm's metric is one of each log group. */
type AlarmNames = {
  readonly [Key in AlarmKey]: (typeof alarmDefinitions)[Key]['metric'] extends GroupMetric
    ? (logType: LogType) => string
    : string;
};

type GroupMetric = {
  [Key in MetricKey]: (typeof metricDefinitions)[Key]['per'] extends 'log-group' ? Key : never;
}[MetricKey];

function alarmNamesBy(prefix: string): AlarmNames {
  const names = alarmKeys.map((key) => [
    key,
    isPerLogGroup(alarmDefinitions[key].metric)
      ? (logType: LogType) => alarmName(prefix, key, logType)
      : alarmName(prefix, key),
  ]);
  return Object.fromEntries(names);
}

/**
 * The name of an alarm: `failingErrors` is `…-failing-errors`.
 *
 * @param prefix undefined for the name without the environment's, as docs/alarms.md has it
 */
export function alarmName(prefix: string | undefined, key: AlarmKey, logType?: LogType): string {
  const words = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [prefix, words, logType].filter((part) => part !== undefined).join('-');
}

/** The log types that an alarm is made for; one undefined where it is about the environment. */
export function alarmTypes(key: AlarmKey): readonly (LogType | undefined)[] {
  return isPerLogGroup(alarmDefinitions[key].metric) ? logTypes : [undefined];
}

/** The parts that a monitor may have by its settings. */
export type Parts = ReadonlySet<OptionalPart>;

export function partsOf({ witness }: { readonly witness?: object | undefined }): Parts {
  return new Set(witness === undefined ? [] : ['witness']);
}

/** All that a monitor can have. */
export const everyPart: Parts = new Set(['witness']);

/** Whether a monitor with these parts has the alarm, or the metric. */
export function isOfMonitor(
  {
    onlyWith,
  }:
    | Pick<AlarmDefinition, 'metric' | 'onlyWith'>
    | Pick<MetricDefinition, 'dashboard' | 'onlyWith'>,
  parts: Parts,
): boolean {
  return onlyWith === undefined || parts.has(onlyWith);
}

/**
 * All alarms of an environment. A prefix would not do: those of `prod-2` begin like those of `prod`.
 *
 * @param parts what its monitor has beside what all have
 */
export function alarmNames(mwaaEnvironment: string, parts: Parts = new Set()): string[] {
  const prefix = prefixOf(mwaaEnvironment);
  return alarmKeys
    .filter((key) => isOfMonitor(alarmDefinitions[key], parts))
    .flatMap((key) => alarmTypes(key).map((type) => alarmName(prefix, key, type)));
}

/** CloudFormation allows letters, digits and hyphens; MWAA's names may hold underscores too. */
export function stackName(
  kind: 'MonitorStack' | 'AirflowEnvironment' | 'AirflowKey',
  environmentName: string,
): string {
  return `${kind}-${environmentName.replaceAll('_', '-')}`;
}
