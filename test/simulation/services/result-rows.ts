import type { LogLine } from '../log-line.ts';

/** A row as GetQueryResults gives it. */
export type Row = readonly { readonly field: string; readonly value: string }[];

/**
 * How times and log groups are written: as AWS is known to write them, or in turn in all the forms that
 * they could have.
 */
export const rowForms = ['usual', 'mixed'] as const;

export type RowForms = (typeof rowForms)[number];

/** What can be wrong with a row, so that it cannot be read. */
export const rowFaults = [
  'no-message',
  'no-timestamp',
  'timestamp-that-is-none',
  'no-log',
  'log-of-another-account',
  'two-messages',
  'nothing-at-all',
] as const;

export type RowFault = (typeof rowFaults)[number];

/** The row of a line that belongs to at least one detection. */
export function packRow(line: LogLine, forms: RowForms, index: number): Row {
  const place = forms === 'usual' ? 0 : index;
  const row = [
    { field: '@timestamp', value: timeIn(line.epochMs, place) },
    { field: '@ingestionTime', value: timeIn(line.ingestedEpochMs, place + 1) },
    { field: '@log', value: `123456789012:${line.logGroup}${place % 3 === 1 ? ':*' : ''}` },
    { field: '@logStream', value: line.logStream },
    { field: '@message', value: line.message },
  ];
  return line.rowFault === undefined ? row : broken(row, line.rowFault);
}

/** `2026-03-01 09:00:00.123` in UTC, first; then other forms of the same time. */
function timeIn(epochMs: number, form: number): string {
  const iso = new Date(epochMs).toISOString();
  const usual = iso.replace('T', ' ').replace('Z', '');
  switch (form % 6) {
    case 1:
      return `${usual}456`;
    case 2:
      return iso;
    case 3:
      return String(epochMs);
    case 4:
      return iso.replace('Z', '000Z');
    case 5:
      return epochMs % 1000 === 0 ? usual.slice(0, 19) : usual;
    default:
      return usual;
  }
}

function broken(row: Row, fault: RowFault): Row {
  const without = (name: string) => row.filter(({ field }) => field !== name);
  const having = (name: string, value: string) =>
    row.map((cell) => (cell.field === name ? { ...cell, value } : cell));
  switch (fault) {
    case 'no-message':
      return without('@message');
    case 'no-timestamp':
      return without('@timestamp');
    case 'timestamp-that-is-none':
      return having('@timestamp', 'the day before yesterday');
    case 'no-log':
      return without('@log');
    case 'log-of-another-account':
      return having('@log', '210987654321:airflow-other-Task');
    case 'two-messages':
      return [...row, { field: '@message', value: 'another one' }];
    case 'nothing-at-all':
      return [];
  }
}
