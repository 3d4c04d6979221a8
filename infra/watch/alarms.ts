import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { runbookLink } from '../../lambda/findings/links.ts';
import { type AlarmKey, alarmDefinitions } from '../../lambda/metrics/metric-definitions.ts';
import type {
  AlarmDefinition,
  AlarmRule,
  AlarmSubject,
} from '../../lambda/metrics/metric-shape.ts';
import { type LogType, logGroupName, logTypes } from '../../lambda/model/log-types.ts';
import { InputError } from '../../queries/tools/checked-yaml.ts';
import type { EnvironmentConfig } from '../config/environment-config.ts';
import { alarmName, alarmTypes, isOfMonitor, type MonitorNames } from '../naming/names.ts';
import type { MonitorMetrics } from './metrics.ts';
import { addRoleLinesId } from './saved-queries.ts';

interface MonitorAlarmsProps {
  readonly config: EnvironmentConfig;
  readonly names: MonitorNames;
  readonly metrics: MonitorMetrics;
  readonly topic: ITopic;
}

/** Every alarm of a monitor, all on one topic; each rings by itself, whatever the others do. */
export class MonitorAlarms extends Construct {
  /** All but the alarm for tests. */
  readonly shown: Alarm[] = [];
  private readonly byName = new Map<string, Alarm>();

  constructor(scope: Construct, id: string, props: MonitorAlarmsProps) {
    super(scope, id);
    for (const key of Object.keys(alarmDefinitions) as AlarmKey[]) {
      if (key === 'addRole' && !props.config.notify.documentedAlarms) continue;
      if (!isOfMonitor(alarmDefinitions[key], props.names.parts)) continue;
      for (const logType of alarmTypes(key)) {
        const alarm = this.add(key, logType, props);
        if (key !== 'test') this.shown.push(alarm);
        this.byName.set(alarmName(undefined, key, logType), alarm);
      }
    }
  }

  /**
   * @param name without what the names of all alarms of the environment begin with
   * @throws InputError when there is no such alarm
   */
  get(name: string): Alarm {
    const found = this.byName.get(name);
    if (found !== undefined) return found;
    throw new InputError(
      `${this.node.path}: there is no alarm ${JSON.stringify(name)}: the alarms are ${[...this.byName.keys()].join(', ')}`,
    );
  }

  private add(
    key: AlarmKey,
    logType: LogType | undefined,
    { config, names, metrics, topic }: MonitorAlarmsProps,
  ): Alarm {
    const definition: AlarmDefinition = alarmDefinitions[key];
    const subject = alarmSubject(config, names, logType);
    const alarm = new Alarm(this, `${key.charAt(0).toUpperCase()}${key.slice(1)}${logType ?? ''}`, {
      alarmName: alarmName(names.prefix, key, logType),
      alarmDescription: descriptionOf(definition, subject, config.runbookBaseUrl),
      metric: metrics(alarmDefinitions[key].metric, logType),
      comparisonOperator: operatorOf(definition.rings),
      threshold: thresholdOf(definition, subject),
      evaluationPeriods: definition.rings.periods,
      datapointsToAlarm: definition.rings.periods,
      treatMissingData: missingData[definition.missingData],
    });
    if (definition.repeatsFindings && !config.notify.alarmMails) return alarm;
    const action = new SnsAction(topic);
    alarm.addAlarmAction(action);
    if (definition.reportsRecovery) alarm.addOkAction(action);
    return alarm;
  }
}

const missingData = {
  breaching: TreatMissingData.BREACHING,
  notBreaching: TreatMissingData.NOT_BREACHING,
  ignore: TreatMissingData.IGNORE,
  missing: TreatMissingData.MISSING,
} satisfies Record<AlarmDefinition['missingData'], TreatMissingData>;

function operatorOf(rule: AlarmRule): ComparisonOperator {
  if ('atLeast' in rule) return ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD;
  if ('above' in rule) return ComparisonOperator.GREATER_THAN_THRESHOLD;
  return ComparisonOperator.LESS_THAN_THRESHOLD;
}

/** The value at which an alarm rings, in the unit of its metric. */
export function thresholdOf({ rings }: AlarmDefinition, subject: AlarmSubject): number {
  const threshold =
    'atLeast' in rings ? rings.atLeast : 'above' in rings ? rings.above : rings.below;
  return typeof threshold === 'number' ? threshold : threshold(subject);
}

/** What the alarms of an environment, or of one of its log groups, speak of. */
export function alarmSubject(
  config: Pick<
    EnvironmentConfig,
    'mwaaEnvironment' | 'everyMinutes' | 'settleMinutes' | 'farSweep' | 'scannedGbPerDayMax'
  >,
  names: MonitorNames,
  logType?: LogType,
): AlarmSubject {
  const { mwaaEnvironment: environment, everyMinutes, settleMinutes, farSweep } = config;
  const { scannedGbPerDayMax } = config;
  return {
    ...{ environment, everyMinutes, settleMinutes, scannedGbPerDayMax },
    logGroup: logType === undefined ? '' : logGroupName(environment, logType),
    scannerLogGroup: names.scannerLogGroup,
    addRoleLinesQuery: names.savedQuery(addRoleLinesId, logTypes),
    silentAlarm: names.alarms.silent,
    reachMinutes: farSweep.lagMinutes,
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const descriptionCharactersMax = 1024;

/** The texts of a long name and a long address may not fit: then the runbook is named by its file. */
function descriptionOf(
  { meaning, whatToDo, runbook }: AlarmDefinition,
  subject: AlarmSubject,
  runbookBaseUrl: string | undefined,
): string {
  const file = `docs/runbooks/${runbook}.md`;
  const withRunbook = (shown: string) =>
    `What it means: ${meaning(subject)}\nWhat to do: ${whatToDo(subject)}\nRunbook: ${shown}`;
  const linked = withRunbook(runbookLink(runbookBaseUrl, file) ?? file);
  return linked.length <= descriptionCharactersMax ? linked : withRunbook(file);
}
