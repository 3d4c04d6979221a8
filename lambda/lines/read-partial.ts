import type { Signal } from '../model/signal.ts';
import type { DetectionInPlan } from '../plan/detection-in-plan.ts';
import { joinTables } from '../sql/metadata-sql.ts';
import { tablesOfStatement } from '../sql/read-statement.ts';
import { mask } from '../text/masked-text.ts';
import type { Cut } from './cut-event.ts';
import type { EventText } from './event-text.ts';
import { readPartialLines } from './partial-lines.ts';
import { base } from './read-lines.ts';
import { severityOf, verbOf } from './severity-by-fields.ts';

/**
 * Reads lines and statements of which a part is missing. A line is as severe as the worst role that
 * it may name, since the missing words are not known.
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

/** Reads SQL for a detection that parses nothing, as one change of all the tables it writes. */
export function readStatement(
  detection: DetectionInPlan,
  texts: readonly string[],
): readonly Signal[] {
  const tables = tablesOfStatement(texts);
  if (tables.length === 0) return [];
  return [{ ...base(detection), verb: verbOf(detection, {}), object: joinTables(tables) }];
}

/**
 * The detections of an event that are in the plan, those for partial lines after those for whole
 * lines.
 */
export function partialLast(
  ids: readonly string[],
  detections: ReadonlyMap<string, DetectionInPlan>,
): readonly DetectionInPlan[] {
  const known = ids.flatMap((id) => detections.get(id) ?? []);
  const isPartial = ({ signal }: DetectionInPlan) => signal === 'partial';
  return [...known.filter((each) => !isPartial(each)), ...known.filter(isPartial)];
}

/**
 * Shows names that the log may have cut off: `eve***` becomes `eve…`, or `eve` if it may be whole.
 */
export function withCutNames(signal: Signal, cut: Cut): Signal {
  const { target, role, object } = signal;
  const shown = (name: string | undefined) => {
    if (name?.endsWith(mask) !== true) return name;
    const left = name.slice(0, -mask.length);
    return left === '' ? undefined : `${left}${cut === 'open' ? '…' : ''}`;
  };
  return { ...signal, target: shown(target), role: shown(role), object: shown(object) };
}
