import { type Severity, severityRank } from '../model/severity.ts';
import type { ObservedEvent } from '../model/signal.ts';
import { severityAlone } from './change-budget.ts';
import { floodActorName, floodActorsMax, floodStreamsMax, streamPrefix } from './change-flood.ts';
import type { ChangeFlood } from './flood-schema.ts';

/** One of several floods of one place and hour. */
export interface FloodLink {
  readonly actors: readonly Pick<ChangeFlood['actors'][number], 'name' | 'severity'>[];
  readonly streams: readonly string[];
  /** Absent if there is none yet. */
  readonly severity: Severity | undefined;
  /** It has not been sent yet: its message will name the actors that it takes in now. */
  readonly isOpen: boolean;
}

/**
 * Divides lines among the floods of one place and hour, so that every author is named in a message.
 *
 * A line whose actors a flood already names, with at least the line's severity, goes to that flood:
 * a slice that is read again changes nothing. Others go to the first flood that has not been sent
 * and has room for them. The worst lines choose first, and among these the actors with few lines:
 * an attacker's flood has many. If no flood has room, the last one counts them.
 *
 * @param links as many as there may be, in their order
 * @param streamIdOf returns the id by which floods remember a stream
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

/** The worst severity of each actor's lines, by the actor's name. */
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
    // Evidence that is no finding by itself may go to any flood.
    if (actors.size === 0) return true;
    const isKnown = [...actors].every(([name, rank]) => (this.#actors.get(name) ?? -1) >= rank);
    return isKnown && this.#remembers(stream);
  }

  hasRoom(actors: Actors, stream: string | undefined): boolean {
    const unknown = [...actors.keys()].filter((name) => !this.#actors.has(name)).length;
    const isRoom = this.#actors.size + unknown <= floodActorsMax;
    // A flood that gets worse is reported again.
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

/** Evidence that is no finding by itself takes no actor's place. */
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
