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

/** More than this in one event cost time and tell nothing new. */
const maxMarks = 20;
const maxTracedLines = 200;

/** `+ flask fab x`: a shorter line traces nothing that is looked for. */
const minTracedCharacters = 12;

/** Of a command without quotes around it; BashOperator's have them. */
const maxLineCharacters = 16_384;

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
  // Looked for once, not at every mark: a hostile line holds thousands.
  const failure = text.lastIndexOf("' returned non-zero exit status");
  let end = 0;
  for (const mark of text.matchAll(/Running command: |Command '|Executing: |\[SQL: /g)) {
    if (mark.index < end) continue;
    if (echoes.length >= maxMarks) break;
    const found = echoAt(text, mark[0], mark.index + mark[0].length, failure);
    echoes.push(found.echo);
    end = found.end;
  }
  const hasMarks = echoes.length > 0;
  echoes.push(...tracedLines(text));
  // SQL that a task prints has no mark; a statement that ran is told by its own line.
  if (!hasMarks && !text.includes('Running statement: ')) {
    echoes.push({ statement: body(text), failed: false });
  }
  return echoes;
}

function echoAt(
  text: string,
  mark: string,
  start: number,
  failure: number,
): { echo: EchoedCommand; end: number } {
  if (mark === 'Executing: ') {
    return { echo: { statement: text.slice(start), failed: false }, end: text.length };
  }
  if (mark === '[SQL: ') {
    const close = text.indexOf(']\n', start);
    const end = close < 0 ? text.length : close;
    return { echo: { statement: text.slice(start, end), failed: true }, end };
  }
  const isFailure = mark === "Command '" && failure >= start;
  const list = readPythonList(text, start);
  if (list !== undefined) return { echo: { argv: list.items, failed: isFailure }, end: list.end };
  // A text for a shell fails with its last command, whatever the others did.
  const line = lineAt(text, start).slice(0, maxLineCharacters);
  const shellText = isFailure ? line.replace(/' returned non-zero.*$/, '') : line;
  return { echo: { shellText, failed: false }, end: start + line.length };
}

/** How Airflow begins a line before the text: time, file and level, or structlog's level. */
const linePrefix =
  /^(?:\[[^\]\n]{0,100}\] )?(?:\{{1,2}[^}\n]{0,200}\}{1,2} )?(?:\[?[A-Z]{1,10}\]? +- |\S{1,40} \[\w{1,12} *\] )?/;

/** PS4: signs that begin with + > $ = ~, perhaps with a place: `+(grant.sh:12): `. */
const trace = /^\\*[+>$=~]\S{0,60} +(?=\S)/;

function tracedLines(text: string): readonly EchoedCommand[] {
  const traced: EchoedCommand[] = [];
  let from = 0;
  while (from < text.length && traced.length < maxTracedLines) {
    const line = lineAt(text, from);
    from += line.length + 1;
    if (line.length < minTracedCharacters) continue;
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
