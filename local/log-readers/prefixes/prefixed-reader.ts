import type { LogEvent } from '../../log-event.ts';
import { type EventMaker, groupOf, type ReaderAbout } from '../exports/event-maker.ts';
import {
  type AirflowRecord,
  AirflowRecords,
  eventPieces,
  longerThanEvent,
} from '../formats/airflow-records.ts';
import type { BatchReader } from '../lines/file-lines.ts';
import { type LineBatch, maxLineBytes, tooLong } from '../lines/line-splitter.ts';
import { askForLogType, unknownTypeGroup } from '../report/read-report.ts';
import type { LineForm, PrefixedLine } from './line-forms.ts';

/** A message that grows by the lines without a prefix after its first one. */
interface OpenEvent {
  readonly start: PrefixedLine;
  readonly line: number;
  readonly lines: string[];
  characters: number;
}

/**
 * Reads a log in which a prefix marks where each event starts: lines without one continue the
 * message. In a file that can name only one log group, a line with another one is no start.
 */
export class MarkedEventReader implements BatchReader {
  readonly #maker: EventMaker;
  readonly #form: LineForm;
  #open: OpenEvent | undefined;
  #logGroup: string | undefined;

  constructor(maker: EventMaker, form: LineForm) {
    this.#maker = maker;
    this.#form = form;
  }

  read(batch: LineBatch): LogEvent[] {
    const events: LogEvent[] = [];
    this.#maker.eachLine(batch, (text, line) => this.#push(text, line, events));
    return events;
  }

  end(): LogEvent[] {
    const events: LogEvent[] = [];
    this.#finish(events);
    return events;
  }

  #push(text: string, line: number, events: LogEvent[]): void {
    const start = this.#startOf(text);
    if (start !== undefined) {
      this.#finish(events);
      this.#open = { start, line, lines: [start.text], characters: start.text.length };
      return;
    }
    if (this.#open === undefined) {
      // What a program prints before its first event, such as "Attaching to …".
      if (text.trim() !== '')
        this.#maker.fail(line, `it comes before the first event of ${this.#form.name}`);
      return;
    }
    this.#open.lines.push(text);
    this.#open.characters += text.length + 1;
    if (this.#open.characters > maxLineBytes) this.#finish(events);
  }

  #startOf(text: string): PrefixedLine | undefined {
    const start = this.#form.read(text);
    if (start === undefined || !this.#form.hasOneGroup) return start;
    this.#logGroup ??= start.logGroup;
    return start.logGroup === this.#logGroup ? start : undefined;
  }

  #finish(events: LogEvent[]): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { logGroup, logStream, epochMs, ingestionEpochMs } = open.start;
    // A last line end is the file's, not the message's.
    while (open.lines.length > 1 && open.lines.at(-1) === '') open.lines.pop();
    const pieces = eventPieces(withoutIndentation(open.lines));
    for (const [index, message] of pieces.entries()) {
      const event = this.#maker.make(
        {
          message,
          ...(logGroup !== undefined && { logGroup }),
          ...(logStream !== undefined && { logStream: logStream.slice(0, 512) }),
          ...(epochMs !== undefined && { timestamp: epochMs }),
          ...(ingestionEpochMs !== undefined && { ingestionTime: ingestionEpochMs }),
        },
        open.line,
        index === 0 && pieces.length > 1 ? longerThanEvent : undefined,
      );
      if (event !== undefined) events.push(event);
    }
  }
}

