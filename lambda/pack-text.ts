import type { Candidate } from './scan-plan.ts';

/** One query text that asks for the events of several detections at once. */
export interface PackText {
  /** Their ids, in the plan's order. */
  readonly detections: readonly string[];
  readonly queryString: string;
  /**
   * Rows that StartQuery is asked for by its parameter `limit`; the text has no limit of its own then.
   * @default ScanPlan.packRowsMax, which the text says itself
   */
  readonly rowsMax?: number;
}

/** Rows that one answer can hold: an answer with as many may be cut off. */
export const packRowsMax = 10_000;

/**
 * StartQuery's parameter `limit` allows 100,000 rows, of which GetQueryResults gives 10,000 a page.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
const parameterLimitFactor = 10;

/**
 * Asks for every event that may belong to one of the candidates, the oldest first; which one it belongs
 * to is not asked. The text of some of them is never longer than that of all.
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
 * Texts that ask for the same in two halves of the detections. A detection alone is asked for ten times
 * as many rows: that costs nothing but time, and it has no smaller parts.
 *
 * @param candidates of the plan, those of the text among them
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
    // All in one regexp: to find any of many strings takes one walk over a message.
    ...(literals.size === 0 ? [] : [`@message like /${[...literals].join('|')}/`]),
  ];
  return [
    'fields @timestamp, @ingestionTime, @log, @logStream, @message',
    `filter ${filters.join(' or ')}`,
    'sort @timestamp asc',
  ];
}
