import { describeError } from '../../lambda/log.ts';
import { DeadlineError } from '../../lambda/retry.ts';
import { firstCallError } from '../send-test/aws-failure.ts';
import { UserError } from '../user-error.ts';

/** A call without whose answer the self-test cannot go on. */
export class SelftestFailure extends Error {
  override readonly name = 'SelftestFailure';
  /** As an IAM policy names it: `logs:CreateLogGroup`. */
  readonly action: string;
  /** What it was called for: `making log group …`. */
  readonly doing: string;

  constructor(action: string, doing: string, cause: unknown) {
    super(`${doing}: ${action} failed`, { cause });
    this.action = action;
    this.doing = doing;
  }
}

/** Somebody ended the self-test before it was done. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** Where the actions that the self-test needs are listed. */
const policyFile = 'docs/selftest-policy.json';

/**
 * Why the self-test could not be run, as one clause without a full stop.
 *
 * @returns undefined for an error of this program itself
 */
export function failureClause(error: unknown, region: string): string | undefined {
  if (error instanceof InterruptedError) return 'it was interrupted';
  if (error instanceof UserError) return error.message;
  if (!(error instanceof SelftestFailure)) return undefined;
  const { action, doing } = error;
  const cause = rootCause(error.cause);
  const known = firstCallError(cause, action);
  if (known instanceof UserError) {
    const hint = known.message.includes('may not call')
      ? ` (${policyFile} lists all it needs)`
      : '';
    return `${doing} in ${region} failed: ${known.message}${hint}`;
  }
  if (!(cause instanceof Error)) return `${doing} in ${region} failed: ${String(cause)}`;
  const said = describeError(cause);
  if (cause.name === 'LimitExceededException' && action === 'logs:StartQuery') {
    return `${doing} in ${region} failed: others use up the queries that the account may run at once; try again later (${said})`;
  }
  if (error.cause instanceof DeadlineError) {
    return `${doing} in ${region} failed: AWS refused ${action} as long as it was asked again (${said})`;
  }
  return `${doing} in ${region} failed: ${action}: ${said}`;
}

/** What AWS said, beneath what this project's own code says about it. */
export function rootCause(error: unknown): unknown {
  const ours = new Set(['DeadlineError', 'QueryError', 'SelftestFailure']);
  return error instanceof Error && ours.has(error.name) && error.cause !== undefined
    ? rootCause(error.cause)
    : error;
}
