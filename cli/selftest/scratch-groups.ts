import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { classifyAwsError } from '../../lambda/aws/call-aws.ts';
import { valueAt } from '../../lambda/common/parse-input.ts';
import { type LogType, logTypes } from '../../lambda/model/log-types.ts';
import { UserError } from '../common/output.ts';
import {
  callLogs,
  InterruptedError,
  rootCause,
  SelftestFailure,
  type SelftestShell,
} from './call-logs.ts';

/** The prefix of the names of every self-test's log groups. */
export const scratchPrefix = 'privilege-monitor-selftest-';
/** The log stream for the events of each group. */
export const scratchStream = 'selftest';

/** If the groups are never deleted, their events expire after a day. */
const retentionInDays = 1;

/** The limit of the first call, which reveals an unreachable Region quickly. */
const firstPatienceMs = 5_000;

/** AWS's error for a name that is taken. */
const taken = 'ResourceAlreadyExistsException';

/**
 * The log groups of one run, which deletes those that it created, and no others.
 *
 * A group counts as created as soon as AWS may have created it. If the answer to CreateLogGroup was
 * lost, the group is this run's own all the same, since its name contains the run's random id.
 */
export class ScratchGroups {
  readonly #shell: SelftestShell;
  readonly #id: string;
  readonly #made = new Set<string>();

  /** @param id the run's id: lower-case letters and digits */
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

  /** The names of created groups that exist, or may exist. */
  get remaining(): readonly string[] {
    return [...this.#made];
  }

  /** The names of other runs' log groups: of a killed run, or of one in progress. */
  async findOthers(): Promise<string[]> {
    const doing = 'looking for log groups of other runs';
    const groups = await this.#describe(scratchPrefix, doing, firstPatienceMs);
    return groups.flatMap(({ logGroupName }) => logGroupName ?? []);
  }

  /**
   * Creates the groups, each with its retention and its stream.
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

  /** When the last of the groups was created, by AWS's clock; undefined while one is not listed. */
  async createdEpochMs(): Promise<number | undefined> {
    const prefix = `${scratchPrefix}${this.#id}-`;
    const groups = await this.#describe(prefix, 'reading when the log groups were created');
    const times = groups.flatMap(({ creationTime }) => creationTime ?? []);
    return times.length < logTypes.length ? undefined : Math.max(...times);
  }

  /**
   * Deletes the groups that this run created; one that no longer exists counts as deleted.
   *
   * @param shell one without interruptions
   * @returns the failures, by name of the group
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
    // CloudWatch Logs may create the group and still answer with a server error (503).
    let mayBeMade = false;
    try {
      await callLogs(this.#shell, {
        ...{ operation: 'CreateLogGroup', doing: `creating log group ${logGroupName}` },
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
        throw new UserError(`log group ${logGroupName} already exists; try again`, {
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
        ...{ operation, doing: `creating log group ${logGroup}`, isOfNewGroup: true },
        ...{ lostAnswersMax: 3, send },
      });
    } catch (error) {
      // The answer to an earlier attempt was lost, but the stream was created.
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

/** Whether CreateLogGroup certainly created nothing: AWS refused it, or was not reached. */
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
