import {
  addCommand,
  addDetections,
  addEvidence,
  addRole,
  addSubjects,
  addVerb,
  hasRoomFor,
  higherSeverity,
  isSummary,
  severityRank,
} from './change.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
} from './correlation-pass.ts';
import { type Change, writeHoldMs } from './correlation-state.ts';
import { endWrite } from './expire.ts';
import type { Severity } from './finding.ts';
import { firstAtOrAfter } from './refusal.ts';
import { asDoneBy, changeKey, namesOfWrite, verbProduces } from './same-change.ts';
import type { ObservedEvent, Signal } from './signal.ts';
import { verbNames, verbs } from './verbs.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/** A line that says what happened is a change, together with its command and its writes. */
export function takeOutcome(pass: CorrelationPass, event: ObservedEvent, line: Signal): void {
  const command = pass.commands.best(line);
  const signal = asDoneBy(line, command?.signal);
  const severity = isShownReal(pass, event, line, command)
    ? higherSeverity(line.fullSeverity ?? 'info', line.severity)
    : severityOf(pass, event, signal, command);
  const change =
    changeToJoin(pass, event, signal, command) ??
    openChange(pass, event, signal, { outcome: 'succeeded', severity });
  if (command !== undefined) claimCommand(pass, change, command);
  joinChange(pass, change, event, signal);
  change.severity = higherSeverity(change.severity, severity);
  change.outcome = 'succeeded';
  // To know that a command worked makes it no milder than not to know.
  if (command !== undefined) {
    change.severity = higherSeverity(change.severity, command.severity);
  }
  claimWrites(pass, change, signal, event.timestamp);
  pass.open.touch(change, event.timestamp);
}

/**
 * `Admin User x created.` is Flask-AppBuilder's own: where the stream shows another product's command or log,
 * and no command of Airflow's, it is that product's. Airflow's security manager would have written a line before
 * it, which raises it again; so would a command.
 */
function severityOf(
  { otherProducts, settings }: CorrelationPass,
  { timestamp }: ObservedEvent,
  { severity, verb, role }: Signal,
  command: WaitingCommand | undefined,
): Severity {
  const isFlasks =
    verb !== undefined && verbs[verb].isInFlaskAppBuilder === true && role === undefined;
  if (!isFlasks || command !== undefined) return severity;
  const reachMs = settings.correlateSeconds * 1000;
  const nearest = otherProducts[firstAtOrAfter(otherProducts, timestamp - reachMs)];
  const isNear = nearest !== undefined && nearest.event.timestamp <= timestamp + reachMs;
  return isNear && severityRank(severity) > severityRank('low') ? 'low' : severity;
}

/**
 * Whether a line that somebody seems to quote is Airflow's: a command waits for it, or the security manager
 * has just written about a user. The words around it are the author's, these lines are not.
 */
function isShownReal(
  { writes }: CorrelationPass,
  { timestamp }: ObservedEvent,
  { fullSeverity }: Signal,
  command: WaitingCommand | undefined,
): boolean {
  if (fullSeverity === undefined) return false;
  if (command !== undefined) return true;
  const sinceEpochMs = timestamp - writeHoldMs;
  return confirmingVerbs.some((verb) => writes.holds(verb, sinceEpochMs));
}

/** What the security manager writes about a user just before a command of Airflow's prints its line. */
const confirmingVerbs = verbNames.filter((verb) => verbs[verb].confirmsQuote);

/** A closing line joins what it closes, unless a command of its own waits for it. */
function changeToJoin(
  pass: CorrelationPass,
  event: ObservedEvent,
  signal: Signal,
  command: WaitingCommand | undefined,
): Change | undefined {
  if (isSummary(signal) && (command === undefined || command.claimed)) {
    const closes = pass.open.touchedLast(
      (verb) => verbProduces(signal.verb, verb),
      event.timestamp - writeHoldMs,
    );
    if (closes !== undefined) return closes;
  }
  const open = findOpenChange(pass, changeKey(signal), event.timestamp);
  return open !== undefined && hasRoomFor(open, signal) ? open : undefined;
}

/** Gives a command to the change that it made, which takes from it what its own line did not name. */
export function claimCommand(
  { commands, open }: CorrelationPass,
  change: Change,
  command: WaitingCommand,
): void {
  if (!command.claimed) commands.claim(command);
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  addCommand(change, command.signal);
  if (change.targets.length === 0) addSubjects(change, command.signal);
  if (change.roles.length === 0) {
    const { role, roles = [] } = command.signal;
    for (const name of [role, ...roles]) addRole(change, name);
  }
  open.update(change);
}

/**
 * Gives the security manager's lines that wait to the change that they were written for: it is as bad
 * as the worst of them, and names whom they name.
 */
function claimWrites(pass: CorrelationPass, change: Change, owner: Signal, epochMs: number): void {
  for (const write of pass.writes.takeFor(owner, epochMs)) {
    const { signal, event } = write;
    const names = namesOfWrite(signal);
    if (!hasRoomFor(change, names)) {
      endWrite(pass, write);
      continue;
    }
    addSubjects(change, { ...signal, target: names.target, role: names.role });
    addEvidence(change, [event]);
    addDetections(change, signal.detections);
    addVerb(change, signal);
    change.severity = higherSeverity(change.severity, signal.severity);
  }
}
