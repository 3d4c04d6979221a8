import { readPythonList } from './log-text.ts';

/** A command as a log line repeats it. */
export interface EchoedCommand {
  /** The words, where they are told apart: a Python list. */
  readonly argv?: readonly string[];
  /** A text for a shell to read. */
  readonly shellText?: string;
  /** SQL that a database operator or an error repeats. */
  readonly statement?: string;
  /** A text of any kind, which may hold SQL. */
  readonly printed?: string;
  /** It is known to have failed. */
  readonly failed: boolean;
  /** It stands behind a prompt, as in a manual. */
  readonly prompted?: true;
  /** A line of `set -x`: one command that ran, its variables undone. */
  readonly isTrace?: boolean;
}

/** `+ flask fab x`: a shorter line traces nothing that is looked for. */
const minTracedCharacters = 12;

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
  // Searched for once instead of at every mark: a hostile line holds thousands.
  const failureAt = text.lastIndexOf(failureText);
  const sqlErrorEndsAt = text.lastIndexOf(']\n');
  let isReadToEnd = false;
  let lineEnd = -1;
  let end = 0;
  for (const mark of text.matchAll(echoMarks)) {
    if (mark.index < end) continue;
    const start = mark.index + mark[0].length;
    // As for the failure: one line may hold thousands of marks.
    if (lineEnd < start) lineEnd = endOfLine(text, start);
    end = lineEnd;
    if (mark[0] === 'Executing: ' || mark[0] === '[SQL: ') {
      const failed = mark[0] === '[SQL: ';
      const hasEnd = failed && sqlErrorEndsAt >= start;
      if (hasEnd) end = text.indexOf(']\n', start);
      // Where the end of a statement is not marked it is read to the end of the text, the first time.
      if (hasEnd) echoes.push({ statement: text.slice(start, end), failed });
      else if (!isReadToEnd) echoes.push({ statement: text.slice(start), failed });
      isReadToEnd ||= !hasEnd;
      continue;
    }
    const isFailure = mark[0] === "Command '" && failureAt >= start;
    const list = readPythonList(text, start);
    if (list !== undefined) {
      echoes.push({ argv: list.items, failed: isFailure });
      end = list.end;
    } else {
      // SSHHook's command has lines of its own; another mark begins another command.
      const isEcho = mark[0] === 'Running command: ';
      if (isEcho) {
        const next = text.indexOf('\n', lineEnd) < 0 ? -1 : text.indexOf(runningText, lineEnd);
        end = next < 0 ? text.length : next;
      }
      // A text for a shell fails with its last command, whatever the others did.
      const line = text.slice(start, end);
      const failureInLine = isFailure ? line.indexOf(failureText) : -1;
      const shellText = failureInLine < 0 ? line : line.slice(0, failureInLine);
      echoes.push({ shellText, failed: false });
    }
  }
  const hasMarks = echoes.length > 0;
  for (const traced of tracedLines(text)) echoes.push(traced);
  // SQL that a task prints has no mark; a statement that ran is told by its own line.
  if (!hasMarks && !text.includes('Running statement: ')) {
    echoes.push({ printed: withoutPrefix(text), failed: false });
  }
  return echoes;
}

/** What stands before a command; the secrets masker may have taken words of it. */
const echoMarks =
  /Running command: |Command '|Executing: |\[SQL: |Running \*{3}(?:[a-z]{0,12}: )?|\*{3} command: |\*{3}[a-z ]{0,16}:? '?(?=\[['"])|\*{3}, '-c', (?=['"])/g;

/** A line that `set -x` traced, of which the masker took the beginning: options are left. */
const maskedTrace = /^\*{3}(?![a-z ]{0,16}:? '?\[['"]|, '-c')[^\n]{0,200} --?[a-z]/;

const runningText = 'Running command: ';

const failureText = "' returned non-zero exit status";

/** How Airflow begins a line before the text: time, file and level, which may be masked, or structlog's level. */
const linePrefix =
  /^(?:\[[A-Z]{1,10}\] +- )?(?:\[[^\]\n]{0,100}\] )?(?:\{{1,2}[^}\n]{0,200}\}{1,2} )?(?:\[?(?:[A-Z]{1,10}|\*{3})\]? +- |\S{1,40} \[\w{1,12} *\] )?/;

/** PS4: signs that begin with + > $ = ~, perhaps with a place: `+(grant.sh:12): `. */
const trace = /^\\*[+>$=~]\S{0,60} +(?=\S)/;

/** What a manual begins an example with: whoever sets PS4 to one of them is told as low. */
const prompt = /^\\*(?:[$=~]|>(?:>>)?) +$/;

function tracedLines(text: string): readonly EchoedCommand[] {
  const traced: EchoedCommand[] = [];
  let from = 0;
  while (from < text.length) {
    const line = text.slice(from, endOfLine(text, from));
    from += line.length + 1;
    if (line.length < minTracedCharacters) continue;
    const written = withoutPrefix(line);
    const mark = trace.exec(written);
    if (mark !== null) {
      const shellText = written.slice(mark[0].length);
      traced.push({
        shellText,
        failed: false,
        isTrace: true,
        ...(prompt.test(mark[0]) && { prompted: true }),
      });
    } else if (maskedTrace.test(written)) {
      traced.push({ shellText: written, failed: false });
    }
  }
  return traced;
}

/** A text without what logs put in front of it: time, file, level. */
export function withoutPrefix(line: string): string {
  let rest = line;
  // A task's log repeats a child's log line, prefix and all.
  for (;;) {
    const prefix = linePrefix.exec(rest)?.[0] ?? '';
    if (prefix === '') return rest;
    rest = rest.slice(prefix.length);
  }
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
