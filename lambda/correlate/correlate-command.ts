import { type Change, failureHoldMs, writeHoldMs } from '../model/correlation-state.ts';
import type { Outcome } from '../model/finding.ts';
import { higherSeverity, type Severity, severityRank } from '../model/severity.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { verbNames, verbs } from '../model/verbs.ts';
import {
  addCommand,
  addDetections,
  addEvidence,
  addRole,
  addSubjects,
  addVerb,
  asEvidence,
  hasRoomFor,
  isSummary,
} from './change.ts';
import {
  type CorrelationPass,
  findOpenChange,
  joinChange,
  openChange,
  reachOf,
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
function claimCommand(
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

/**
 * SQL that a database hook is about to run. Its result comes after it; without one, it is not known
 * whether it worked, and it counts by what it touches.
 */
export function takeStatement(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { severity } = signal;
  const command = pass.commands.best(signal);
  const change =
    findOpenChange(pass, changeKey(signal), event.timestamp) ??
    openChange(pass, event, signal, { outcome: 'unknown', severity });
  if (command !== undefined) claimCommand(pass, change, command);
  joinChange(pass, change, event, signal);
  change.severity = higherSeverity(change.severity, severity);
  pass.statements.set(change, (pass.statements.get(change) ?? 0) + 1);
  pass.running = { change, epochMs: event.timestamp };
}

/**
 * The outcome of the statement before: the number of rows that it changed, or an exception right
 * after it. If one change has several statements, the failure of one says nothing about the others.
 *
 * Changed rows outweigh an earlier line that reports no success, which the statement's author could
 * have written: the change gets back the severity of what it touches.
 */
export function takeResult(pass: CorrelationPass, event: ObservedEvent, result: Signal): void {
  if (result.object !== undefined) confirmCommands(pass);
  const { running } = pass;
  if (running === undefined) return;
  const { outcome = 'unknown' } = result;
  const sinceMs = event.timestamp - running.epochMs;
  if (sinceMs > pass.settings.correlateSeconds * 1000) return;
  const { change, severityBefore } = running;
  if (outcome === 'succeeded') {
    pass.running = undefined;
    if (severityBefore === undefined) {
      change.outcome = 'succeeded';
      return;
    }
    change.outcome = 'unknown';
    change.severity = higherSeverity(change.severity, severityBefore);
    addEvidence(change, [event]);
    return;
  }
  if (outcome === 'failed' && sinceMs > failureHoldMs) return;
  if (change.outcome !== 'unknown' || pass.statements.get(change) !== 1) return;
  pass.running = { ...running, severityBefore: change.severity };
  change.outcome = outcome;
  change.severity = 'medium';
  addEvidence(change, [event]);
  addDetections(change, result.detections);
  pass.open.update(change);
}

/** The severity of SQL that a database hook announces. */
const severityOfStatements = 'critical';

/**
 * psql reports changed rows: the SQL that this stream's commands were given counts as run. A report
 * that no rows changed settles nothing, since the command's author could have printed it.
 */
function confirmCommands(pass: CorrelationPass): void {
  for (const command of pass.commands.statements()) {
    const [anchor] = command.evidence;
    if (anchor === undefined) continue;
    const change = openChange(pass, anchor, command.signal, {
      outcome: 'succeeded',
      severity: severityOfStatements,
    });
    claimCommand(pass, change, command);
  }
}

/**
 * Makes an echoed command wait for its outcome. A repeated echo is evidence of the command that
 * already waits, or of the change it made; but after a command that failed it is a new try.
 */
export function takeCommand(pass: CorrelationPass, event: ObservedEvent, signal: Signal): void {
  const { commands } = pass;
  const key = changeKey(signal);
  const exception = event.signals.find(isException);
  const known = commands.unclaimed(key);
  const change = known === undefined ? changeOf(pass, event, key) : undefined;
  if (change !== undefined) {
    joinChange(pass, change, event, signal);
    // A command that is known to have worked must not be milder than one whose outcome is unknown.
    change.severity = higherSeverity(change.severity, signal.severity);
    return;
  }
  if (known !== undefined) {
    if (known.evidence.length < evidenceMax) known.evidence.push(asEvidence(event));
    known.detections = [...new Set([...known.detections, ...signal.detections])];
    known.severity = higherSeverity(known.severity, signal.severity);
  }
  const waiting =
    known ??
    commands.add({
      signal,
      key,
      epochMs: event.timestamp,
      evidence: [asEvidence(event)],
      detections: [...signal.detections],
      severity: signal.severity,
    });
  if (event.signals.some(isClientsAnswer)) confirmCommands(pass);
  else if (exception !== undefined && waiting.signal.silenced !== true) {
    settle(pass, waiting, 'failed', event, exception);
  }
}

/** Lines that are stored for one repeated command; a finding shows no more of them. */
const evidenceMax = 100;

/** The change that an echoed command belongs to, if it is not a new try. */
function changeOf(pass: CorrelationPass, event: ObservedEvent, key: string): Change | undefined {
  const open = findOpenChange(pass, key, event.timestamp);
  if (open !== undefined) return open;
  // An echo in a report of the failure is no new try.
  const isReport = event.signals.some(
    (signal) => isException(signal) || (signal.kind === 'failure' && changeKey(signal) === key),
  );
  return isReport ? pass.open.failed(key, reachOf(pass, event.timestamp)) : undefined;
}

function isException({ kind, outcome }: Signal): boolean {
  return kind === 'result' && outcome === 'failed';
}

/** Whether psql's answer is in the same event as the trace. */
function isClientsAnswer({ kind, object }: Signal): boolean {
  return kind === 'result' && object !== undefined;
}

/**
 * Settles a command that failed, according to the log. The author of the command could have written
 * that line too, so the change is at least medium: people are still notified.
 */
export function settle(
  pass: CorrelationPass,
  command: WaitingCommand,
  outcome: Outcome,
  event: ObservedEvent,
  by: Signal,
): void {
  const anchor = command.evidence[0] ?? asEvidence(event);
  const severity = higherSeverity('medium', by.severity);
  const change = openChange(pass, anchor, command.signal, { outcome, severity });
  addEvidence(change, command.evidence);
  addDetections(change, command.detections);
  pass.commands.remove(command);
  joinChange(pass, change, event, { ...by, target: undefined, role: undefined });
}
