import { createHash } from 'node:crypto';
import { cutText } from '../common/text.ts';
import { hourMs } from '../common/time.ts';
import { actorOf } from '../model/actor.ts';
import { higherSeverity, type Severity, severityRank } from '../model/severity.ts';
import type { ObservedEvent, Signal } from '../model/signal.ts';
import { redactSecrets } from '../redact/redact.ts';
import { escaped, shownName } from '../text/show-text.ts';
import { severityAlone } from './change-budget.ts';
import type { ChangeFlood } from './flood-schema.ts';

/** Actors that one flood names; further ones are named by further floods, see divideAmongFloods. */
export const floodActorsMax = 200;
/** Users and roles that a flood names; the rest is counted. */
const namesMax = 100;
/** Actors whose worst line a flood shows. */
const samplesMax = 10;
export const nameCharactersMax = 64;
const sampleCharactersMax = 300;
/**
 * Bytes of users, and of roles, as JSON: a name may take six bytes per character, and with its
 * actors (at most 160 kB), seconds and streams a flood has to fit into one item of 400 kB.
 */
const nameBytesMax = 30_000;
/** Streams that a log group's flood remembers, so that a sweep does not report them again. */
export const floodStreamsMax = 4_000;
const streamPrefixCharacters = 10;

/** What is counted: one signal, or several omitted signals of one event. */
interface Counted {
  readonly event: ObservedEvent;
  readonly signal?: Signal;
  readonly severity: Severity;
  readonly times: number;
}

export function hourOf(epochMs: number): number {
  return Math.floor(epochMs / hourMs) * hourMs;
}

/**
 * A flood with further lines added.
 *
 * @param lines of one hour, in reading order: all uncorrelated lines of each second that they touch
 * @param omittedOnly lines that are correlated but have omitted signals (`omitted`)
 */
export function addToFlood(
  before: ChangeFlood | undefined,
  lines: readonly ObservedEvent[],
  omittedOnly: readonly ObservedEvent[] = [],
): ChangeFlood | undefined {
  const counted = [...lines.flatMap(signalsOf), ...omittedOnly.flatMap(omittedOf)];
  const bySecond = Map.groupBy(counted, ({ event }) => secondOf(event.timestamp));
  const builder = new FloodBuilder(before);
  for (const [second, all] of bySecond) builder.addSecond(second, all);
  return builder.flood();
}

function signalsOf(event: ObservedEvent): Counted[] {
  const counted: Counted[] = event.signals.map((signal) => ({
    ...{ event, signal, times: 1 },
    severity: severityAlone(signal),
  }));
  return [...counted, ...omittedOf(event)];
}

function omittedOf(event: ObservedEvent): Counted[] {
  const { omitted } = event;
  return omitted === undefined ? [] : [{ event, severity: omitted.severity, times: omitted.count }];
}

function secondOf(epochMs: number): string {
  return String(Math.floor((epochMs - hourOf(epochMs)) / 1000));
}

type Actor = ChangeFlood['actors'][number];
type Named = ChangeFlood['targets'][number];

class FloodBuilder {
  readonly #bySecond: Record<string, number>;
  readonly #byKind: Record<string, number>;
  readonly #actors: Map<string, Actor>;
  readonly #targets: Map<string, Named>;
  readonly #roles: Map<string, Named>;
  readonly #redactedNames = new Map<string, string>();
  readonly #before: ChangeFlood | undefined;
  #severity: Severity;
  #firstEpochMs: number;
  #lastEpochMs: number;

  constructor(before: ChangeFlood | undefined) {
    this.#before = before;
    this.#bySecond = { ...before?.bySecond };
    this.#byKind = { ...before?.byKind };
    this.#actors = new Map(before?.actors.map((actor) => [actor.name, actor]));
    this.#targets = new Map(before?.targets.map((named) => [named.name, named]));
    this.#roles = new Map(before?.roles.map((named) => [named.name, named]));
    this.#severity = before?.severity ?? 'info';
    this.#firstEpochMs = before?.firstEpochMs ?? Number.POSITIVE_INFINITY;
    this.#lastEpochMs = before?.lastEpochMs ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Takes names and severities of all signals, and counts those beyond the number counted before.
   */
  addSecond(second: string, all: readonly Counted[]): void {
    const known = this.#bySecond[second] ?? 0;
    let passed = 0;
    for (const counted of all) {
      passed += counted.times;
      this.#add(counted, Math.max(0, Math.min(counted.times, passed - known)));
    }
    this.#bySecond[second] = Math.max(known, passed);
  }

  #add({ event, signal, severity }: Counted, times: number): void {
    this.#severity = higherSeverity(this.#severity, severity);
    this.#firstEpochMs = Math.min(this.#firstEpochMs, event.timestamp);
    this.#lastEpochMs = Math.max(this.#lastEpochMs, event.timestamp);
    const kind = `${signal?.verb ?? signal?.kind ?? 'unread'} ${severity}`;
    if (times > 0) this.#byKind[kind] = (this.#byKind[kind] ?? 0) + times;
    const target = this.#redacted(signal?.target);
    const role = this.#redacted(signal?.role);
    addName(this.#targets, target, severity);
    addName(this.#roles, role, severity);
    // Evidence that is no finding by itself takes no actor's place.
    if (severity === 'info') return;
    const name = floodActorName(event, signal);
    const before = this.#actors.get(name);
    const isWorse = before === undefined || severityRank(severity) > severityRank(before.severity);
    const whom = isWorse ? whomOf(target, role) : before.whom;
    this.#actors.set(name, {
      name,
      firstEpochMs: Math.min(before?.firstEpochMs ?? event.timestamp, event.timestamp),
      severity: higherSeverity(before?.severity ?? severity, severity),
      signals: (before?.signals ?? 0) + times,
      sample: isWorse ? cutText(event.message, sampleCharactersMax) : before.sample,
      logStream: isWorse ? event.logStream : before.logStream,
      ...(whom !== undefined && { whom }),
    });
  }

