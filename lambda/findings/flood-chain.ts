import { severityRank } from './change.ts';
import { severityAlone } from './change-budget.ts';
import {
  type ChangeFlood,
  floodActorName,
  floodActorsMax,
  floodStreamsMax,
  streamPrefix,
} from './change-flood.ts';
import type { Severity } from './finding.ts';
import type { ObservedEvent } from './signal.ts';

/** A flood that is one of several of one place and hour. */
export interface FloodLink {
  readonly actors: readonly Pick<ChangeFlood['actors'][number], 'name' | 'severity'>[];
  readonly streams: readonly string[];
  /** Absent where there is none yet. */
  readonly severity: Severity | undefined;
  /** People were not notified of it yet: whom it takes in now, its message will name. */
  readonly isOpen: boolean;
}

/**
 * Divides lines among the floods of one place and hour, so that whoever wrote one is named in a message.
 *
 * A line whose actors a flood names already, as bad as they are in this line, is of that flood: so a
 * slice that is read again changes nothing. Others go to the first flood that people were not notified
 * of and that has a place for them. The worst lines choose first, and among these the actors of whom
 * there are few: it is the flood that has many. Where no flood has a place, the last one counts them.
 *
 * @param links as many as there may be, in their order
 * @param streamIdOf where floods remember their streams
 * @returns the lines of each flood, in the order in which they were given
 */
export function divideAmongFloods(
  lines: readonly ObservedEvent[],
  links: readonly FloodLink[],
  streamIdOf?: (line: ObservedEvent) => string,
): ObservedEvent[][] {
  const places = links.map((link) => new Place(link));
  const last = places.length - 1;
  const chosen = new Map<ObservedEvent, number>();
  for (const { line, actors } of inOrderOfChoice(lines)) {
    const stream = streamIdOf && streamPrefix(streamIdOf(line));
    const knownAt = places.findIndex((place) => place.knows(actors, stream));
    const at = knownAt >= 0 ? knownAt : places.findIndex((place) => place.hasRoom(actors, stream));
    places[at >= 0 ? at : last]?.take(actors, stream);
    chosen.set(line, at >= 0 ? at : last);
  }
  return places.map((_, at) => lines.filter((line) => chosen.get(line) === at));
}

/** By name, how bad the worst of what an actor wrote is. */
type Actors = ReadonlyMap<string, number>;

class Place {
  readonly #actors: Map<string, number>;
  readonly #streams: Set<string>;
  #rank: number;
  #isOpen: boolean;

  constructor({ actors, streams, severity, isOpen }: FloodLink) {
    this.#actors = new Map(actors.map(({ name, severity }) => [name, severityRank(severity)]));
    this.#streams = new Set(streams);
    this.#rank = severity === undefined ? -1 : severityRank(severity);
    this.#isOpen = isOpen;
  }

  knows(actors: Actors, stream: string | undefined): boolean {
    // Evidence that is no finding by itself may be anywhere.
    if (actors.size === 0) return true;
    const isKnown = [...actors].every(([name, rank]) => (this.#actors.get(name) ?? -1) >= rank);
    return isKnown && this.#remembers(stream);
  }

  hasRoom(actors: Actors, stream: string | undefined): boolean {
    const unknown = [...actors.keys()].filter((name) => !this.#actors.has(name)).length;
    const isRoom = this.#actors.size + unknown <= floodActorsMax;
    // One that gets worse is reported again.
    const isReported = this.#isOpen || worstOf(actors) > this.#rank;
    return isReported && isRoom && this.#remembers(stream);
  }

  take(actors: Actors, stream: string | undefined): void {
    const rank = worstOf(actors);
    this.#isOpen ||= rank > this.#rank;
    this.#rank = Math.max(rank, this.#rank);
    for (const [name, rank] of actors) {
      if (this.#actors.size >= floodActorsMax && !this.#actors.has(name)) continue;
      this.#actors.set(name, Math.max(rank, this.#actors.get(name) ?? -1));
    }
    if (stream !== undefined) this.#streams.add(stream);
  }

  #remembers(stream: string | undefined): boolean {
    return (
      stream === undefined || this.#streams.has(stream) || this.#streams.size < floodStreamsMax
    );
  }
}

function worstOf(actors: Actors): number {
  return Math.max(-1, ...actors.values());
}

function inOrderOfChoice(lines: readonly ObservedEvent[]) {
  const named = lines.map((line) => {
    const actors = actorsOf(line);
    return { line, actors, rank: worstOf(actors) };
  });
  const linesOf = new Map<string, number>();
  for (const name of named.flatMap(({ actors }) => [...actors.keys()])) {
    linesOf.set(name, (linesOf.get(name) ?? 0) + 1);
  }
  return named
    .map((one) => ({
      ...one,
      fewest: Math.min(...[...one.actors.keys()].map((name) => linesOf.get(name) ?? 0)),
    }))
    .sort((a, b) => b.rank - a.rank || a.fewest - b.fewest);
}

/** Evidence that is no finding by itself takes nobody's place. */
function actorsOf(line: ObservedEvent): Actors {
  const actors = new Map<string, number>();
  const add = (name: string, rank: number) => {
    if (rank > 0) actors.set(name, Math.max(rank, actors.get(name) ?? 0));
  };
  for (const signal of line.signals) {
    add(floodActorName(line, signal), severityRank(severityAlone(signal)));
  }
  if (line.omitted) add(floodActorName(line, undefined), severityRank(line.omitted.severity));
  return actors;
}
