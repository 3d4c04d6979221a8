import { severityRank } from '../model/finding.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { verbs } from '../model/verbs.ts';

/**
 * Signals of one event that go into correlation and the ledger. Airflow's own lines say one thing
 * each, a script's echo about ten; a line of thousands is made to cost time, and every signal may
 * become a finding.
 */
const signalsMax = 100;

/** Their bytes as JSON: a DynamoDB item holds 400 kB, including the rest of the event. */
const signalBytesMax = 100_000;

/** Roles whose grant gives control of the environment; a command for one of them ranks first. */
const powerfulRoles: ReadonlySet<string> = new Set(['Admin', 'Op', 'Public']);

/**
 * The signals of an event that go on, in their order, and how many are left out.
 *
 * The first and the last always go on, then the worst by severity; among equals a powerful role,
 * then any name, then the earlier one. The same event results in the same signals each time it is
 * read.
 */
export function chooseSignals(
  signals: readonly Signal[],
): Pick<ObservedEvent, 'signals' | 'omitted'> {
  const candidates = signals.map((signal, at) => ({ signal, at, weight: weightOf(signal) }));
  const last = candidates.length - 1;
  const isEnd = (at: number) => (at === 0 || at === last ? 1 : 0);
  candidates.sort((a, b) => isEnd(b.at) - isEnd(a.at) || b.weight - a.weight || a.at - b.at);
  const chosen = new Set<number>();
  let bytes = 0;
  let worstOmitted: Signal | undefined;
  for (const { signal, at } of candidates) {
    const size = Buffer.byteLength(JSON.stringify(signal));
    if (chosen.size < signalsMax && bytes + size <= signalBytesMax) {
      chosen.add(at);
      bytes += size;
    } else if (severityRank(signal.severity) > rankOf(worstOmitted)) {
      worstOmitted = signal;
    }
  }
  const count = signals.length - chosen.size;
  return {
    signals: signals.filter((_, at) => chosen.has(at)),
    ...(worstOmitted && { omitted: { count, severity: worstOmitted.severity } }),
  };
}

function rankOf(signal: Signal | undefined): number {
  return signal === undefined ? -1 : severityRank(signal.severity);
}

/** Severity first; then what a command of unknown outcome may have given away. */
function weightOf({ severity, verb, target, role, object }: Signal): number {
  const gives = verb !== undefined && verbs[verb].gives === true;
  const isPowerful = gives && role !== undefined && powerfulRoles.has(role);
  const isNamed = target !== undefined || role !== undefined || object !== undefined;
  return severityRank(severity) * 3 + (isPowerful ? 2 : isNamed ? 1 : 0);
}
