import { describeError } from '../../lambda/common/log.ts';
import { DeadlineError } from '../../lambda/common/retry.ts';
import { firstCallError } from '../shared/aws-failure.ts';
import { UserError } from '../shared/user-error.ts';

/** A failed call that the self-test cannot continue without. */
export class SelftestFailure extends Error {
  override readonly name = 'SelftestFailure';
  /** The IAM action, such as `logs:CreateLogGroup`. */
  readonly action: string;
  /** The purpose of the call, such as `creating log group …`. */
  readonly doing: string;

  constructor(action: string, doing: string, cause: unknown) {
    super(`${doing}: ${action} failed`, { cause });
    this.action = action;
    this.doing = doing;
  }
}

/** The user interrupted the self-test. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** The IAM policy with the actions that the self-test needs. */
const policyFile = 'docs/selftest-policy.json';

/**
 * Why the self-test could not be completed, as a clause without a full stop.
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
      ? ` (${policyFile} lists all required actions)`
      : '';
    return `${doing} in ${region} failed: ${known.message}${hint}`;
  }
  if (!(cause instanceof Error)) return `${doing} in ${region} failed: ${String(cause)}`;
  const said = describeError(cause);
  if (cause.name === 'LimitExceededException' && action === 'logs:StartQuery') {
    return `${doing} in ${region} failed: other queries use up the account's concurrent query quota; try again later (${said})`;
  }
  if (error.cause instanceof DeadlineError) {
    return `${doing} in ${region} failed: AWS refused every attempt of ${action} until the deadline (${said})`;
  }
  return `${doing} in ${region} failed: ${action}: ${said}`;
}

/** AWS's error, unwrapped from this project's own errors. */
export function rootCause(error: unknown): unknown {
  const ours = new Set(['DeadlineError', 'QueryError', 'SelftestFailure']);
  return error instanceof Error && ours.has(error.name) && error.cause !== undefined
    ? rootCause(error.cause)
    : error;
}
