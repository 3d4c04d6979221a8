import type { EventTotals } from '../log-event.ts';
import type { LineKernel } from './line-kernel.ts';

/** What is searched for in messages, in the kernel's memory. */
export interface LiteralTable {
  readonly address: number;
}

/** How the messages of a group are treated. */
export interface GroupTreatment {
  /** `ask` says of every message that it may matter, `pass` of none. */
  readonly messages: 'pass' | 'ask' | LiteralTable;
  /** Events of other times are passed over; epoch milliseconds, both inclusive. */
  readonly firstEpochMs: number;
  readonly lastEpochMs: number;
}

/** The same treatment whatever the time. */
export function atAnyTime(messages: GroupTreatment['messages']): GroupTreatment {
  return { messages, firstEpochMs: 0, lastEpochMs: Number.POSITIVE_INFINITY };
}

/** Lines of further groups are read. */
export const groupsMax = 64;
/** The fields of a group: as `Group` in kernel/scan-state.ts. */
const field = {
  ...{ mode: 0, search: 4, firstEpochMs: 8, lastEpochMs: 16, recordsEach: 24, count: 28 },
  ...{ textBytes: 32, earliestEpochMs: 40, latestEpochMs: 48, latestIngestionEpochMs: 56 },
  ...{ latestVisibleEpochMs: 64, bytes: 80 },
} as const;
/** As `Mode` in kernel/scan-lines.ts. */
const modes = { pass: 0, ask: 1, search: 2 } as const;

/** How the lines of each group are treated, and what is known of those that were passed over. */
export class GroupTable {
  readonly #kernel: LineKernel;
  readonly address: number;

  constructor(kernel: LineKernel) {
    this.#kernel = kernel;
    this.address = kernel.allocate(groupsMax * field.bytes);
  }

  /**
   * @param group its number, below {@link groupsMax}
   * @param tellsEach whether each line that is passed over is told; otherwise, only those of another time are
   */
  treat(group: number, treatment: GroupTreatment, tellsEach: boolean): void {
    const { messages, firstEpochMs, lastEpochMs } = treatment;
    const { view } = this.#kernel;
    const entry = this.address + group * field.bytes;
    const mode = typeof messages === 'string' ? messages : 'search';
    const table = typeof messages === 'string' ? 0 : messages.address;
    view.setUint32(entry + field.mode, modes[mode], true);
    view.setUint32(entry + field.search, table, true);
    view.setFloat64(entry + field.firstEpochMs, firstEpochMs, true);
    view.setFloat64(entry + field.lastEpochMs, lastEpochMs, true);
    view.setUint32(entry + field.recordsEach, tellsEach ? 1 : 0, true);
  }

  /** Takes what is known of the lines of a group that are not told. @returns undefined if there is none */
  take(group: number): EventTotals | undefined {
    const { view } = this.#kernel;
    const entry = this.address + group * field.bytes;
    const count = view.getUint32(entry + field.count, true);
    if (count === 0) return undefined;
    const totals = {
      count,
      textBytes: view.getUint32(entry + field.textBytes, true),
      firstEpochMs: view.getFloat64(entry + field.earliestEpochMs, true),
      lastEpochMs: view.getFloat64(entry + field.latestEpochMs, true),
      lastIngestionEpochMs: view.getFloat64(entry + field.latestIngestionEpochMs, true),
      lastVisibleEpochMs: view.getFloat64(entry + field.latestVisibleEpochMs, true),
    };
    this.#forget(group);
    return totals;
  }

  forgetAll(): void {
    for (let group = 0; group < groupsMax; group += 1) this.#forget(group);
  }

  #forget(group: number): void {
    const { view } = this.#kernel;
    const entry = this.address + group * field.bytes;
    view.setUint32(entry + field.count, 0, true);
    view.setUint32(entry + field.textBytes, 0, true);
    view.setFloat64(entry + field.earliestEpochMs, Number.POSITIVE_INFINITY, true);
    view.setFloat64(entry + field.latestEpochMs, 0, true);
    view.setFloat64(entry + field.latestIngestionEpochMs, 0, true);
    view.setFloat64(entry + field.latestVisibleEpochMs, 0, true);
  }
}
