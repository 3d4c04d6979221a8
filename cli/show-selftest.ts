import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { findAwsAccess } from '../doctor/observe/aws-access.ts';
import { limitResponses } from '../lambda/response-limit.ts';
import { type Clock, systemClock, systemTimer, type Timer } from '../lambda/time.ts';
import { visibleText } from '../local/visible-text.ts';
import { loadDetections } from '../queries/load-detections.ts';
import { askYes } from './ask-yes.ts';
import { interruptibleTimer } from './interruption.ts';
import { jsonText } from './json-text.ts';
import { onSignals } from './on-signals.ts';
import type { SelftestShell } from './selftest/call-logs.ts';
import { intention } from './selftest/intention.ts';
import { ScratchGroups } from './selftest/scratch-groups.ts';
import { deleteCommands, newRunId, selftest } from './selftest/selftest.ts';
import { showSelftestReport } from './selftest/show-report.ts';
import { UserError } from './user-error.ts';

export interface ShowSelftestOptions {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly keep: boolean;
  /** Print the report as JSON, and nothing else on the standard output. */
  readonly json: boolean;
  /** Do not ask. */
  readonly yes: boolean;
}

/** By what it tells the time, and waits. */
export interface SelftestTime {
  readonly clock: Clock;
  readonly timer: Timer;
}

const systemTime: SelftestTime = { clock: systemClock, timer: systemTimer };

/** As for everything else that was not done. */
const exitCouldNotBeRun = 2;

/**
 * Runs the self-test on the account that the credentials lead to, and prints what came of it.
 *
 * @returns whether AWS answers as the monitor relies on it
 * @throws UserError, ObserveError when it could not be run, or log groups remain
 */
export async function showSelftest(
  options: ShowSelftestOptions,
  { clock, timer } = systemTime,
): Promise<boolean> {
  const { profile, keep, json, yes } = options;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!yes && !isTerminal) {
    throw new UserError(
      'selftest makes log groups, and asks before that: give --yes where nobody can answer',
    );
  }
  const { region, credentials } = await findAwsAccess(options);
  const detections = loadDetections();
  console.error(intention({ region, profile, detections, keep }));
  if (!yes && !(await askYes('Do it?')))
    throw new UserError('the answer was not yes; nothing was made');

  const logs = new CloudWatchLogsClient({
    ...{ region, credentials },
    // One attempt: what is worth repeating is repeated by the code that calls, as in the function.
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
      console.error('interrupted; what was made is deleted, a second Ctrl+C ends at once');
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
