import { isUtf8 } from 'node:buffer';
import type { EventSieve, GroupSieve } from '../lines/event-sieve.ts';
import type { LinePasser, PassedLines } from '../lines/line-splitter.ts';
import { isPlausible } from '../report/read-report.ts';
import type { EventMaker } from './event-maker.ts';
import { isLogGroup, logGroupNameOf } from './event-record.ts';
import type { JsonReader } from './json-reader.ts';
import { type ScannedString, WordBytes } from './json-string.ts';
import { type LayoutMember, type LineLayout, layoutOf } from './line-layout.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const backslash = 0x5c;

/** A file has lines of one program, with or without a time of ingestion. */
const layoutsMax = 4;
/** Lines whose layout is looked for, so that a file without any costs little. */
const attemptsMax = 50;
/** Epoch milliseconds have this many digits from 2001 to 2286. */
const timeDigits = 13;

/** A line that another layout may fit. */
const unlike = -2;
/** A line that has to be read. */
const unread = -1;

/** By byte, 1 where it can be in a text that is compared or skipped: no control, quote or backslash. */
const plainBytes = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= space && byte !== quote && byte !== backslash ? 1 : 0,
);
/** The same for the name of a log stream, in which a colon or a star is an error. */
const streamBytes = plainBytes.map((isPlain, byte) =>
  byte === 0x3a || byte === 0x2a ? 0 : isPlain,
);
/** A name of fewer bytes has no more characters than CloudWatch allows. */
const streamBytesMax = 512;

/** A log group as lines write it. */
interface WrittenGroup {
  readonly written: Uint8Array;
  readonly sieve: GroupSieve;
}
/** An environment has five log groups; of more than these, only the latest are known. */
const writtenGroupsMax = 8;

/** What was found of one line. */
interface FoundParts {
  /** Of the group that the line names, if it names one. */
  sieve: GroupSieve | undefined;
  streamFrom: number;
  streamTo: number;
  timestamp: number;
  ingestionTime: number | undefined;
  messageFrom: number;
  messageTo: number;
}

/**
 * Passes over the lines of JSON that are one event each and do not matter. It checks all that the reader of
 * the others checks: that the bytes are UTF-8, that the line is JSON, and the rules of group, stream and
 * times. A line that breaks one of them, or is written in another way than most, is left to that reader.
 */
