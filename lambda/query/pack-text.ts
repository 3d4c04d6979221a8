import type { Candidate } from '../plan/scan-plan.ts';

/** A query text for the events of several detections at once. */
export interface PackText {
  /** Their ids, in the plan's order. */
  readonly detections: readonly string[];
  readonly queryString: string;
  /**
   * StartQuery's parameter `limit`, in rows; the text has no limit of its own then.
   * @default ScanPlan.packRowsMax, which is in the text itself
   */
  readonly rowsMax?: number;
}

/** The highest number of rows of one answer: an answer with this many may be cut off. */
export const packRowsMax = 10_000;

/**
 * StartQuery's parameter `limit` allows 100,000 rows, of which GetQueryResults gives 10,000 a page.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
const parameterLimitFactor = 10;

/**
 * A text that asks for every event that may belong to one of the candidates, the oldest first,
 * without saying which one. The text of some candidates is never longer than that of all.
 *
 * @param candidates in the plan's order, at least one
 */
export function packText(candidates: readonly Candidate[], rowsMax = packRowsMax): PackText {
  return {
    detections: candidates.map(({ id }) => id),
    queryString: [...commandsOf(candidates), `limit ${rowsMax}`].join(' | '),
  };
}

/**
 * Two texts that each ask for half of the detections. The text of a single detection may have ten
 * times as many rows: that costs only time, and it cannot be split further.
 *
 * @param candidates all candidates of the plan
 * @returns none for the text of a single detection that has this higher limit already
 */
export function partsOf(
  text: PackText,
  candidates: readonly Candidate[],
  rowsMax = packRowsMax,
): PackText[] {
  if (text.rowsMax !== undefined) return [];
  const asked = new Set(text.detections);
  const own = candidates.filter(({ id }) => asked.has(id));
  const middle = Math.ceil(own.length / 2);
  return [own.slice(0, middle), own.slice(middle)]
    .filter((half) => half.length > 0)
    .map((half) => (half.length === 1 ? textOfOne(half, rowsMax) : packText(half, rowsMax)));
}

function textOfOne(one: readonly Candidate[], rowsMax: number): PackText {
  return {
    detections: one.map(({ id }) => id),
    queryString: commandsOf(one).join(' | '),
    rowsMax: parameterLimitFactor * rowsMax,
  };
}

function commandsOf(candidates: readonly Candidate[]): string[] {
  const literals = new Set(candidates.flatMap((candidate) => candidate.literals ?? []));
  const filters = [
    ...candidates.flatMap(({ filter }) => filter ?? []),
    // All in one regexp: finding any of many strings takes one pass over a message.
    ...(literals.size === 0 ? [] : [`@message like /${[...literals].join('|')}/`]),
  ];
  return [
    'fields @timestamp, @ingestionTime, @log, @logStream, @message',
    `filter ${filters.join(' or ')}`,
    'sort @timestamp asc',
  ];
}
