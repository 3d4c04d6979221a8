import type { SliceRecord } from '../../lambda/ledger/marks.ts';

/**
 * What is known of a span of a log group:
 * - `watched`: it was read, and the group was known to be covered; no finding means no match;
 * - `blind`: it was read, but the group was not known to be covered, so no match proves nothing;
 * - `lost`: it can never be read, which was reported as a coverage gap;
 * - `unknown`: the ledger has no record of it.
 */
export type SpanState = 'watched' | 'blind' | 'lost' | 'unknown';

export interface CoverageSpan {
  readonly logGroup: string;
  readonly startEpochMs: number;
  /** Not included. */
  readonly endEpochMs: number;
  readonly state: SpanState;
  /** Why it is lost. */
  readonly reason?: string;
}

interface Range {
  readonly fromEpochMs: number;
  readonly toEpochMs: number;
}

/**
 * What was watched of each log group within a range, without holes: each moment is in exactly one
 * span of its group.
 *
 * @param slices what the scan read, in any order; where two overlap, which no run writes, the one
 *   that claims less counts: lost, then blind, then watched
 */
export function coverageSpans(
  slices: readonly SliceRecord[],
  logGroups: readonly string[],
  range: Range,
): CoverageSpan[] {
  return logGroups.flatMap((logGroup) =>
    spansOf(
      logGroup,
      slices.filter((slice) => slice.logGroup === logGroup),
      range,
    ),
  );
}

function spansOf(
  logGroup: string,
  slices: readonly SliceRecord[],
  { fromEpochMs, toEpochMs }: Range,
): CoverageSpan[] {
  const clipped = slices
    .map((slice) => ({
      slice,
      startEpochMs: Math.max(slice.startEpochMs, fromEpochMs),
      endEpochMs: Math.min(slice.endEpochMs, toEpochMs),
    }))
    .filter(({ startEpochMs, endEpochMs }) => startEpochMs < endEpochMs);
  const borders = [
    ...new Set([
      fromEpochMs,
      toEpochMs,
      ...clipped.flatMap(({ startEpochMs, endEpochMs }) => [startEpochMs, endEpochMs]),
    ]),
  ].sort((a, b) => a - b);
  const inOrder = clipped.toSorted((a, b) => a.startEpochMs - b.startEpochMs);
  const spans: CoverageSpan[] = [];
  let next = 0;
  let open: typeof inOrder = [];
  for (const [at, startEpochMs] of borders.slice(0, -1).entries()) {
    const endEpochMs = borders[at + 1] ?? toEpochMs;
    for (; (inOrder[next]?.startEpochMs ?? Number.POSITIVE_INFINITY) <= startEpochMs; next += 1) {
      const opened = inOrder[next];
      if (opened !== undefined) open.push(opened);
    }
    open = open.filter((one) => one.endEpochMs > startEpochMs);
    const known = open.map(({ slice }) => knownOf(slice)).sort((a, b) => rankOf(a) - rankOf(b))[0];
    const last = spans.at(-1);
    const { state, reason } = known ?? { state: 'unknown' as const, reason: undefined };
    if (last?.state === state && last.reason === reason) {
      spans[spans.length - 1] = { ...last, endEpochMs };
    } else {
      spans.push({
        ...{ logGroup, startEpochMs, endEpochMs, state },
        ...(reason !== undefined && { reason }),
      });
    }
  }
  return spans;
}

interface Known {
  readonly state: SpanState;
  readonly reason?: string | undefined;
}

function knownOf({ outcome, covered, reason }: SliceRecord): Known {
  if (outcome === 'gap') return { state: 'lost', reason };
  return { state: covered ? 'watched' : 'blind' };
}

const claims: readonly SpanState[] = ['lost', 'blind', 'watched'];

function rankOf({ state }: Known): number {
  return claims.indexOf(state);
}

/** `2026-11-29 10:00 to 2026-11-29 11:00 UTC  watched`, one line a span, below its log group. */
export function coverageLines(spans: readonly CoverageSpan[]): string[] {
  return [...Map.groupBy(spans, ({ logGroup }) => logGroup)].flatMap(([logGroup, ofGroup]) => [
    logGroup,
    ...ofGroup.map(({ startEpochMs, endEpochMs, state, reason }) => {
      const why = reason === undefined ? '' : ` (${reason})`;
      return `  ${minuteText(startEpochMs)} to ${minuteText(endEpochMs)} UTC  ${state}${why}`;
    }),
  ]);
}

function minuteText(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ');
}