  /** Each name once: a flood repeats few names, and to look for secrets takes long. */
  #redacted(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    const known = this.#redactedNames.get(name) ?? redactSecrets(name);
    this.#redactedNames.set(name, known);
    return known;
  }

  flood(): ChangeFlood | undefined {
    if (this.#firstEpochMs === Number.POSITIVE_INFINITY) return undefined;
    const actors = [...this.#actors.values()].sort(
      (a, b) => worse(a, b) || b.signals - a.signals || (a.name < b.name ? -1 : 1),
    );
    const namedActors = actors
      .slice(0, floodActorsMax)
      .map((actor, at) => (at < samplesMax ? actor : { ...actor, sample: '', logStream: '' }));
    const [allTargets, allRoles] = [[...this.#targets.values()], [...this.#roles.values()]];
    const [targets, roles] = [worstNames(allTargets), worstNames(allRoles)];
    const omitted = allTargets.length + allRoles.length - targets.length - roles.length;
    return {
      severity: this.#severity,
      bySecond: this.#bySecond,
      byKind: this.#byKind,
      actors: namedActors,
      unnamedSignals:
        (this.#before?.unnamedSignals ?? 0) +
        actors.slice(namedActors.length).reduce((sum, { signals }) => sum + signals, 0),
      targets,
      roles,
      namesOmitted: Math.max(this.#before?.namesOmitted ?? 0, omitted),
      firstEpochMs: this.#firstEpochMs,
      lastEpochMs: this.#lastEpochMs,
      ...(this.#before?.streams && { streams: this.#before.streams }),
    };
  }
}

function worstNames(names: readonly Named[]): Named[] {
  const kept = names.toSorted(worseName).slice(0, namesMax);
  let bytes = 0;
  const end = kept.findIndex((named) => {
    bytes += jsonBytes(named);
    return bytes > nameBytesMax;
  });
  return end < 0 ? kept : kept.slice(0, end);
}

function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function worse(a: { severity: Severity }, b: { severity: Severity }): number {
  return severityRank(b.severity) - severityRank(a.severity);
}

function worseName(a: Named, b: Named): number {
  return worse(a, b) || (a.name < b.name ? -1 : 1);
}

function addName(names: Map<string, Named>, name: string | undefined, severity: Severity): void {
  if (name === undefined) return;
  const cut = cutText(name, nameCharactersMax);
  const known = names.get(cut);
  names.set(cut, { name: cut, severity: higherSeverity(known?.severity ?? severity, severity) });
}

/** The author of a line, as a flood names authors: all runs of a mapped task count as one task. */
export function floodActorName(
  { logGroup, logStream }: ObservedEvent,
  signal: Signal | undefined,
): string {
  const { dag, task, dagFile, user } = actorOf({ logGroup, logStream }, signal?.user);
  if (dag !== undefined && task !== undefined) return `DAG ${named(dag)}, task ${named(task)}`;
  if (dagFile !== undefined) return `DAG file ${named(dagFile)}`;
  if (user !== undefined) return `user ${named(user)}`;
  return `log stream ${named(logStream, 100)}`;
}

const actorCharactersMax = 40;
const whomCharactersMax = 24;

/** A cut name is kept distinct from others that begin alike. */
function named(name: string, charactersMax = actorCharactersMax): string {
  const short = shortName(name, charactersMax);
  if (!short.isCut) return short.text;
  return `${short.text}#${createHash('sha256').update(name).digest('hex').slice(0, 10)}`;
}

/**
 * Quotes are escaped like everything deceptive: in JSON within JSON they would take eight bytes
 * each.
 */
function shortName(name: string, charactersMax: number) {
  const start = escaped(name.slice(0, charactersMax + 1)).replace(/"/g, '\\u{0022}');
  return { text: shownName(start, charactersMax), isCut: start.length > charactersMax };
}

function whomOf(target: string | undefined, role: string | undefined): string | undefined {
  const names = [target, role].filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  return names.map((name) => shortName(name, whomCharactersMax).text).join(' / ');
}

/** Adds prefixes of stream ids, up to the limit. */
export function withStreams(flood: ChangeFlood, streamIds: Iterable<string>): ChangeFlood {
  const streams = new Set(flood.streams);
  for (const streamId of streamIds) {
    if (streams.size >= floodStreamsMax) break;
    streams.add(streamPrefix(streamId));
  }
  return { ...flood, streams: [...streams] };
}

export function streamPrefix(streamId: string): string {
  return streamId.slice(0, streamPrefixCharacters);
}

export function signalCount({ bySecond }: ChangeFlood): number {
  return Object.values(bySecond).reduce((sum, signals) => sum + signals, 0);
}
