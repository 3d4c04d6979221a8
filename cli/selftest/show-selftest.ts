import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { findAwsAccess } from '../../doctor/observe/aws-access.ts';
import { limitResponses } from '../../lambda/aws/response-limit.ts';
import { type Clock, systemClock, systemTimer, type Timer } from '../../lambda/common/time.ts';
import { visibleText } from '../../local/visible-text.ts';
import { loadDetections } from '../../queries/tools/load-detections.ts';
import { askYes } from '../shared/ask-yes.ts';
import { interruptibleTimer } from '../shared/interruption.ts';
import { jsonText } from '../shared/json-text.ts';
import { onSignals } from '../shared/on-signals.ts';
import { UserError } from '../shared/user-error.ts';
import type { SelftestShell } from './call-logs.ts';
import { intention } from './intention.ts';
import { ScratchGroups } from './scratch-groups.ts';
import { deleteCommands, newRunId, selftest } from './selftest.ts';
import { showSelftestReport } from './show-selftest-report.ts';

export interface ShowSelftestOptions {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly keep: boolean;
  /** Print only the report, as JSON, on the standard output. */
  readonly json: boolean;
  /** Do not ask for confirmation. */
  readonly yes: boolean;
}

/** The clock and the timer of a run. */
export interface SelftestTime {
  readonly clock: Clock;
  readonly timer: Timer;
}

const systemTime: SelftestTime = { clock: systemClock, timer: systemTimer };

/** The exit code of every command that could not be run. */
const exitCouldNotBeRun = 2;

/**
 * Runs the self-test in the credentials' account, and prints the report.
 *
 * @returns whether AWS behaves as the monitor expects
 * @throws UserError, ObserveError when it could not be completed, or log groups remain
 */
export async function showSelftest(
  options: ShowSelftestOptions,
  { clock, timer } = systemTime,
): Promise<boolean> {
  const { profile, keep, json, yes } = options;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes && !isTerminal) {
    throw new UserError(
      'selftest creates log groups and asks for confirmation, but there is no terminal: give --yes',
    );
  }
  const { region, credentials } = await findAwsAccess(options);
  const detections = loadDetections();
  console.error(intention({ region, profile, detections, keep }));
  if (!yes && !(await askYes('Continue?')))
    throw new UserError('the answer was not yes; nothing was created');

  const logs = new CloudWatchLogsClient({
    ...{ region, credentials },
    // One attempt: the calling code retries, as in the function.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, throwOnRequestTimeout: true },
  });
  limitResponses(logs);
  const stop = new AbortController();
  const shell: SelftestShell = {
    ...{ logs, random: Math.random, interrupted: stop.signal },
    timer: timer === systemTimer ? interruptibleTimer(stop.signal) : timer,
    log: () => undefined,
  };
  const scratch = new ScratchGroups(shell, newRunId());
  const forget = onSignals((_signal, presses) => {
    if (presses === 1) {
      stop.abort();
      console.error('interrupted; deleting the log groups, a second Ctrl+C ends at once');
      return;
    }
    const remain = scratch.remaining;
    if (remain.length > 0) {
      console.error(`these log groups remain:\n${deleteCommands(remain, { region, profile })}`);
    }
    process.exit(exitCouldNotBeRun);
  });
  try {
    const { report, failure } = await selftest(shell, {
      ...{ region, profile, scratch, detections, keep },
      ...{ clock, deletingTimer: timer },
      onStage: (stage) => console.error(`- ${visibleText(stage)}`),
    });
    if (report !== undefined) {
      console.log(json ? jsonText(report, 2) : showSelftestReport(report));
    }
    if (failure !== undefined) throw failure;
    return report?.result === 'ok';
  } finally {
    forget();
    logs.destroy();
  }
}
