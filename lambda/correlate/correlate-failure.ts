import type { ObservedEvent, Signal } from '../model/signal.ts';
import { settle } from './correlate-command.ts';
import { type CorrelationPass, joinChange, openChange, reachOf } from './correlation-pass.ts';
import { canHaveFailed, changeKey } from './same-change.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/** A message about a failed command settles the command that can have written it. */
export function takeFailure(pass: CorrelationPass, event: ObservedEvent, failure: Signal): void {
  const failed = failedCommand(pass, event, failure);
  if (failed !== undefined) settle(pass, failed, 'failed', event, failure);
}

function failedCommand(
  { commands }: CorrelationPass,
  event: ObservedEvent,
  failure: Signal,
): WaitingCommand | undefined {
  const isOwnEcho = event.signals.some(
    (signal) => signal.kind === 'command' && changeKey(signal) === changeKey(failure),
  );
  if (isOwnEcho) {
    const own = commands.unclaimed(changeKey(failure));
    return own?.signal.silenced === true ? undefined : own;
  }
  const isNameless = failure.target === undefined && failure.role === undefined;
  // A message that names nobody belongs to the only waiting command, if there is only one.
  if (isNameless && commands.unclaimedCount !== 1) return undefined;
  return commands.visible(failure, (verb) => canHaveFailed(verb, failure));
}

/**
 * Airflow blocked a task's access to the metadata database: all waiting commands of the airflow
 * program are denied. If none waits, the attempt is a change of its own, which further lines join.
 */
export function takeBlock(pass: CorrelationPass, event: ObservedEvent, block: Signal): void {
  const blocked = pass.commands.blockable();
  for (const command of blocked) settle(pass, command, 'denied', event, block);
  if (blocked.length > 0) return;
  const { severity } = block;
  const isRecent =
    pass.blocked !== undefined && pass.blocked.anchorEpochMs >= reachOf(pass, event.timestamp);
  if (!isRecent || pass.blocked === undefined) {
    pass.blocked = openChange(pass, event, block, { outcome: 'denied', severity });
  }
  joinChange(pass, pass.blocked, event, block);
}
