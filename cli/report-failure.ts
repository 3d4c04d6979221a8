import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { ObserveError } from '../doctor/observe/observe-error.ts';
import { SessionError } from '../local/demo/session.ts';
import { UnknownLogGroupError } from '../local/insights-engine/unknown-log-group-error.ts';
import { LogReadError } from '../local/log-readers/log-read-error.ts';
import { visibleText } from '../local/visible-text.ts';
import { InputError } from '../queries/checked-yaml.ts';
import { UserError } from './user-error.ts';

const exitBadInput = 2;
const userErrors = [
  UserError,
  InputError,
  LogReadError,
  ObserveError,
  SessionError,
  UnknownLogGroupError,
];
/** EX_SOFTWARE of sysexits.h: the error is in this program. */
const exitInternalError = 70;

/**
 * Writes an error as one line to the standard error stream; what a user cannot put right also gets a
 * line that asks for a report.
 *
 * @returns the exit code: 0 when the error is none (help was asked for), 2 for bad input, 70 for an
 *   error of this program itself
 */
export function reportFailure(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitBadInput;

  console.error(`${styleText('red', 'error:', { stream: process.stderr })} ${summary(error)}`);
  if (error instanceof UserError && error.detail) console.error(error.detail);
  if (debug) console.error(error);
  if (userErrors.some((type) => error instanceof type)) return exitBadInput;

  console.error(
    'This is a fault of privilege-monitor itself; please report it, with the output of the same command with --debug.',
  );
  return exitInternalError;
}

function summary(error: unknown): string {
  return visibleText(error instanceof Error ? error.message : String(error));
}
