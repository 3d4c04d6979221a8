import { LinearRegexp } from '../../lambda/linear-regexp.ts';
import type { PackQuery, ScanPlan } from '../../lambda/scan-plan.ts';
import { loadDetections } from '../../queries/load-detections.ts';
import { planDetection } from '../../queries/plan-detection.ts';
import {
  type CompileSearch,
  type EventCondition,
  eventCondition,
} from '../../query-language/event-condition.ts';
import { readFusibleQuery } from '../../query-language/fusible-query.ts';
import { toRe2 } from '../../query-language/write-regexp.ts';
import type { LogLine } from './log-line.ts';

/** What the documented query looks for. */
export const documentedLiteral = 'add-role';

export const documentedQuery = 'the documented query';

/** A column of the simulated pack: whether a line fits the detection that it stands for. */
export interface PackColumn {
  readonly column: string;
  readonly id: string;
  fits(line: LogLine): boolean;
}

const inLinearTime: CompileSearch = (regexp) => {
  const compiled = new LinearRegexp(toRe2(regexp));
  return (value) => compiled.test(value);
};

const pack = loadDetections().filter(({ id }) => id !== documentedLiteral);

/** The documented literal, then the detections of the product with their own filters. */
const columns: readonly PackColumn[] = [
  {
    column: 'd00',
    id: documentedLiteral,
    fits: ({ message }) => message.includes(documentedLiteral),
  },
  ...pack.map(({ id, query, logTypes }, at): PackColumn => {
    const filters = readFusibleQuery(query).conditions.map((filter) => {
      const quick = eventCondition(filter, query);
      if (quick === undefined) throw new Error(`the filter of ${id} needs an engine`);
      let linear: EventCondition | undefined;
      // Hostile lines are made so that a search goes back and forth for ever.
      return (line: Pick<LogLine, 'logGroup' | 'message' | 'hostile'>) => {
        const event = { message: line.message, log: line.logGroup };
        if (line.hostile === undefined) return quick(event);
        linear ??= eventCondition(filter, query, inLinearTime) ?? quick;
        return linear(event);
      };
    });
    return {
      column: `d${String(at + 1).padStart(2, '0')}`,
      id,
      fits: (line) =>
        logTypes.some((logType) => line.logGroup.endsWith(`-${logType}`)) &&
        filters.every((filter) => filter(line)),
    };
  }),
];

const detections = pack.map(planDetection);

/** The columns that a line has a 1 in; the same line is asked for again and again. */
export function columnsOf(line: LogLine): ReadonlySet<string> {
  const known = flags.get(line);
  if (known !== undefined) return known;
  const found = new Set(columns.flatMap((each) => (each.fits(line) ? [each.column] : [])));
  flags.set(line, found);
  return found;
}

const flags = new WeakMap<LogLine, ReadonlySet<string>>();

/** Rows that the answer to a part of one column holds, for each of an answer to the pack. */
const partRowsFactor = 10;

function packText(some: readonly PackColumn[], packRowsMax: number, name = 'pack'): PackQuery {
  const text = {
    queryString: `the ${name} from ${some[0]?.column} to ${some.at(-1)?.column}`,
    flags: Object.fromEntries(some.map(({ column, id }) => [column, id])),
  };
  if (some.length === 1) return { ...text, rowsMax: leastLost(packRowsMax) };
  const middle = Math.ceil(some.length / 2);
  const halves = [some.slice(0, middle), some.slice(middle)];
  return { ...text, parts: halves.map((half) => packText(half, packRowsMax, 'part')) };
}

/** So many lines of one column in one second are more than any answer holds. */
export function leastLost(packRowsMax: number): number {
  return partRowsFactor * packRowsMax;
}

/** A text and its parts, and theirs. */
export function withParts(query: PackQuery): PackQuery[] {
  return [query, ...(query.parts ?? []).flatMap(withParts)];
}

/** Texts of a plan that are asked last, where everything larger was cut off. */
export function smallestTexts({ packQueries }: Pick<ScanPlan, 'packQueries'>): string[] {
  return packQueries
    .flatMap(withParts)
    .flatMap(({ queryString, parts }) => (parts === undefined ? [queryString] : []));
}

/** The detections of the product, asked by one text or parted into two as a large pack is. */
export function simulatedPlan(texts: 1 | 2, packRowsMax: number): ScanPlan {
  const half = Math.ceil(columns.length / 2);
  return {
    schema: 1,
    documentedQuery,
    packQueries:
      texts === 1
        ? [packText(columns, packRowsMax)]
        : [
            packText(columns.slice(0, half), packRowsMax),
            packText(columns.slice(half), packRowsMax),
          ],
    packRowsMax,
    detections,
    approvedChanges: [],
  };
}
