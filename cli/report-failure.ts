import { styleText } from 'node:util';
import { ObserveError } from '../doctor/observe/aws-access.ts';
import { SessionError } from '../local/demo/session/session.ts';
import { UnknownLogGroupError } from '../local/insights-engine/engine-types.ts';
import { LogReadError } from '../local/log-readers/report/read-report.ts';
import { visibleText } from '../local/visible-text.ts';
import { InputError } from '../queries/tools/checked-yaml.ts';
import { UserError } from './common/output.ts';
import { exitBadInput } from './program.ts';

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
 * Prints an error on the standard error stream: one line, or a line for each problem of a file. For an
 * error that the user cannot fix, it also prints a request to report it.
 *
 * @returns the exit code: 2 for bad input, 70 for an error of this program
 */
export function reportFailure(error: unknown, debug: boolean): number {
  const label = styleText('red', 'error:', { stream: process.stderr });
  for (const problem of problemsOf(error)) console.error(`${label} ${visibleText(problem)}`);
  if (error instanceof UserError && error.detail) console.error(error.detail);
  if (debug) console.error(error);
  if (userErrors.some((type) => error instanceof type)) return exitBadInput;

  console.error(
    'This is a bug in privilege-monitor; please report it with the output of the same command with --debug.',
  );
  return exitInternalError;
}

/** What is wrong with a file is a list; any other message is one line, whatever it quotes. */
function problemsOf(error: unknown): string[] {
  if (error instanceof InputError) return error.message.split('\n');
  return [error instanceof Error ? error.message : String(error)];
}