/** `aws logs tail --format json` writes a message that is JSON on lines of its own, and indented. */
function withoutIndentation(lines: readonly string[]): string {
  const text = lines.join('\n');
  if (lines[0] !== '' || lines[1] !== '{') return text;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

/** The lines of one program or container. */
interface Source {
  readonly logGroup: string;
  readonly logStream: string;
  readonly records: AirflowRecords;
  /** The beginning of a line that is not complete. */
  partial: string;
  /** Whether its lines are left out, as their log type is not known. */
  readonly isRefused: boolean;
}

/** More programs than anybody runs: their lines are then finished, and they start anew. */
const sourcesMax = 10_000;

/**
 * Reads a log in which every line has a prefix: what remains is an Airflow log of each program or
 * container. A line without a prefix belongs to the one before it.
 */
export class PrefixedLineReader implements BatchReader {
  readonly #about: ReaderAbout;
  readonly #form: LineForm;
  readonly #startEpochMs: number;
  readonly #sources = new Map<string, Source>();
  #current: Source | undefined;
  /** Whether the log type of a line was not known. */
  hasUnknownTypes = false;

  /** @param startEpochMs the time of lines before the first time */
  constructor(about: ReaderAbout, form: LineForm, startEpochMs: number) {
    this.#about = about;
    this.#form = form;
    this.#startEpochMs = startEpochMs;
  }

  read({ firstLine, lines, damage }: LineBatch): LogEvent[] {
    const { report, file } = this.#about;
    const events: LogEvent[] = [];
    lines.forEach((text, index) => {
      const line = firstLine + index;
      if (text === undefined) {
        report.addBadLine({ file, line, reason: tooLong });
        return;
      }
      const doubt = this.#push(text, line, events);
      const reason = damage?.get(index) ?? doubt;
      if (reason !== undefined) report.addDoubt({ file, line, reason });
    });
    return events;
  }

  end(): LogEvent[] {
    const events: LogEvent[] = [];
    this.#finishAll(events);
    return events;
  }

  #push(line: string, number: number, events: LogEvent[]): string | undefined {
    const prefixed = this.#form.read(line) ?? this.#readKnown(line);
    const source = prefixed === undefined ? this.#latest(events) : this.#sourceOf(prefixed, events);
    this.#current = source;
    if (source.isRefused) {
      const { report, file } = this.#about;
      const reason = `neither its prefix nor the path shows its log type; ${askForLogType}`;
      report.addBadLine({ file, line: number, reason });
      return undefined;
    }
    const whole = source.partial + (prefixed?.text ?? line);
    const isPartial = prefixed?.isPartial === true && whole.length <= maxLineBytes;
    source.partial = isPartial ? whole : '';
    if (isPartial) return undefined;
    const { records, doubt } = source.records.push(whole, prefixed?.epochMs);
    add(source, records, events);
    return doubt;
  }

  #readKnown(line: string): PrefixedLine | undefined {
    const found = this.#form.readKnown?.(line);
    return found?.source !== undefined && this.#sources.has(found.source) ? found : undefined;
  }

  #latest(events: LogEvent[]): Source {
    return this.#current ?? this.#sourceOf({ text: '' }, events);
  }

  #sourceOf({ source, logType }: PrefixedLine, events: LogEvent[]): Source {
    const key = source ?? '';
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    if (this.#sources.size >= sourcesMax) this.#finishAll(events);
    const { location, environment, latestEpochMs, unknownTypes } = this.#about;
    // The path shows more than a name in the file: its lines may come from a task.
    const type = location.logType ?? logType;
    const logGroup = groupOf({ ...location, logType: type }, environment);
    const isUnknown = logGroup === unknownTypeGroup(environment);
    if (isUnknown) this.hasUnknownTypes = true;
    const made: Source = {
      logGroup,
      logStream:
        source === undefined ? location.logStream : source.replace(/[:*]/g, '_').slice(0, 512),
      records: new AirflowRecords({
        logType: type,
        startEpochMs: this.#startEpochMs,
        latestEpochMs,
      }),
      partial: '',
      isRefused: isUnknown && unknownTypes === 'refuse',
    };
    this.#sources.set(key, made);
    return made;
  }

  #finishAll(events: LogEvent[]): void {
    for (const source of this.#sources.values()) {
      if (source.partial !== '') add(source, source.records.push(source.partial).records, events);
      add(source, source.records.end(), events);
    }
    this.#sources.clear();
    this.#current = undefined;
  }
}

function add(source: Source, records: readonly AirflowRecord[], events: LogEvent[]): void {
  const { logGroup, logStream } = source;
  for (const { epochMs, text } of records) {
    events.push({ logGroup, logStream, timestamp: epochMs, message: text });
  }
}
