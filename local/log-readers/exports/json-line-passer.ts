import { isUtf8 } from 'node:buffer';
import { atAnyTime, groupsMax } from '../../line-kernel/group-table.ts';
import { LineKernel } from '../../line-kernel/line-kernel.ts';
import { LineScan, stop } from '../../line-kernel/line-scan.ts';
import type { EventSieve, GroupSieve } from '../lines/event-sieve.ts';
import type { LinePasser, PassedLines } from '../lines/line-splitter.ts';
import { plausibleTimes } from '../report/read-report.ts';
import type { EventMaker } from './event-maker.ts';
import { isLogGroup, logGroupNameOf } from './event-record.ts';
import type { JsonReader } from './json-reader.ts';
import { type LineLayout, layoutOf } from './line-layout.ts';

const newline = 0x0a;

/** A layout is looked for in a line that is not longer. */
const layoutLineBytesMax = 64 * 1024;
/** Lines whose layout is looked for, so that a file without any costs little. */
const attemptsMax = 50;

const askAll = atAnyTime('ask');

/**
 * Passes over the lines of JSON that are one event each and do not matter. It checks all that the reader of
 * the others checks: that the bytes are UTF-8, that the line is JSON, and the rules of group, stream and
 * times. A line that breaks one of them, or is written in another way than most, is left to that reader.
 */
export class JsonLinePasser implements LinePasser {
  readonly #reader: JsonReader;
  readonly #maker: EventMaker;
  readonly #sieve: EventSieve;
  readonly #scan: LineScan;
  /** By number. */
  #groups: { readonly logGroup: string; readonly sieve: GroupSieve }[] = [];
  readonly #layouts: LineLayout[] = [];
  #attempts = 0;
  /** Where the line is for which a layout was added last. */
  #layoutAt = -1;
  #bytes: Buffer | undefined;
  #isText = false;

  constructor(reader: JsonReader, maker: EventMaker, sieve: EventSieve) {
    this.#reader = reader;
    this.#maker = maker;
    this.#sieve = sieve;
    this.#scan = LineScan.of(sieve.kernel ?? new LineKernel());
  }

  pass(bytes: Buffer, from: number, to: number): PassedLines {
    if (!this.#reader.isAtEnd) return { lines: 0, to: from };
    if (this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#isText = isUtf8(bytes);
    }
    if (!this.#isText) return { lines: 0, to: from };
    if (this.#scan.owner !== this) this.#begin();
    for (const [number, { sieve }] of this.#groups.entries()) this.#treat(number, sieve);
    const start = this.#scan.kernel.input(bytes);
    this.#layoutAt = -1;
    let lines = 0;
    let why = this.#scan.scan(start + from, start + to);
    for (;;) {
      const isMore = why !== stop.atEnd && this.#mayGoOn(why, bytes, this.#scan.at - start);
      if (why === stop.recordsFull || !isMore) lines += this.#takePassed();
      if (!isMore) return { lines, to: this.#scan.at - start };
      why = this.#scan.goOn();
    }
  }

  /** The scan's tables are those of one file at a time. */
  #begin(): void {
    const { latestEpochMs } = this.#maker.about;
    this.#scan.begin(this, { ...plausibleTimes, latestEpochMs });
    for (const layout of this.#layouts) this.#scan.addLayout(layout);
  }

  /** Whether the scan may go on; otherwise the line at which it stopped must be read. */
  #mayGoOn(why: number, bytes: Buffer, at: number): boolean {
    switch (why) {
      case stop.recordsFull:
        return true;
      case stop.hit:
        return this.#isPassedAfterAll();
      case stop.newGroup:
        return this.#addGroup('group', this.#groupNamed(this.#scan.name));
      case stop.newStream:
        return this.#addGroup('stream', this.#groupOfStream(this.#scan.name));
      case stop.unlike:
        return this.#findLayout(bytes, at);
      default:
        return false;
    }
  }

  #isPassedAfterAll(): boolean {
    const { kernel, group, messageFrom, messageTo } = this.#scan;
    const mayMatter = this.#groups[group]?.sieve.mayMatter(kernel.bytes, messageFrom, messageTo);
    if (mayMatter !== false) return false;
    this.#scan.pass();
    return true;
  }

  #takePassed(): number {
    const { passedCount, passedEpochMs } = this.#scan;
    if (passedCount === 0) return 0;
    this.#maker.passed(passedCount, passedEpochMs);
    const groups = this.#groups;
    this.#scan.takePassed((group, timestamp, ingestionTime, textBytes) => {
      const ingested = ingestionTime < 0 ? undefined : ingestionTime;
      groups[group]?.sieve.pass(timestamp, ingested, textBytes);
    });
    for (const [number, { sieve }] of groups.entries()) {
      const passed = this.#scan.groups.take(number);
      if (passed !== undefined) sieve.passTogether?.(passed);
    }
    return passedCount;
  }

  #treat(group: number, sieve: GroupSieve): void {
    this.#scan.groups.treat(group, sieve.treatment ?? askAll, sieve.passTogether === undefined);
  }

  /** @returns undefined for a name that is an error */
  #groupNamed(text: string): string | undefined {
    const name = this.#scan.isOwn ? (isLogGroup(text) ? text : undefined) : logGroupNameOf(text);
    return name && this.#maker.groupOf({ logGroup: name });
  }

  #groupOfStream(logStream: string): string | undefined {
    return this.#maker.groupOf(logStream === '' ? {} : { logStream });
  }

  #addGroup(by: 'group' | 'stream', logGroup: string | undefined): boolean {
    if (logGroup === undefined) return false;
    let number = this.#groups.findIndex((group) => group.logGroup === logGroup);
    if (number < 0) {
      if (this.#groups.length === groupsMax) return false;
      const sieve = this.#sieve.ofGroup(logGroup);
      number = this.#groups.push({ logGroup, sieve }) - 1;
      this.#treat(number, sieve);
    }
    return this.#scan.nameGroup(by, number);
  }

  #findLayout(bytes: Buffer, at: number): boolean {
    if (at === this.#layoutAt) {
      // A line that a layout of its own does not fit has something that the scan refuses.
      this.#layouts.pop();
      this.#scan.removeLayout();
      this.#layoutAt = -1;
      return false;
    }
    if (this.#attempts === attemptsMax) return false;
    this.#attempts += 1;
    const end = bytes.indexOf(newline, at);
    if (end - at > layoutLineBytesMax) return false;
    const layout = layoutOf(bytes.toString('utf8', at, end).replace(/\r$/, ''));
    if (layout === undefined || !this.#isLikeOthers(layout)) return false;
    if (!this.#scan.addLayout(layout)) return false;
    this.#layouts.push(layout);
    this.#layoutAt = at;
    return true;
  }

  /** A name that was found in an answer of AWS can be an error in our own form. */
  #isLikeOthers({ isOwn }: LineLayout): boolean {
    return this.#layouts.every((one) => one.isOwn === isOwn);
  }
}
