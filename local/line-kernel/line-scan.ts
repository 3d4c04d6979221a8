import { GroupTable } from './group-table.ts';
import { type LineKernel, paddingBytes } from './line-kernel.ts';
import { NameTable } from './name-table.ts';

/** The members of a line, in their order, with the bytes before the first one and between them. */
export interface ScannedLayout {
  readonly isOwn: boolean;
  readonly members: readonly {
    readonly role: keyof typeof roles;
    readonly isString: boolean;
    readonly before: Uint8Array;
  }[];
  /** The bytes after the last value. */
  readonly after: Uint8Array;
}

/** Why a scan stops at a line: as `Stop` in kernel/scan-lines.ts. */
export const stop = {
  ...{ atEnd: 0, unread: 1, hit: 2, newGroup: 3, newStream: 4, recordsFull: 5, unlike: 6 },
} as const;

const roles = {
  ...{ other: 0, message: 1, timestamp: 2, ingestionTime: 3, logGroup: 4, logStream: 5 },
} as const;

/** The fields of a scan's state: as `Field` in kernel/scan-state.ts. */
const field = {
  ...{ at: 0, to: 4, layouts: 8, layoutsCount: 12, groupNames: 16, groupNamesCount: 20 },
  ...{ streamNames: 24, streamNamesCount: 28, groups: 32, records: 36, recordsMax: 40 },
  ...{ recordsCount: 44, group: 56, nameFrom: 60, nameTo: 64 },
  ...{ messageFrom: 68, messageTo: 72, textBytes: 76, next: 80, isOwn: 84, timestamp: 88 },
  ...{ ingestionTime: 96, firstEpochMs: 104, lastEpochMs: 112, latestEpochMs: 120 },
  ...{ passedCount: 128, passedEpochMs: 136 },
} as const;
const stateBytes = 144;

/** A file has lines of one program, with or without a time of ingestion. */
const layoutsMax = 4;
const layoutBytes = 2 * 1024;
/** As `Layout` in kernel/scan-lines.ts. */
const layoutField = { members: 0, flags: 4, after: 8, beginning: 16, beginningBytes: 20 } as const;
const layoutHeadBytes = 32;
const beginningBytesMax = 256;
const memberBytes = 16;
const recordsMax = 1024;
const recordBytes = 24;

/** The times of plausible events, and the latest one that is not reported; in epoch milliseconds. */
export interface ScannedTimes {
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
  readonly latestEpochMs: number;
}

const scans = new WeakMap<LineKernel, LineScan>();

/** Scans lines of JSON in the kernel: its tables, and what it found. */
export class LineScan {
  readonly kernel: LineKernel;
  readonly groups: GroupTable;
  readonly #state: number;
  readonly #layoutList: number;
  readonly #layouts: number;
  readonly #groupNames: NameTable;
  readonly #streamNames: NameTable;
  readonly #records: number;

  /** Whose tables these are. */
  owner: object | undefined;

  /** The scan of a kernel, which is used for one file after the other. */
  static of(kernel: LineKernel): LineScan {
    const scan = scans.get(kernel) ?? new LineScan(kernel);
    scans.set(kernel, scan);
    return scan;
  }

