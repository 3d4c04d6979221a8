import type { Cut } from './cut-event.ts';
import type { DetectionInPlan } from './detection-in-plan.ts';
import type { EventText } from './event-text.ts';
import { mask } from './masked-text.ts';
import { joinTables } from './metadata-sql.ts';
import { readPartialLines } from './partial-lines.ts';
import { base } from './read-lines.ts';
import { tablesOfStatement } from './read-statement.ts';
import { severityOf, verbOf } from './severity-by-fields.ts';
import type { Signal } from './signal.ts';

/**
 * Lines and statements of which a part is missing. A line is as bad as the worst role that it can name,
 * since nobody knows what else it said.
 */
export function readPartial(detection: DetectionInPlan, text: EventText): readonly Signal[] {
  const lines = readPartialLines(text.asCut, text.message).map(({ resource, ...line }) => {
    const fields = { role: line.role ?? '', ...(resource !== undefined && { resource }) };
    return { ...base(detection, severityOf(detection, fields, false)), ...line };
  });
  const tables = tablesOfStatement(text.asCut);
  const statement = { kind: 'statement', verb: 'write-metadata-tables' } as const;
  return [
    ...lines,
    ...(tables.length === 0
      ? []
      : [{ ...base(detection, 'critical'), ...statement, object: joinTables(tables) }]),
  ];
}

/** SQL is read as a whole: a detection that parses nothing takes it as one change of all its tables. */
export function readStatement(
  detection: DetectionInPlan,
  texts: readonly string[],
): readonly Signal[] {
  const tables = tablesOfStatement(texts);
  if (tables.length === 0) return [];
  return [{ ...base(detection), verb: verbOf(detection, {}), object: joinTables(tables) }];
}

/** The detections of an event that the plan has, those of parts behind those of whole lines. */
export function partialLast(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly DetectionInPlan[] {
  const known = ids.flatMap((id) => detections.get(id) ?? []);
  const isPartial = ({ signal }: DetectionInPlan) => signal === 'partial';
  return [...known.filter((each) => !isPartial(each)), ...known.filter(isPartial)];
}

/** `eve***`, where the log cut a name off, as it is told: `eve…`; `eve` where it may be whole. */
export function withCutNames(signal: Signal, cut: Cut): Signal {
  const { target, role, object } = signal;
  const told = (name: string | undefined) => {
    if (name?.endsWith(mask) !== true) return name;
    const left = name.slice(0, -mask.length);
    return left === '' ? undefined : `${left}${cut === 'open' ? '…' : ''}`;
  };
  return { ...signal, target: told(target), role: told(role), object: told(object) };
}
