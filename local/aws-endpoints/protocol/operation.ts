import type { z } from 'zod';
import { describeIssues } from '../../../lambda/common/parse-input.ts';
import type { AwsPlace } from '../../aws-place.ts';
import type { Clock } from '../../clock.ts';

/** An AWS error response: a code that clients match on, and a message for people. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly httpStatus: number;
  /** Members of the response besides code and message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: ErrorOptions & { httpStatus?: number; details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.httpStatus = options.httpStatus ?? 400;
    this.details = options.details ?? {};
  }
}

/** What every operation may use; each service extends it by what its own operations need. */
export interface OperationContext {
  readonly clock: Clock;
  readonly place: AwsPlace;
  readonly onInternalError: (error: unknown, operation: string) => void;
}

/** One operation of an AWS service, from its decoded input to its output before encoding. */
export interface Operation<Context> {
  readonly name: string;
  /** @throws AwsError, also for invalid input */
  call(input: unknown, context: Context): Promise<object>;
}

/** @param invalidInputCode the service's error code for invalid input */
export function defineOperation<Schema extends z.ZodType, Context>(
  name: string,
  invalidInputCode: string,
  schema: Schema,
  run: (input: z.output<Schema>, context: Context) => object | Promise<object>,
): Operation<Context> {
  return {
    name,
    async call(input, context) {
      const parsed = schema.safeParse(input);
      if (!parsed.success) {
        throw new AwsError(invalidInputCode, describeIssues(parsed.error, input));
      }
      return await run(parsed.data, context);
    },
  };
}

/** @throws AwsError listing the supported operations when there is none of this name */
export function findOperation<Context>(
  operations: readonly Operation<Context>[],
  name: string,
  service: string,
): Operation<Context> {
  const found = operations.find((operation) => operation.name === name);
  if (found) return found;
  const supported = operations.map((operation) => operation.name).join(', ');
  throw new AwsError(
    'UnknownOperationException',
    `${service} ${name || 'without an operation'} is not answered here; supported: ${supported}`,
  );
}

/**
 * Calls an operation; the only error it throws is an {@link AwsError}.
 *
 * An internal error is reported and answered as InternalFailure with status 400: clients retry a
 * 500, and a retry does not fix a bug.
 */
export async function callOperation<Context extends Pick<OperationContext, 'onInternalError'>>(
  operation: Operation<Context>,
  input: unknown,
  context: Context,
): Promise<object> {
  try {
    return await operation.call(input, context);
  } catch (error) {
    if (error instanceof AwsError) throw error;
    context.onInternalError(error, operation.name);
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('InternalFailure', `${operation.name} failed: ${reason}`, { cause: error });
  }
}
