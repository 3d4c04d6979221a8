import { styleText } from 'node:util';
import { Command, CommanderError } from 'commander';
import { ObserveError } from '../doctor/observe/aws-access.ts';
import { SessionError } from '../local/demo/session/session.ts';
import { UnknownLogGroupError } from '../local/insights-engine/engine-types.ts';
import { LogReadError } from '../local/log-readers/report/read-report.ts';
import { visibleText } from '../local/visible-text.ts';
import packageJson from '../package.json' with { type: 'json' };
import { InputError } from '../queries/tools/checked-yaml.ts';
import { auditCommand } from './audit/audit-command.ts';
import { UserError } from './common/output.ts';
import { demoCommand } from './demo/demo-command.ts';
import { doctorCommand } from './doctor/doctor-command.ts';
import { queryCommand } from './query/query-command.ts';
import { replayCommand } from './replay/replay-command.ts';
import { selftestCommand } from './selftest/selftest-command.ts';
import { sendTestCommand } from './send-test/send-test-command.ts';
import { serveCommand } from './serve/serve-command.ts';

const exitBadInput = 2;
const userErrors = [
  UserError,
  InputError,
  LogReadError,
  ObserveError,
  SessionError,
  UnknownLogGroupError,
];
/** EX_SOFTWARE of sysexits.h: an error in this program. */
const exitInternalError = 70;

/**
 * Prints an error as one line on the standard error stream, and for an error that the user cannot
 * fix also a request to report it.
 *
 * @returns the exit code: 0 for a request for help, 2 for bad input, 70 for an error of this
 *   program
 */
export function reportFailure(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitBadInput;

  console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${summary(error)}`);
  if (error instanceof UserError && error.detail) console.error(error.detail);
  if (debug) console.error(error);
  if (userErrors.some((type) => error instanceof type)) return exitBadInput;

  console.error(
    'This is a bug in privilege-monitor; please report it with the output of the same command with --debug.',
  );
  return exitInternalError;
}

function summary(error: unknown): string {
  return visibleText(error instanceof Error ? error.message : String(error));
}

// A reader that closes the pipe early (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const program = new Command('privilege-monitor')
  .description(
    'Watches Amazon MWAA for changes of Apache Airflow privileges. All commands run on this machine; only `doctor` and `audit`, which are read-only, `send-test` and `selftest` call AWS.',
  )
  .version(packageJson.version, '--version', 'show the version')
  .option('--debug', 'show the stack trace of an error')
  .helpCommand(false)
  .exitOverride();

for (const command of [
  demoCommand(),
  replayCommand(),
  queryCommand(),
  serveCommand(),
  doctorCommand(),
  auditCommand(),
  sendTestCommand(),
  selftestCommand(),
]) {
  program.addCommand(command.copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  const debug = program.opts<{ debug?: boolean }>().debug || Boolean(process.env.DEBUG);
  process.exitCode = reportFailure(error, debug);
}
