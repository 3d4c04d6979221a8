import { readLineStart } from './airflow-stamp.ts';

export type FileKind = 'ndjson' | 'airflow' | 'unknown';

const examinedLines = 50;
const examinedCharacters = 65_536;

/** A JSON object with a member of our events; an escaped quote in a text does not look like one. */
const looksLikeEvent = /^\s*\{.*"(?:logGroup|logStream)"\s*:/s;

/**
 * Decides by the first lines what a file holds: NDJSON events when more of them look like events
 * than like Airflow's lines, so that one broken line, or one quoted line, does not decide.
 */
export function kindOfLines(lines: readonly (string | undefined)[]): FileKind {
  let events = 0;
  let records = 0;
  for (const line of lines.slice(0, examinedLines)) {
    if (line === undefined) continue;
    if (looksLikeEvent.test(line.slice(0, examinedCharacters))) events += 1;
    else if (readLineStart(line).kind !== 'plain') records += 1;
  }
  if (events > records) return 'ndjson';
  return records > 0 ? 'airflow' : 'unknown';
}
