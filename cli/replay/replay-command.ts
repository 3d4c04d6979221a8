import { Command, InvalidArgumentError, Option } from 'commander';
import { type Severity, severities } from '../../lambda/model/severity.ts';
import { startSpareThread } from '../../local/log-threads/judge-worker.ts';
import {
  allowIncompleteOption,
  environmentOption,
  logGroupOption,
  logsOption,
  logTypeOption,
} from '../common/log-options.ts';
import { type OutputFormat, outputFormat, outputOption } from '../common/output-format.ts';
import { checkedRegion } from '../common/region.ts';
import { checkOrder, parseDuration, timeRangeOptions } from '../common/time-options.ts';
import type { ReplayResult, ShowReplayOptions } from './show-replay.ts';

type ReplayCommandOptions = Omit<ShowReplayOptions, 'format'> & {
  readonly output?: OutputFormat;
  readonly json?: boolean;
};

const examples = `
Examples:
  $ npx privilege-monitor replay --logs events.ndjson
  $ npx privilege-monitor replay --logs ~/airflow/logs --environment Prod --from 2026-11-22
  $ npx privilege-monitor replay --logs logs/ --approvals environments/prod.yaml
  $ npx privilege-monitor replay --logs logs/ --report report.html
  $ npx privilege-monitor replay --logs logs/ --json | jq 'select(.severity == "critical")'
  $ npx privilege-monitor replay --logs logs/ --region eu-west-1 --mail 3f0c9a41

With --mail, the exit code says only whether all of the logs could be read.
With --json or --output, only findings are printed on the standard output: with ndjson, one on each
line; with json, all in a list; with csv, their main fields. Exit code 1 if there is a finding at
--alert-at or above; 2 if not all of the logs could be read, whatever
was found in the rest.`;

export function replayCommand(): Command {
  const command = new Command('replay')
    .description('find privilege changes in local logs with the detections of the monitor')
    .addOption(logsOption().makeOptionMandatory())
    .addOption(environmentOption())
    .addOption(logTypeOption())
    .addOption(logGroupOption())
    .addOption(allowIncompleteOption())
    .option('--detections <directory>', "detection files instead of the project's own")
    .addOption(
      new Option('--alert-at <severity>', 'lowest severity that makes the exit code 1')
        .choices(severities)
        .default('medium' satisfies Severity),
    )
    .option(
      '--approvals <file>',
      "an environment's file: changes that it approves are listed separately and not counted",
    )
    .addOption(
      new Option(
        '--airflow <version>',
        'Airflow version that wrote the logs, such as 2.10.3: default permissions of its roles are not reported as changes (default: as far as the lines show it)',
      ).argParser(checked(/^\d+\.\d+(?:\.\d+)?$/, 'It must be a version, such as 2.10.3.')),
    )
    .addOption(
      new Option(
        '--account <id>',
        'AWS account of the environment, for the JSON (default: unknown)',
      ).argParser(checked(/^\d{12}$/, 'It must have 12 digits.')),
    )
    .addOption(
      new Option(
        '--region <region>',
        'AWS Region of the environment, for the JSON and links (default: unknown)',
      ).argParser(checkedRegion),
    )
    .option('--report <file>', 'also write the findings as an HTML page that loads nothing')
    .addOption(outputOption())
    .option('--json', 'print each finding as one line of JSON: --output ndjson')
    .addOption(
      new Option(
        '--mail <id>',
        'print the mail about one finding, as it would arrive: its id, or how that begins',
      )
        .argParser(checked(/^[0-9a-fA-F]{4,32}$/, 'It must be 4 to 32 hexadecimal digits.'))
        .conflicts(['json', 'output', 'report']),
    )
    .addHelpText('after', examples)
    .action(runReplay);
  // Replay used to query its logs in slices; scripts may still say how wide.
  command.addOption(
    new Option('--slice <duration>', 'has no effect').argParser(parseDuration).hideHelp(),
  );
  for (const option of timeRangeOptions()) command.addOption(option);
  return command;
}

function checked(form: RegExp, rule: string): (value: string) => string {
  return (value) => {
    if (!form.test(value)) throw new InvalidArgumentError(rule);
    return value;
  };
}

const exitCodes: Readonly<Record<ReplayResult, number>> = { quiet: 0, alerting: 1, incomplete: 2 };

async function runReplay(options: ReplayCommandOptions): Promise<void> {
  checkOrder(options);
  const format = outputFormat(options, 'ndjson');
  startSpareThread(options.logs);
  const { showReplay } = await import('./show-replay.ts');
  const result = await showReplay({ ...options, format });
  process.exitCode = exitCodes[result];
}
