import { type Change, writeHoldMs } from '../model/correlation-state.ts';
import type { Severity } from '../model/finding.ts';
import { higherSeverity, severityRank } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { verbNames, verbs } from '../model/verbs.ts';
import {
  addCommand,
  addDetections,
  addEvidence,
  addRole,
  addSubjects,
  addVerb,
  hasRoomFor,
  isSummary,
} from './change.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
} from './correlation-pass.ts';
import { endWrite } from './expire.ts';
import { firstAtOrAfter } from './refusal.ts';
import { asDoneBy, changeKey, namesOfWrite, verbProduces } from './same-change.ts';
import type { WaitingCommand } from './waiting-commands.ts';

/** A line that reports an outcome is a change, together with its command and its writes. */
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
  // A command that is known to have worked is never milder than one whose outcome is unknown.
  if (command !== undefined) {
    change.severity = higherSeverity(change.severity, command.severity);
  }
  claimWrites(pass, change, signal, event.timestamp);
  pass.open.touch(change, event.timestamp);
}

/**
 * `Admin User x created.` is a line of Flask-AppBuilder's own. If the stream shows another
 * product's command or log, and no Airflow command, the line is that product's. A line of Airflow's
 * security manager before it would raise the severity again, and so would a command.
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
 * Whether a line that looks quoted is Airflow's own: a command waits for it, or the security
 * manager has just written about a user. A DAG's author can write the words around a line, but not
 * these lines.
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

/**
 * Lines of the security manager about a user, written just before an Airflow command prints its
 * own.
 */
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

/**
 * Assigns a command to the change that it made; the change takes names from it that its own line
 * lacks.
 */
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
 * Assigns the waiting lines of the security manager to the change that caused them: it takes over
 * the worst severity among them, and their names.
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
