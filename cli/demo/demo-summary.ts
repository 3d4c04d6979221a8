import { styleText } from 'node:util';
import Table from 'cli-table3';
import type { MetricAlarm } from '../../local/alarms/metric-alarm.ts';
import type {
  DemoResult,
  LateChangeResult,
  LogGroupResult,
} from '../../local/demo/result/demo-result.ts';
import type { SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import type { LoadedSession } from '../../local/demo/session/load-session.ts';
import type { EndTimeReading } from '../../local/insights-engine/end-time.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from '../shared/count-of.ts';
import { disturbanceLines, disturbancePlan } from './disturbance-summary.ts';

export function inputLine({ tally, mwaaEnvironment }: LoadedSession): string {
  const span = `${minute(tally.firstEventEpochMs)} to ${minute(tally.lastEventEpochMs)} UTC`;
  return `input    ${countOf(tally.events, 'log event')} of MWAA environment ${mwaaEnvironment}, ${span}`;
}

export function planLine({
  monitor,
  ticks,
  missed,
  lateChanges,
  alarms,
  endTime,
}: {
  readonly monitor: SynthesizedMonitor;
  readonly ticks: readonly number[];
  readonly missed: ReadonlySet<number>;
  readonly lateChanges: readonly LateChangeResult[];
  readonly alarms: readonly MetricAlarm[];
  readonly endTime: EndTimeReading;
}): string {
  const { everyMinutes, settleMinutes } = monitor.config;
  const [first = 0] = ticks;
  const span = `${minute(first)} to ${minute(ticks.at(-1) ?? first)}`;
  return [
    `monitor  the synthesized stack's own bundle and its ${alarms.length} alarms`,
    `clock    virtual: ${countOf(ticks.length, 'tick')}, ${span}, every ${everyMinutes} min, ${settleMinutes} min behind`,
    `queries  endTime is read as its ${endTime === 'second' ? 'whole second' : 'first millisecond'}`,
    ...disturbancePlan({ missed, lateChanges, everyMinutes }),
  ].join('\n');
}

/**
 * The result of a run: a table of the log groups, whether the sums agree, and the path of the
 * report.
 *
 * @param seconds the duration of the whole run
 */
export function demoSummary(result: DemoResult, reportPath: string, seconds: number): string {
  const table = new Table({
    head: [
      'log group',
      'events',
      'with add-role',
      'sum of AddRoleMatches',
      'alarm',
      'notified',
      'findings',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'left', 'left', 'right'],
    style: { head: [], border: [], compact: true },
  });
  table.push(...result.logGroups.map(tableRow));
  const { disagreements } = result;
  const verdict =
    disagreements.length === 0
      ? [
          paint(
            'green',
            `${result.incomplete === undefined ? 'All sums' : 'The sums of what could be read'} agree; every log group with matches raised its alarm; ${countOf(result.findings.length, 'finding')}, each notified once, all from lines in the input.`,
          ),
          ...disturbanceLines(result),
          ...packFaultLines(result),
        ].join('\n')
      : [
          paint('red', 'These do not agree:'),
          ...disagreements.map((line) => `  ${visibleText(line)}`),
        ].join('\n');
  return `
${table.toString()}

${verdict}
Report: ${reportPath} (${seconds.toFixed(1)} s)`;
}

/** What a fault of Logs Insights cost; printed only if nothing disagrees. */
function packFaultLines({ packFault, ownFindings }: DemoResult): string[] {
  if (packFault === undefined) return [];
  const { kind, missing } = packFault;
  const refusals = ownFindings.filter(({ detections }) => detections[0] === 'detection-refused');
  const what =
    kind === 'refuse-detections'
      ? `Refused: ${packFault.detections.join(', ')}. Without that, there would be ${countOf(missing, 'more finding')}.`
      : `The pack ${kind === 'fail-pack' ? 'failed' : 'was refused'} in each tick: ${countOf(missing, 'finding')} not read yet.`;
  const notified = refusals.map(
    ({ severity, title }) => `Notified: [${severity}] ${visibleText(title)}`,
  );
  return [what, ...notified];
}

function tableRow(group: LogGroupResult): string[] {
  const agrees = group.sumOfMatches === group.eventsWithAddRole - group.lateWithAddRole;
  return [
    visibleText(group.logGroup),
    count(group.events),
    count(group.eventsWithAddRole),
    paint(agrees ? 'green' : 'red', count(group.sumOfMatches)),
    group.alarmedEpochMs === undefined ? '-' : `ALARM ${time(group.alarmedEpochMs)}`,
    group.notifiedEpochMs === undefined ? '-' : time(group.notifiedEpochMs),
    count(group.findings),
  ];
}

function paint(colour: 'green' | 'red', text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** `2026-11-22 05:53` */
function minute(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ');
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 19);
}
