import { createHash } from 'node:crypto';
import type { WaitingFinding } from '../findings/finding-actor.ts';
import { severityRank } from '../model/severity.ts';

/** Notifications of single findings in a tick; all other findings are named in digests. */
export const singlesMax = 20;

/** Single notifications that each source gets before sources compete. */
export const singlesPerSource = 3;

/** Findings of one actor before it is the next actor's turn. */
const findingsPerRound = 3;

/**
 * The order in which findings get a notification of their own, best first.
 *
 * Each source (a log type, or the monitor itself) gets its first three places, so that no flood in one
 * log group displaces another group. The rest goes round by round: three findings of each actor
 * (DAG, user, stream), the worst first. Of equal actors the one with the fewest findings comes first,
 * because a flood has many. An attacker can invent any number of actors, so the last criterion is random
 * and differs from tick to tick: any fixed order could be exploited.
 *
 * @param seed random, different in each tick
 */
export function orderOfSingles<T extends WaitingFinding>(
  waiting: readonly T[],
  { seed }: { readonly seed: string },
): T[] {
  const bySource = Map.groupBy(ranked(waiting, seed), ({ finding }) => finding.source);
  const candidates = [...bySource.values()].flatMap((ofSource) =>
    [...Map.groupBy(ofSource, ({ finding }) => finding.actorKey).values()]
      .flatMap((ofActor) =>
        ofActor
          .sort((a, b) => worstThenEarliest(a.finding, b.finding))
          .map((one, at) => ({ ...one, round: Math.floor(at / findingsPerRound) })),
      )
      .sort((a, b) => a.round - b.round || inOrder(a, b))
      // A source's guaranteed places come before every round.
      .map((one, at) => (at < singlesPerSource ? { ...one, round: -1 } : one)),
  );
  return candidates
    .sort((a, b) => a.round - b.round || inOrder(a, b))
    .map(({ finding }) => finding);
}

/**
 * The order in which digests name findings: the worst first, so that what the time of a tick cuts off
 * is the mildest. Among equals, the findings of sources and actors that have few of that severity
 * come before those of a flood.
 *
 * A finding that was left over twice comes before all others, so that an endless flood cannot hold back a
 * milder finding indefinitely.
 *
 * @param seed random, different in each tick
 */
export function orderOfDigests<T extends WaitingFinding>(
  waiting: readonly T[],
  {
    seed,
    tickEpochMs,
    periodMs,
  }: { readonly seed: string; readonly tickEpochMs: number; readonly periodMs: number },
): T[] {
  const wasLeftOver = ({ sinceEpochMs }: Ranked<T>) =>
    Number(tickEpochMs - sinceEpochMs >= 2 * periodMs);
  return ranked(waiting, seed)
    .sort((a, b) => wasLeftOver(b) - wasLeftOver(a) || inOrder(a, b))
    .map(({ finding }) => finding);
}

/** A finding and the other facts that decide its place. */
interface Ranked<T extends WaitingFinding = WaitingFinding> {
  readonly finding: T;
  readonly rank: number;
  /** How many findings of this severity its source has. */
  readonly ofSource: number;
  /** Likewise, its actor. */
  readonly ofActor: number;
  /** Infinity for one that was notified before. */
  readonly sinceEpochMs: number;
  readonly lot: number;
}

function ranked<T extends WaitingFinding>(waiting: readonly T[], seed: string): Ranked<T>[] {
  const drawn = numberOf(createHash('sha256').update(seed).digest('hex'));
  const counts = new Map<string, number>();
  const keysOf = ({ severity, source, actorKey }: T) =>
    [`${severity} ${source}`, `${severity} ${actorKey}`] as const;
  for (const key of waiting.flatMap(keysOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return waiting.map((finding) => {
    const [source, actor] = keysOf(finding);
    return {
      finding,
      rank: severityRank(finding.severity),
      ofSource: counts.get(source) ?? 0,
      ofActor: counts.get(actor) ?? 0,
      sinceEpochMs: finding.waitingSinceEpochMs ?? Number.POSITIVE_INFINITY,
      lot: (numberOf(finding.actorKey) ^ drawn) >>> 0,
    };
  });
}

/** The worst first, then few before many, then the longest pending, then at random. */
function inOrder(a: Ranked, b: Ranked): number {
  return (
    b.rank - a.rank ||
    a.ofSource - b.ofSource ||
    a.ofActor - b.ofActor ||
    a.sinceEpochMs - b.sinceEpochMs ||
    a.lot - b.lot ||
    worstThenEarliest(a.finding, b.finding)
  );
}

function worstThenEarliest(a: WaitingFinding, b: WaitingFinding): number {
  return (
    severityRank(b.severity) - severityRank(a.severity) ||
    a.firstSeenEpochMs - b.firstSeenEpochMs ||
    (a.findingId < b.findingId ? -1 : 1)
  );
}

function numberOf(hexDigits: string): number {
  return Number.parseInt(hexDigits.slice(0, 8), 16);
}