export class JsonLinePasser implements LinePasser {
  readonly #reader: JsonReader;
  readonly #maker: EventMaker;
  readonly #sieve: EventSieve;
  readonly #layouts: LineLayout[] = [];
  readonly #groups: WrittenGroup[] = [];
  readonly #parts: FoundParts = {
    ...{ sieve: undefined, streamFrom: 0, streamTo: 0, timestamp: 0, ingestionTime: undefined },
    ...{ messageFrom: 0, messageTo: 0 },
  };
  readonly #scanned: ScannedString = { end: -1, hasHidden: false, textBytes: 0 };
  #attempts = 0;
  #words = new WordBytes(new Uint8Array(0));
  #isText = false;

  constructor(reader: JsonReader, maker: EventMaker, sieve: EventSieve) {
    this.#reader = reader;
    this.#maker = maker;
    this.#sieve = sieve;
  }

  pass(bytes: Buffer, from: number, to: number): PassedLines {
    if (!this.#reader.isAtEnd) return { lines: 0, to: from };
    if (this.#words.bytes !== bytes) {
      this.#words = new WordBytes(bytes);
      this.#isText = isUtf8(bytes);
    }
    if (!this.#isText) return { lines: 0, to: from };
    let at = from;
    let lines = 0;
    while (at < to) {
      const next = this.#passLine(bytes, at);
      if (next < 0) break;
      at = next;
      lines += 1;
    }
    return { lines, to: at };
  }

  /** @returns where the next line begins, or -1 if this one must be read */
  #passLine(bytes: Buffer, from: number): number {
    for (const layout of this.#layouts) {
      const next = this.#passAs(layout, bytes, from);
      if (next !== unlike) return next;
    }
    if (this.#layouts.length === layoutsMax || this.#attempts === attemptsMax) return -1;
    this.#attempts += 1;
    const end = bytes.indexOf(newline, from);
    const layout = layoutOf(bytes.toString('utf8', from, end).replace(/\r$/, ''));
    if (layout === undefined) return -1;
    const next = this.#passAs(layout, bytes, from);
    // A line that no layout of its own fits has something that the scan refuses.
    if (next !== unlike) this.#layouts.push(layout);
    return next === unlike ? -1 : next;
  }

  /** @returns where the next line begins, {@link unread} or {@link unlike} */
  #passAs({ isOwn, members, after }: LineLayout, bytes: Buffer, from: number): number {
    const parts = this.#parts;
    parts.sieve = undefined;
    parts.streamTo = 0;
    parts.ingestionTime = undefined;
    let at = from;
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index] as LayoutMember;
      at = endOfSame(bytes, at, member.before);
      if (at < 0) return unlike;
      at = member.isString ? this.#text(member, isOwn, bytes, at) : this.#number(member, bytes, at);
      if (at < 0) return at;
    }
    at = endOfSame(bytes, at, after);
    if (at >= 0 && bytes[at] === carriageReturn) at += 1;
    if (at < 0 || bytes[at] !== newline) return unlike;
    return this.#passParts(bytes) ? at + 1 : unread;
  }

  #passParts(bytes: Buffer): boolean {
    const { timestamp, ingestionTime, messageFrom, messageTo } = this.#parts;
    if (timestamp > this.#maker.about.latestEpochMs) return false;
    const sieve = this.#parts.sieve ?? this.#sieveByStream(bytes);
    if (sieve === undefined || sieve.mayMatter(bytes, messageFrom, messageTo, timestamp)) {
      return false;
    }
    sieve.pass(timestamp, ingestionTime, this.#scanned.textBytes);
    this.#maker.passed(timestamp);
    return true;
  }

  /** The sieve of an event that names no group. */
  #sieveByStream(bytes: Buffer): GroupSieve | undefined {
    const { streamFrom, streamTo } = this.#parts;
    const logStream = bytes.toString('utf8', streamFrom, streamTo);
    const logGroup = this.#maker.groupOf(streamTo > 0 ? { logStream } : {});
    return logGroup === undefined ? undefined : this.#sieve.ofGroup(logGroup);
  }

  /** @returns where the text ends, before its closing quote */
  #text({ role }: LayoutMember, isOwn: boolean, bytes: Buffer, from: number): number {
    const parts = this.#parts;
    if (role === 'message') {
      this.#words.scanString(from, this.#scanned);
      const { end, hasHidden } = this.#scanned;
      parts.messageFrom = from - 1;
      parts.messageTo = end + 1;
      return end < 0 || hasHidden ? unread : end;
    }
    const allowed = role === 'logStream' ? streamBytes : plainBytes;
    let end = from;
    while (allowed[bytes[end] as number] === 1) end += 1;
    if (bytes[end] !== quote) return unread;
    if (role === 'other') return end;
    // An empty name is an error in our own form, and no name in the others.
    if (end === from) return unread;
    if (role === 'logStream') {
      if (end - from > streamBytesMax) return unread;
      parts.streamFrom = from;
      parts.streamTo = end;
      return end;
    }
    parts.sieve = this.#sieveNamed(bytes, from, end, isOwn);
    return parts.sieve === undefined ? unread : end;
  }

  /** The sieve of the group that an event names; undefined for a name that is an error. */
  #sieveNamed(bytes: Buffer, from: number, to: number, isOwn: boolean): GroupSieve | undefined {
    for (const { written, sieve } of this.#groups) {
      if (written.length === to - from && endOfSame(bytes, from, written) === to) return sieve;
    }
    const text = bytes.toString('utf8', from, to);
    const name = isOwn ? (isLogGroup(text) ? text : undefined) : logGroupNameOf(text);
    const logGroup = name && this.#maker.groupOf({ logGroup: name });
    if (logGroup === undefined) return undefined;
    const sieve = this.#sieve.ofGroup(logGroup);
    this.#groups.unshift({ written: Uint8Array.from(bytes.subarray(from, to)), sieve });
    this.#groups.length = Math.min(this.#groups.length, writtenGroupsMax);
    return sieve;
  }

  #number({ role }: LayoutMember, bytes: Buffer, from: number): number {
    let at = role === 'other' && bytes[from] === 0x2d ? from + 1 : from;
    const first = at;
    let number = 0;
    for (; isDigit(bytes[at] as number); at += 1)
      number = number * 10 + (bytes[at] as number) - 0x30;
    const digits = at - first;
    if (role === 'other')
      return digits === 0 || (digits > 1 && bytes[first] === 0x30) ? unread : at;
    if (digits !== timeDigits || bytes[first] === 0x30 || !isPlausible(number)) return unread;
    if (role === 'timestamp') this.#parts.timestamp = number;
    else this.#parts.ingestionTime = number;
    return at;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** Where bytes that are the same as others end, or -1 if they differ. */
function endOfSame(bytes: Uint8Array, from: number, expected: Uint8Array): number {
  for (let at = 0; at < expected.length; at += 1) {
    if (bytes[from + at] !== expected[at]) return -1;
  }
  return from + expected.length;
}
