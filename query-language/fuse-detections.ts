import { readFusibleQuery } from './fusible-query.ts';
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
  /** Rows to ask StartQuery for by its parameter `limit`: the text has no limit of its own. */
  readonly rowsMax?: number;
  /** The same in two halves of the detections, down to one each. */
  readonly parts?: FusedQuery[];
}

/** Rows that one answer can hold: an answer with as many may be cut off. */
export const fusedQueryLimit = 10_000;

/**
 * Rows that StartQuery's parameter `limit` allows, of which GetQueryResults gives 10,000 a page.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html
 */
const parameterLimit = 100_000;

const eventFields = ['@timestamp', '@ingestionTime', '@log', '@logStream', '@message'];

/**
 * Fuses detections into as few query texts as StartQuery's limit of 10,000 characters allows: each
 * becomes a flag of one scan, since Logs Insights bills the bytes scanned and not the work on them.
 *
 * A flag is 1 exactly for the events that pass the detection's own filter in one of its log types;
 * of an event without any flag no row comes back.
 *
 * @param allLogTypes the log types of an environment: a detection of all of them needs no test
 * @throws QueryError for a query that cannot be fused
 * @throws RangeError for a filter that is too long for a text of its own
 */
export function fuseDetections(
  detections: readonly FusibleDetection[],
  allLogTypes: readonly string[],
): readonly FusedQuery[] {
  const batches: Flag[][] = [];
  detections.forEach((detection, index) => {
    const column = `d${String(index).padStart(2, '0')}`;
    const flag = { id: detection.id, column, condition: flagCondition(detection, allLogTypes) };
    const alone = fusedText([flag]).length;
    if (alone > maxQueryCharacters) {
      throw new RangeError(
        `${flag.id}: its filter alone makes a query of ${alone} characters, ` +
          `more than the ${maxQueryCharacters} that StartQuery takes`,
      );
    }
    const batch = batches.at(-1);
    if (batch !== undefined && fusedText([...batch, flag]).length <= maxQueryCharacters) {
      batch.push(flag);
    } else {
      batches.push([flag]);
    }
  });
  return batches.map((batch) => ({
    ...whole(batch),
    parts: batch.length === 1 ? [part(batch)] : halvesOf(batch).map(part),
  }));
}

function whole(batch: readonly Flag[]): FusedQuery {
  return { queryString: fusedText(batch), flags: flagsOf(batch) };
}

/** A part of one detection asks for as many rows as there can be; that costs nothing but time. */
function part(batch: readonly Flag[]): FusedQuery {
  if (batch.length > 1) return { ...whole(batch), parts: halvesOf(batch).map(part) };
  const queryString = commandsOf(batch).join(' | ');
  return { queryString, flags: flagsOf(batch), rowsMax: parameterLimit };
}

function halvesOf(batch: readonly Flag[]): (readonly Flag[])[] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

function flagsOf(batch: readonly Flag[]): Record<string, string> {
  return Object.fromEntries(batch.map(({ column, id }) => [column, id]));
}

interface Flag {
  readonly id: string;
  readonly column: string;
  readonly condition: string;
}

function fusedText(batch: readonly Flag[]): string {
  return [...commandsOf(batch), `limit ${fusedQueryLimit}`].join(' | ');
}

function commandsOf(batch: readonly Flag[]): string[] {
  const columns = batch.map(({ column }) => column);
  return [
    `fields ${batch.map(({ condition, column }) => `${condition} as ${column}`).join(', ')}`,
    `filter ${columns.map((column) => `${column} = 1`).join(' or ')}`,
    `display ${[...eventFields, ...columns].join(', ')}`,
    'sort @timestamp asc',
  ];
}

function flagCondition(detection: FusibleDetection, allLogTypes: readonly string[]): string {
  const { query, conditions } = readFusibleQuery(detection.query);
  const written = conditions.map((condition) => ({
    text: writeExpression(query, condition),
    standsAlone: condition.kind === 'match' || condition.kind === 'in',
  }));
  if (!allLogTypes.every((logType) => detection.logTypes.includes(logType))) {
    const text = `@log like /-(${detection.logTypes.join('|')})$/`;
    written.push({ text, standsAlone: true });
  }
  const [only] = written;
  if (written.length === 1 && only !== undefined) return only.text;
  return written.map(({ text, standsAlone }) => (standsAlone ? text : `(${text})`)).join(' and ');
}
