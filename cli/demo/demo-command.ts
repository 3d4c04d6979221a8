import { Command, InvalidArgumentError, Option } from 'commander';
import { minuteMs } from '../../lambda/common/time.ts';
import type { LogType } from '../../lambda/model/log-types.ts';
import type { PackFault } from '../../local/demo/result/demo-result.ts';
import type { DemoOptions } from '../../local/demo/run-demo.ts';
import { recordedSessions } from '../../local/demo/session/load-session.ts';
import { type EndTimeReading, endTimeReadings } from '../../local/insights-engine/engine-types.ts';
import { allowIncompleteOption, environmentOption, logTypeOption } from '../common/log-options.ts';
import { UserError } from '../common/output.ts';
import { parseDuration } from '../common/time-options.ts';
import type { DemoVerdict } from './show-demo.ts';

const lateMax = 100;

interface DemoCommandOptions {
  readonly airflow: string;
  readonly logs?: string;
  readonly environment?: string;
  readonly logType?: LogType;
  readonly allowIncomplete?: boolean;
  readonly every: number;
  readonly outage?: number;
  readonly late?: number;
  readonly endTime: EndTimeReading;
  readonly refuseDetection?: readonly string[];
  readonly refusePack?: boolean;
  readonly failPack?: boolean;
  readonly witness?: boolean;
  readonly output: string;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ npx privilege-monitor demo
  $ npx privilege-monitor demo --airflow 3.0.6
  $ npx privilege-monitor demo --logs ~/airflow/logs --environment Prod --every 5
  $ npx privilege-monitor demo --outage 6m --late 3
  $ npx privilege-monitor demo --end-time second
  $ npx privilege-monitor demo --refuse-detection cli-role-granted
  $ npx privilege-monitor demo --witness

It synthesizes the stack, runs the synthesized bundle over the logs under a virtual clock, and
evaluates the synthesized alarms; every AWS call is answered on 127.0.0.1. With --outage or --late,
the sweeps for late events run every few minutes, and the findings must be the same as without.
With --refuse-detection, --refuse-pack or --fail-pack, Logs Insights refuses or fails queries of the
pack, but never the documented one: AddRoleMatches must still agree, and the findings must be those
of the other detections.

With --witness, another recorded session runs under the scanner and the second witness, which asks the
recorded Airflow itself: most of its changes leave no log line, and each must be told once.

The output directory receives report.html, result.json, monitor.log, and mails/ with a file for each
mail about findings or of an alarm. Exit code 1 if what the monitor published does not agree with the logs, 2 if not all
of the logs could be read.`;

/** @param parts other parts than those of a demo of this project, for tests */
export function demoCommand(parts: Pick<DemoOptions, 'synthesize'> = {}): Command {
  return new Command('demo')
    .description('run the monitor on real Airflow logs, without AWS, and write a report')
    .addOption(
      new Option('--airflow <version>', 'recorded session to replay')
        .choices([...recordedSessions.keys()])
        .default('2.10.3'),
    )
    .addOption(
      new Option(
        '--logs <path>',
        'replay these logs instead: a file, folder or archive of Airflow logs or exported events',
      ).conflicts('airflow'),
    )
    .addOption(environmentOption())
    .addOption(logTypeOption())
    .addOption(allowIncompleteOption())
    .option('--every <minutes>', 'minutes between two ticks', parseMinutes, 1)
    .option(
      '--outage <duration>',
      'stop the monitor for this long in the middle of the session, such as 6m',
      parseOutage,
    )
    .option(
      '--late <number>',
      'number of privilege changes whose lines arrive after their time was scanned',
      parseCount,
    )
    .addOption(
      new Option(
        '--end-time <reading>',
        "whether a query's endTime includes its whole second or only its first millisecond; AWS may do either",
      )
        .choices(endTimeReadings)
        // AWS's latest statement about it: https://github.com/aws/aws-sdk/issues/280
        .default('millisecond'),
    )
    .addOption(
      new Option(
        '--refuse-detection <ids...>',
        'Logs Insights refuses queries for these detections',
      ).conflicts(['refusePack', 'failPack', 'outage', 'late']),
    )
    .addOption(
      new Option('--refuse-pack', 'Logs Insights refuses every query of the pack').conflicts([
        'failPack',
        'outage',
        'late',
      ]),
    )
    .addOption(
      new Option('--fail-pack', 'every query of the pack ends as Failed').conflicts([
        'outage',
        'late',
      ]),
    )
    .addOption(
      new Option(
        '--witness',
        'a session whose changes leave no log line: the second witness finds them in Airflow itself',
      ).conflicts([
        ...['airflow', 'logs', 'environment', 'logType', 'every', 'outage', 'late', 'endTime'],
        ...['refuseDetection', 'refusePack', 'failPack'],
      ]),
    )
    .option('--output <directory>', 'directory for the report', 'demo-output')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', examples)
    .action((options: DemoCommandOptions) => demo(options, parts));
}

const exitCodes: Readonly<Record<DemoVerdict, number>> = { agrees: 0, disagrees: 1, incomplete: 2 };

async function demo(
  options: DemoCommandOptions,
  parts: Pick<DemoOptions, 'synthesize'>,
): Promise<void> {
  if (options.witness) {
    const { showWitnessDemo } = await import('./show-witness-demo.ts');
    const isRight = await showWitnessDemo({
      ...parts,
      outputDirectory: options.output,
      json: options.json ?? false,
    });
    process.exitCode = exitCodes[isRight ? 'agrees' : 'disagrees'];
    return;
  }
  const recorded = recordedSessions.get(options.airflow);
  if (!recorded) throw new UserError(`there is no recorded session of Airflow ${options.airflow}`);
  const { showDemo } = await import('./show-demo.ts');
  const verdict = await showDemo({
    ...parts,
    logs: options.logs ?? recorded.path,
    source: options.logs ?? recorded.title,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    ...(options.logType === undefined ? {} : { logType: options.logType }),
    allowIncomplete: options.allowIncomplete ?? false,
    everyMinutes: options.every,
    outageMinutes: (options.outage ?? 0) / minuteMs,
    lateChanges: options.late ?? 0,
    endTime: options.endTime,
    ...packFaultOf(options),
    outputDirectory: options.output,
    json: options.json ?? false,
  });
  process.exitCode = exitCodes[verdict];
}

function packFaultOf(options: DemoCommandOptions): { readonly packFault?: PackFault } {
  const { refuseDetection: detections, refusePack, failPack } = options;
  if (detections !== undefined) return { packFault: { kind: 'refuse-detections', detections } };
  if (refusePack) return { packFault: { kind: 'refuse-pack' } };
  return failPack ? { packFault: { kind: 'fail-pack' } } : {};
}

/** @returns milliseconds */
function parseOutage(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs % minuteMs !== 0) {
    throw new InvalidArgumentError('It must be whole minutes, such as 6m or 1h.');
  }
  return durationMs;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > lateMax) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${lateMax}.`);
  }
  return count;
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (!/^\d+$/.test(text) || minutes < 1 || minutes > 60 || 60 % minutes !== 0) {
    throw new InvalidArgumentError('It must be whole minutes that divide the hour.');
  }
  return minutes;
}
