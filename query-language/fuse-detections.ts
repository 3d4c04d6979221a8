import { type FusibleQuery, readFusibleQuery } from './fusible-query.ts';
import { maxQueryCharacters } from './parse-query.ts';
import { writeExpression } from './write-expression.ts';

/** What fusing needs of a detection. */
export interface FusibleDetection {
  readonly id: string;
  readonly query: string;
  /** Suffixes of the log groups it looks at. */
  readonly logTypes: readonly string[];
}

/** One query text that asks several detections at once, a flag each. */
export interface FusedQuery {
  readonly queryString: string;
  /** By the name of the flag's column, the detection's id. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Rows that one answer can hold. */
export const fusedQueryLimit = 10_000;

const eventFields = ['@timestamp', '@ingestionTime', '@log', '@logStream', '@message'];

/**
 * Fuses detections into as few query texts as StartQuery's limit of 10,000 characters allows: each
 * becomes a flag of one scan, since Logs Insights bills the bytes scanned and not the work on them.
 *
 * A flag is 1 exactly for the events that pass the detection's own filter in one of its log types;
 * of an event without any flag no row comes back.
 *
 * @param allLogTypes the log types of an environment: a detection of all of them needs no test
 * @throws QueryError for a query that cannot be fused, or a single one that is too long
 */
export function fuseDetections(
  detections: readonly FusibleDetection[],
  allLogTypes: readonly string[],
): readonly FusedQuery[] {
  const flags = detections.map((detection, index) => ({
    id: detection.id,
    column: `d${String(index).padStart(2, '0')}`,
    condition: flagCondition(detection, allLogTypes),
  }));
  const fused: FusedQuery[] = [];
  let batch: typeof flags = [];
  for (const flag of flags) {
    if (fusedText([flag]).length > maxQueryCharacters) {
      throw new RangeError(
        `${flag.id}: its filter alone makes a query of ${fusedText([flag]).length} characters, ` +
          `more than the ${maxQueryCharacters} that StartQuery takes`,
      );
    }
    if (fusedText([...batch, flag]).length > maxQueryCharacters) {
      fused.push(asQuery(batch));
      batch = [];
    }
    batch.push(flag);
  }
  if (batch.length > 0) fused.push(asQuery(batch));
  return fused;
}

interface Flag {
  readonly id: string;
  readonly column: string;
  readonly condition: string;
}

function asQuery(batch: readonly Flag[]): FusedQuery {
  return {
    queryString: fusedText(batch),
    flags: Object.fromEntries(batch.map(({ column, id }) => [column, id])),
  };
}

function fusedText(batch: readonly Flag[]): string {
  const columns = batch.map(({ column }) => column);
  return [
    `fields ${batch.map(({ condition, column }) => `${condition} as ${column}`).join(', ')}`,
    `filter ${columns.map((column) => `${column} = 1`).join(' or ')}`,
    `display ${[...eventFields, ...columns].join(', ')}`,
    'sort @timestamp asc',
    `limit ${fusedQueryLimit}`,
  ].join(' | ');
}

function flagCondition(detection: FusibleDetection, allLogTypes: readonly string[]): string {
  const { query, conditions }: FusibleQuery = readFusibleQuery(detection.query);
  const written = conditions.map((condition) => writeExpression(query, condition));
  const everywhere = allLogTypes.every((logType) => detection.logTypes.includes(logType));
  if (written.length === 1 && everywhere) return written.join();
  return [
    ...written.map((text, index) => (conditions[index]?.kind === 'match' ? text : `(${text})`)),
    ...(everywhere ? [] : [`@log like /-(${detection.logTypes.join('|')})$/`]),
  ].join(' and ');
}
