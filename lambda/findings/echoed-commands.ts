import { readPythonList } from './log-text.ts';

/** A command as a log line repeats it. */
export interface EchoedCommand {
  /** The words, where they are told apart: a Python list. */
  readonly argv?: readonly string[];
  /** A text for a shell to read. */
  readonly shellText?: string;
  /** SQL that a database operator or an error repeats. */
  readonly statement?: string;
  /** It is known to have failed. */
  readonly failed: boolean;
}

/** More echoes than this in one event cost time and tell nothing new. */
const maxEchoes = 200;

/**
 * Finds the commands that a text of a log event repeats, in the order in which they stand:
 *
 * - `Running command: ['/usr/bin/bash', '-c', '…']` (SubprocessHook), or a plain text (SSHHook)
 * - `Command '['airflow', …]' returned non-zero exit status 1.` (subprocess.CalledProcessError)
 * - `+ airflow users …`: a line of `set -x`, also with another PS4 of signs
 * - `Executing: INSERT …` (SQLExecuteQueryOperator), `[SQL: INSERT …]` (SQLAlchemy's errors)
 */
export function echoedCommands(text: string): readonly EchoedCommand[] {
  const echoes: EchoedCommand[] = [];
  const marks = /Running command: |Command '|Executing: |\[SQL: /g;
  let found = false;
  for (const mark of text.matchAll(marks)) {
    if (echoes.length >= maxEchoes) return echoes;
    found = true;
    const start = mark.index + mark[0].length;
    const echo = echoAt(text, mark[0], start);
    if (echo !== undefined) echoes.push(echo);
  }
  echoes.push(...tracedLines(text, maxEchoes - echoes.length));
  // SQL that a task prints has no mark; a statement that ran is told by its own line.
  if (!found && !text.includes('Running statement: '))
    echoes.push({ statement: body(text), failed: false });
  return echoes;
}

function echoAt(text: string, mark: string, start: number): EchoedCommand | undefined {
  if (mark === 'Running command: ') {
    const argv = readPythonList(text, start);
    return argv === undefined
      ? { shellText: lineAt(text, start), failed: false }
      : { argv, failed: false };
  }
  if (mark === "Command '") {
    const end = text.indexOf("' returned non-zero exit status", start);
    const argv = readPythonList(text, start);
    if (argv !== undefined) return { argv, failed: end >= 0 };
    return end < 0 ? undefined : { shellText: text.slice(start, end), failed: false };
  }
  if (mark === '[SQL: ') {
    const end = text.indexOf(']\n', start);
    return { statement: text.slice(start, end < 0 ? text.length : end), failed: true };
  }
  return { statement: text.slice(start), failed: false };
}

/** How Airflow begins a line before the text: time, file and level, or structlog's level. */
const linePrefix =
  /^(?:\[[^\]\n]{0,100}\] )?(?:\{{1,2}[^}\n]{0,200}\}{1,2} )?(?:\[?[A-Z]{1,10}\]? +- |\S{1,40} \[\w{1,12} *\] )?/;

/** PS4: signs that begin with + > $ = ~, perhaps with a place: `+(grant.sh:12): `. */
const trace = /^\\*[+>$=~]\S{0,60} +(?=\S)/;

function tracedLines(text: string, max: number): readonly EchoedCommand[] {
  const traced: EchoedCommand[] = [];
  let from = 0;
  while (from < text.length && traced.length < max) {
    const line = lineAt(text, from);
    from += line.length + 1;
    const written = body(line);
    const mark = trace.exec(written);
    if (mark !== null) {
      traced.push({ shellText: written.slice(mark[0].length), failed: false });
    }
  }
  return traced;
}

function body(line: string): string {
  let rest = line;
  // A task's log repeats a child's log line, prefix and all.
  for (let times = 0; times < 3; times++) {
    const prefix = linePrefix.exec(rest)?.[0] ?? '';
    if (prefix === '') break;
    rest = rest.slice(prefix.length);
  }
  return rest;
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end);
}
