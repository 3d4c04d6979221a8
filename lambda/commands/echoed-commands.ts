import { readPythonList } from '../text/log-text.ts';

/** A command that a log line repeats. */
export interface EchoedCommand {
  /** The words, if the line separates them: a Python list. */
  readonly argv?: readonly string[];
  /** A text that a shell would read. */
  readonly shellText?: string;
  /** SQL that a database operator or an error repeats. */
  readonly statement?: string;
  /** A text of any kind, which may hold SQL. */
  readonly printed?: string;
  /** The line says that it failed. */
  readonly failed: boolean;
  /** It follows a prompt, as in a manual. */
  readonly prompted?: true;
  /** A line of `set -x`: one command that ran, its variables expanded. */
  readonly isTrace?: boolean;
}

/** `+ flask fab x`: a shorter line cannot trace a privilege command. */
const minTracedCharacters = 12;

/**
 * Finds the commands that a text of a log event repeats, in the order of the text:
 *
 * - `Running command: ['/usr/bin/bash', '-c', '…']` (SubprocessHook), or a plain text (SSHHook)
 * - `Command '['airflow', …]' returned non-zero exit status 1.` (subprocess.CalledProcessError)
 * - `+ airflow users …`: a line of `set -x`, also with another PS4 of signs
 * - `Executing: INSERT …` (SQLExecuteQueryOperator), `[SQL: INSERT …]` (SQLAlchemy's errors)
 */
export function echoedCommands(text: string): readonly EchoedCommand[] {
  const echoes: EchoedCommand[] = [];
  // Searched once, not at every mark: a hostile line may hold thousands of marks.
  const failureAt = text.lastIndexOf(failureText);
  const sqlErrorEndsAt = text.lastIndexOf(']\n');
  let isReadToEnd = false;
  let lineEnd = -1;
  let end = 0;
  for (const mark of text.matchAll(echoMarks)) {
    if (mark.index < end) continue;
    const start = mark.index + mark[0].length;
    // Searched once per line, for the same reason.
    if (lineEnd < start) lineEnd = endOfLine(text, start);
    end = lineEnd;
    if (mark[0] === 'Executing: ' || mark[0] === '[SQL: ') {
      const failed = mark[0] === '[SQL: ';
      const hasEnd = failed && sqlErrorEndsAt >= start;
      if (hasEnd) end = text.indexOf(']\n', start);
      // A statement whose end is not marked goes to the end of the text; this is read only once.
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
      // The command of an SSHHook may have several lines; the next mark ends it.
      const isEcho = mark[0] === 'Running command: ';
      if (isEcho) {
        const next = text.indexOf('\n', lineEnd) < 0 ? -1 : text.indexOf(runningText, lineEnd);
        end = next < 0 ? text.length : next;
      }
      // A shell fails if its last command does, whatever the others did: the failure is not used.
      const line = text.slice(start, end);
      const failureInLine = isFailure ? line.indexOf(failureText) : -1;
      const shellText = failureInLine < 0 ? line : line.slice(0, failureInLine);
      echoes.push({ shellText, failed: false });
    }
  }
  const hasMarks = echoes.length > 0;
  for (const traced of tracedLines(text)) echoes.push(traced);
  // SQL that a task prints has no mark; a statement that ran has a line of its own.
  if (!hasMarks && !text.includes('Running statement: ')) {
    echoes.push({ printed: withoutPrefix(text), failed: false });
  }
  return echoes;
}

/** The words before a command; the secrets masker may have replaced some of them. */
const echoMarks =
  /Running command: |Command '|Executing: |\[SQL: |Running \*{3}(?:[a-z]{0,12}: )?|\*{3} command: |\*{3}[a-z ]{0,16}:? '?(?=\[['"])|\*{3}, '-c', (?=['"])/g;

/** A line of `set -x` whose beginning is masked: its options are left. */
const maskedTrace = /^\*{3}(?![a-z ]{0,16}:? '?\[['"]|, '-c')[^\n]{0,200} --?[a-z]/;

const runningText = 'Running command: ';

const failureText = "' returned non-zero exit status";

/**
 * What Airflow puts before a line's text: time, file and level (perhaps masked), or structlog's
 * level.
 */
const linePrefix =
  /^(?:\[[A-Z]{1,10}\] +- )?(?:\[[^\]\n]{0,100}\] )?(?:\{{1,2}[^}\n]{0,200}\}{1,2} )?(?:\[?(?:[A-Z]{1,10}|\*{3})\]? +- |\S{1,40} \[\w{1,12} *\] )?/;

/** The value of PS4: signs beginning with + > $ = ~, perhaps with a place: `+(grant.sh:12): `. */
const trace = /^\\*[+>$=~]\S{0,60} +(?=\S)/;

/**
 * The prompts of manuals' examples. Setting PS4 to one of them makes a finding low, but not silent.
 */
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

/** Removes what logs put before a text: time, file, level. */
export function withoutPrefix(line: string): string {
  let rest = line;
  // A task's log repeats a child process's log line with its prefix.
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
