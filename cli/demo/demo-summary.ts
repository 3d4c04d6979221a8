import { styleText } from 'node:util';
import Table from 'cli-table3';
import { minuteMs } from '../../lambda/common/time.ts';
import type { MetricAlarm } from '../../local/alarms/metric-alarm.ts';
import { disturbanceFacts } from '../../local/demo/report/disturbance-facts.ts';
import type {
  DemoResult,
  LateChangeResult,
  LogGroupResult,
  MailCounts,
} from '../../local/demo/result/demo-result.ts';
import type { SynthesizedMonitor } from '../../local/demo/run/cloud-assembly.ts';
import type { LoadedSession } from '../../local/demo/session/load-session.ts';
import type { EndTimeReading } from '../../local/insights-engine/engine-types.ts';
import { runbookFilesUrl } from '../../local/runbook-files.ts';
import { visibleText } from '../../local/visible-text.ts';
import { countOf } from '../common/output.ts';

/** The outage and the late changes of a run, as lines below its plan. */
function disturbancePlan({
  missed,
  lateChanges,
  everyMinutes,
}: {
  readonly missed: ReadonlySet<number>;
  readonly lateChanges: readonly LateChangeResult[];
  readonly everyMinutes: number;
}): string[] {
  const times = [...missed].sort((a, b) => a - b);
  const [first] = times;
  const last = times.at(-1);
  const lateBy = lateChanges.map(({ cameEpochMs, happenedEpochMs }) =>
    Math.round((cameEpochMs - happenedEpochMs) / minuteMs),
  );
  return [
    ...(first === undefined || last === undefined
      ? []
      : [
          `outage   ${clock(first)} to ${clock(last + everyMinutes * minuteMs)}: ${countOf(missed.size, 'tick')} without the monitor`,
        ]),
    ...(lateBy.length === 0
      ? []
      : [
          `late     ${countOf(lateBy.length, 'privilege change')}, ${range(lateBy)} min late, after their time was scanned`,
        ]),
  ];
}

/** How the monitor caught up; printed only if nothing disagrees. */
function disturbanceLines(result: DemoResult): string[] {
  const { outage, lateChanges, logGroups } = result;
  const { catchUp } = disturbanceFacts(result);
  const by = (lane: LateChangeResult['lane']) =>
    lateChanges.filter((change) => change.lane === lane).length;
  const lateMatches = logGroups.reduce((sum, { lateWithAddRole }) => sum + lateWithAddRole, 0);
  return [
    ...(outage === undefined || catchUp === undefined
      ? []
      : [
          `Outage: ${countOf(outage.ticks, 'tick')} missed; the next one read ${catchUp.readMs / minuteMs} min in ${countOf(catchUp.slices, 'slice')} and reported ${countOf(catchUp.findings, 'finding')}.`,
        ]),
    ...(lateChanges.length === 0
      ? []
      : [
          `Late: ${countOf(lateChanges.length, 'privilege change')} found, ${by('near')} by the near sweep, ${by('far')} by the far sweep.`,
        ]),
    ...(lateMatches === 0
      ? []
      : [
          `Not counted in AddRoleMatches: ${countOf(lateMatches, 'event')} with add-role that came late, since the documented query is not repeated.`,
        ]),
    ...(outage === undefined && lateChanges.length === 0
      ? []
      : ['The findings are the same as without an outage and late events.']),
  ];
}

function range(numbers: readonly number[]): string {
  const [min, max] = [Math.min(...numbers), Math.max(...numbers)];
  return min === max ? String(min) : `${min} to ${max}`;
}

function clock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(11, 16);
}

export function inputLine({ tally, mwaaEnvironment }: LoadedSession): string {
  const span = `${minute(tally.firstEventEpochMs)} to ${minute(tally.lastEventEpochMs)} UTC`;
  return `input    ${countOf(tally.events, 'log event')} of MWAA environment ${mwaaEnvironment}, ${span}`;
}

/** Printed before the synthesis, which is the longest step without another sign of life. */
export function synthesisLine(mwaaEnvironment: string): string {
  return `synth    the stack that monitors ${mwaaEnvironment}, as \`cdk synth\` makes it (about ten seconds)`;
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
  const hasLate = result.logGroups.some(({ lateWithAddRole }) => lateWithAddRole > 0);
  const columns = [
    { head: 'log group', align: 'left', of: (group) => visibleText(group.logGroup) },
    { head: 'events', align: 'right', of: ({ events }) => count(events) },
    {
      head: 'with add-role',
      align: 'right',
      of: ({ eventsWithAddRole }) => count(eventsWithAddRole),
    },
    ...(hasLate ? [lateColumn] : []),
    { head: 'sum of AddRoleMatches', align: 'right', of: paintedSum },
    {
      head: 'alarm',
      align: 'left',
      of: ({ alarmedEpochMs }) =>
        alarmedEpochMs === undefined ? '-' : `ALARM ${time(alarmedEpochMs)}`,
    },
    {
      head: 'notified',
      align: 'left',
      of: ({ notifiedEpochMs }) => (notifiedEpochMs === undefined ? '-' : time(notifiedEpochMs)),
    },
    { head: 'findings', align: 'right', of: ({ findings }) => count(findings) },
  ] as const satisfies readonly Column[];
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  table.push(...result.logGroups.map((group) => columns.map(({ of }) => of(group))));
  const { disagreements } = result;
  const verdict =
    disagreements.length === 0
      ? [
          paint(
            'green',
            `${result.incomplete === undefined ? 'All sums' : 'The sums of what could be read'} agree${hasLate ? ' once the late events are subtracted' : ''}; every log group with matches raised its alarm; ${countOf(result.findings.length, 'finding')}, each notified once, all from lines in the input.`,
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
${mailLine(result.mailCounts)}${runbookLine(result.mails)}
Report: ${reportPath} (${seconds.toFixed(1)} s)`;
}

/** `92 changes, 111 mails (80 about findings, 23 of alarms, 8 of recoveries): 1.21 a change` */
function mailLine({ changes, aboutFindings, ofAlarms, ofRecoveries }: MailCounts): string {
  const mails = aboutFindings + ofAlarms + ofRecoveries;
  const parts = `${aboutFindings} about findings, ${ofAlarms} of alarms, ${ofRecoveries} of recoveries`;
  const each = changes === 0 ? '' : `: ${(mails / changes).toFixed(2)} a change`;
  return `${countOf(changes, 'change')}, ${countOf(mails, 'mail')} (${parts})${each}`;
}

/** Where the runbooks are that the mails link to; nothing if they are where anybody finds them. */
function runbookLine(mails: DemoResult['mails']): string {
  if (!mails.some(({ text }) => text.includes(runbookFilesUrl))) return '';
  return '\nRunbooks: the mails link to files here; a clone of a published commit links to it (setting runbookBaseUrl)';
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

interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly of: (group: LogGroupResult) => string;
}

const lateColumn: Column = {
  head: 'of these late',
  align: 'right',
  of: ({ lateWithAddRole }) => count(lateWithAddRole),
};

function paintedSum({ sumOfMatches, eventsWithAddRole, lateWithAddRole }: LogGroupResult): string {
  const agrees = sumOfMatches === eventsWithAddRole - lateWithAddRole;
  return paint(agrees ? 'green' : 'red', count(sumOfMatches));
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