  private constructor(kernel: LineKernel) {
    this.kernel = kernel;
    this.#state = kernel.allocate(stateBytes);
    this.#layoutList = kernel.allocate(layoutsMax * 4);
    this.#layouts = kernel.allocate(layoutsMax * layoutBytes);
    this.groups = new GroupTable(kernel);
    this.#records = kernel.allocate(recordsMax * recordBytes);
    const { groupNames, groupNamesCount, streamNames, streamNamesCount } = field;
    const namesAt = (entries: number, count: number) => {
      return new NameTable(kernel, this.#state + entries, this.#state + count);
    };
    this.#groupNames = namesAt(groupNames, groupNamesCount);
    this.#streamNames = namesAt(streamNames, streamNamesCount);
    this.#set('layouts', this.#layoutList);
    this.#set('groups', this.groups.address);
    this.#set('records', this.#records);
    this.#set('recordsMax', recordsMax);
  }

  #get(name: keyof typeof field): number {
    return this.kernel.view.getUint32(this.#state + field[name], true);
  }

  #set(name: keyof typeof field, value: number): void {
    this.kernel.view.setUint32(this.#state + field[name], value, true);
  }

  /** Forgets what it knows, for lines of another file. */
  begin(owner: object, { firstEpochMs, lastEpochMs, latestEpochMs }: ScannedTimes): void {
    this.owner = owner;
    this.#set('layoutsCount', 0);
    this.#set('recordsCount', 0);
    this.#set('passedCount', 0);
    this.groups.forgetAll();
    this.#groupNames.clear();
    this.#streamNames.clear();
    const { view } = this.kernel;
    view.setFloat64(this.#state + field.firstEpochMs, firstEpochMs, true);
    view.setFloat64(this.#state + field.lastEpochMs, lastEpochMs, true);
    view.setFloat64(this.#state + field.latestEpochMs, latestEpochMs, true);
  }

  /** @returns whether there is room for it */
  addLayout({ isOwn, members, after }: ScannedLayout): boolean {
    const count = this.#get('layoutsCount');
    if (count === layoutsMax) return false;
    const { bytes, view } = this.kernel;
    const layout = this.#layouts + count * layoutBytes;
    const beginning = layout + layoutHeadBytes + members.length * memberBytes;
    let textAt = beginning + beginningBytesMax + paddingBytes;
    const textBytes = members.reduce((sum, { before }) => sum + before.length, after.length);
    if (textAt + textBytes > layout + layoutBytes - paddingBytes) return false;
    const write = (text: Uint8Array, entry: number) => {
      view.setUint32(entry, textAt, true);
      view.setUint32(entry + 4, text.length, true);
      bytes.set(text, textAt);
      textAt += text.length;
    };
    const namesGroup = members.some(({ role }) => role === 'logGroup');
    view.setUint32(layout + layoutField.members, members.length, true);
    view.setUint32(layout + layoutField.flags, (isOwn ? 1 : 0) | (namesGroup ? 2 : 0), true);
    write(after, layout + layoutField.after);
    view.setUint32(layout + layoutField.beginning, beginning, true);
    view.setUint32(layout + layoutField.beginningBytes, 0, true);
    for (const [number, { role, isString, before }] of members.entries()) {
      const member = layout + layoutHeadBytes + number * memberBytes;
      view.setUint32(member, roles[role], true);
      view.setUint32(member + 4, isString ? 1 : 0, true);
      write(before, member + 8);
    }
    view.setUint32(this.#layoutList + count * 4, layout, true);
    this.#set('layoutsCount', count + 1);
    return true;
  }

  /** Takes away the layout that was added last. */
  removeLayout(): void {
    this.#set('layoutsCount', this.#get('layoutsCount') - 1);
  }

  /** Says of which group the line is at which the scan stopped. */
  nameGroup(by: 'group' | 'stream', group: number): boolean {
    const names = by === 'group' ? this.#groupNames : this.#streamNames;
    return names.add(this.#get('nameFrom'), this.#get('nameTo'), group);
  }

  /** Scans lines between two addresses. @returns why it stopped, see {@link stop} */
  scan(from: number, to: number): number {
    this.#set('at', from);
    this.#set('to', to);
    return this.goOn();
  }

  goOn(): number {
    return this.kernel.run.scan(this.#state);
  }

  /** Passes over the line at which the scan stopped. */
  pass(): void {
    this.kernel.run.pass(this.#state);
  }

  /** Where the scan stopped. */
  get at(): number {
    return this.#get('at');
  }

  /** The number of the group of the line at which the scan stopped. */
  get group(): number {
    return this.#get('group');
  }

  get isOwn(): boolean {
    return this.#get('isOwn') === 1;
  }

  /** The name of its group or, if it has none, of its stream, as it is written. */
  get name(): string {
    return this.kernel.bytes.toString('utf8', this.#get('nameFrom'), this.#get('nameTo'));
  }

  /** Where its message begins, with its quotes. */
  get messageFrom(): number {
    return this.#get('messageFrom');
  }

  get messageTo(): number {
    return this.#get('messageTo');
  }

  get timestamp(): number {
    return this.kernel.view.getFloat64(this.#state + field.timestamp, true);
  }

  /** How many lines were passed over since they were last taken. */
  get passedCount(): number {
    return this.#get('passedCount');
  }

  /** The time of the last one, in epoch milliseconds. */
  get passedEpochMs(): number {
    return this.kernel.view.getFloat64(this.#state + field.passedEpochMs, true);
  }

  /** Gives the lines that were passed over since the last call and have to be told; `groups` has the others. */
  takePassed(take: TakePassed): void {
    const count = this.#get('recordsCount');
    this.#set('recordsCount', 0);
    this.#set('passedCount', 0);
    const { view } = this.kernel;
    for (let at = this.#records, left = count; left > 0; left -= 1, at += recordBytes) {
      take(
        view.getUint32(at, true),
        view.getFloat64(at + 8, true),
        view.getFloat64(at + 16, true),
        view.getUint32(at + 4, true),
      );
    }
  }
}

/**
 * @param ingestionTime in epoch milliseconds as `timestamp`, or -1
 * @param textBytes the length of the message in UTF-8
 */
type TakePassed = (
  group: number,
  timestamp: number,
  ingestionTime: number,
  textBytes: number,
) => void;
