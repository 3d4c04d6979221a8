/** An event as an export of CloudWatch Logs to S3 writes it. */
export interface ExportedLine {
  readonly epochMs: number;
  /** The message, or its first line. */
  readonly text: string;
}

/**
 * `2026-11-22T05:50:10.000Z 10.0.13.5 - admin […`: CloudWatch's own time of the event, always with
 * three digits and Z. A stamp followed by a level is structlog's, part of the record itself.
 */
const exported = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (?!\[[a-z]+ *\])/;

/** Reads a line of an export to S3; undefined for a line that continues the message before it. */
export function readExportedLine(line: string): ExportedLine | undefined {
  const [head, time] = exported.exec(line) ?? [];
  const epochMs = time === undefined ? Number.NaN : Date.parse(time);
  if (head === undefined || Number.isNaN(epochMs)) return undefined;
  return { epochMs, text: line.slice(head.length) };
}
