import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { classifyAwsError } from '../../lambda/aws-errors.ts';
import { type LogType, logTypes } from '../../lambda/log-types.ts';
import { valueAt } from '../../lambda/value-at.ts';
import { UserError } from '../user-error.ts';
import { callLogs, type SelftestShell } from './call-logs.ts';
import { InterruptedError, rootCause, SelftestFailure } from './selftest-failure.ts';

/** How the names of all self-tests' log groups begin. */
export const scratchPrefix = 'privilege-monitor-selftest-';
/** The stream that every group's events are put into. */
export const scratchStream = 'selftest';

/** Should nothing delete them, the groups hold nothing any more after a day. */
const retentionInDays = 1;

/** A Region that cannot be reached is known after the first call. */
const firstPatienceMs = 5_000;

/** A name that AWS says is somebody else's. */
const taken = 'ResourceAlreadyExistsException';

/**
 * The log groups of one run: it deletes those that it made, and no other.
 *
 * A group counts as made as soon as AWS may have made it. That the answer to CreateLogGroup was lost
 * does not tell; the name holds the run's own random id, and nobody had it a moment before.
 */
export class ScratchGroups {
  readonly #shell: SelftestShell;
  readonly #id: string;
  readonly #made = new Set<string>();

  /** @param id of the run, lower-case letters and digits */
  constructor(shell: SelftestShell, id: string) {
    this.#shell = shell;
    this.#id = id;
  }

  /** In the order of the log types. */
  get names(): readonly string[] {
    return logTypes.map((logType) => this.nameOf(logType));
  }

  nameOf(logType: LogType): string {
    return `${scratchPrefix}${this.#id}-${logType}`;
  }

  /** Those that AWS has, or may have. */
  get remaining(): readonly string[] {
    return [...this.#made];
  }

  /** Names of self-tests' log groups that are there already: of a run that was killed, or goes on. */
  async findOthers(): Promise<string[]> {
    const doing = 'looking for log groups of other runs';
    const groups = await this.#describe(scratchPrefix, doing, firstPatienceMs);
    return groups.flatMap(({ logGroupName }) => logGroupName ?? []);
  }

  /**
   * Makes the groups, each with its retention and its stream.
   *
   * @throws UserError when a name is taken
   */
  async make(): Promise<void> {
    for (const logGroupName of this.names) {
      await this.#create(logGroupName);
      await this.#call('PutRetentionPolicy', logGroupName, (options) =>
        this.#shell.logs.send(
          new PutRetentionPolicyCommand({ logGroupName, retentionInDays }),
          options,
        ),
      );
      const logStreamName = scratchStream;
      await this.#call('CreateLogStream', logGroupName, (options) =>
        this.#shell.logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }), options),
      );
    }
  }

  /** When the last of the groups was made, by the clock of AWS; undefined while one is not listed. */
  async createdEpochMs(): Promise<number | undefined> {
    const prefix = `${scratchPrefix}${this.#id}-`;
    const groups = await this.#describe(prefix, 'asking when the log groups were made');
    const times = groups.flatMap(({ creationTime }) => creationTime ?? []);
    return times.length < logTypes.length ? undefined : Math.max(...times);
  }

  /**
   * Deletes what this run made; a group that is gone already is deleted.
   *
   * @param shell that no interruption hurries
   * @returns what AWS said where it did not delete, by the name of the group
   */
  async deleteAll(shell: SelftestShell): Promise<ReadonlyMap<string, SelftestFailure>> {
    const failures = new Map<string, SelftestFailure>();
    for (const logGroupName of this.remaining) {
      try {
        await callLogs(shell, {
          ...{ operation: 'DeleteLogGroup', doing: `deleting log group ${logGroupName}` },
          lostAnswersMax: 3,
          send: (options) => shell.logs.send(new DeleteLogGroupCommand({ logGroupName }), options),
        });
        this.#made.delete(logGroupName);
      } catch (error) {
        if (!(error instanceof SelftestFailure)) throw error;
        if (isNamed(error.cause, 'ResourceNotFoundException')) this.#made.delete(logGroupName);
        else failures.set(logGroupName, error);
      }
    }
    return failures;
  }

  async #create(logGroupName: string): Promise<void> {
    this.#made.add(logGroupName);
    const command = new CreateLogGroupCommand({ logGroupName });
    // An answer that CloudWatch Logs is away (503) may come after the group was made.
    let mayBeMade = false;
    try {
      await callLogs(this.#shell, {
        ...{ operation: 'CreateLogGroup', doing: `making log group ${logGroupName}` },
        send: (options) =>
          this.#shell.logs.send(command, options).catch((error: unknown) => {
            mayBeMade ||= (statusOf(error) ?? 0) >= 500;
            throw error;
          }),
      });
    } catch (error) {
      const isTaken = error instanceof SelftestFailure && isNamed(error.cause, taken);
      if (isTaken && mayBeMade) return;
      if (!mayBeMade && wasNotCarriedOut(error)) this.#made.delete(logGroupName);
      if (isTaken) {
        throw new UserError(`there is a log group ${logGroupName} already; try again`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  async #call<T>(
    operation: string,
    logGroup: string,
    send: (options: { requestTimeout: number }) => Promise<T>,
  ): Promise<void> {
    try {
      await callLogs(this.#shell, {
        ...{ operation, doing: `making log group ${logGroup}`, isOfNewGroup: true },
        ...{ lostAnswersMax: 3, send },
      });
    } catch (error) {
      // The answer of an earlier attempt was lost: the stream is there.
      if (error instanceof SelftestFailure && isNamed(error.cause, taken)) return;
      throw error;
    }
  }

  async #describe(
    logGroupNamePrefix: string,
    doing: string,
    patienceMs?: number,
  ): Promise<LogGroup[]> {
    const groups: LogGroup[] = [];
    let nextToken: string | undefined;
    do {
      const command = new DescribeLogGroupsCommand({
        logGroupNamePrefix,
        ...(nextToken !== undefined && { nextToken }),
      });
      const page = await callLogs(this.#shell, {
        ...{ operation: 'DescribeLogGroups', doing, lostAnswersMax: 3 },
        ...(patienceMs !== undefined && { patienceMs }),
        send: (options) => this.#shell.logs.send(command, options),
      });
      groups.push(...(page.logGroups ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return groups;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Whether an error of CreateLogGroup says that nothing was made: AWS refused, or was not reached. */
function wasNotCarriedOut(error: unknown): boolean {
  if (error instanceof InterruptedError) return true;
  const cause = rootCause(error);
  const status = statusOf(cause);
  const isRefused = status !== undefined && status >= 400 && status < 500;
  return isRefused || ['throttled', 'unavailable'].includes(classifyAwsError(cause));
}

function statusOf(error: unknown): number | undefined {
  const status = valueAt(error, ['$metadata', 'httpStatusCode']);
  return typeof status === 'number' ? status : undefined;
}
