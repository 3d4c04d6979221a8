import { isEmptyStreamState, type Stream } from './findings/correlate-slice.ts';
import type { Severity } from './findings/finding.ts';
import type { FindingRecord } from './findings/finding-record.ts';
import type { Ledger, SliceResult } from './ledger.ts';

/** How long, in event time, a finding that nothing is pending of is kept. */
const keepMs = 24 * 3_600_000;

/** A ledger in memory: it lasts as long as the Lambda's container. */
export class MemoryLedger implements Ledger {
  readonly #watermarks = new Map<string, number>();
  readonly #streams = new Map<string, Stream>();
  readonly #findings = new Map<string, FindingRecord>();

  async loadWatermarks(logGroups: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const asked = new Set(logGroups);
    return new Map([...this.#watermarks].filter(([logGroup]) => asked.has(logGroup)));
  }

  async loadStreams(logGroups: readonly string[]): Promise<readonly Stream[]> {
    const asked = new Set(logGroups);
    return structuredClone(
      [...this.#streams.values()].filter(({ logGroup }) => asked.has(logGroup)),
    );
  }

  async loadFindings(ids: readonly string[]): Promise<ReadonlyMap<string, FindingRecord>> {
    const asked = new Set(ids);
    return new Map([...this.#findings].filter(([id]) => asked.has(id)));
  }

  async saveSlice({ streams, findings, watermarks }: SliceResult): Promise<void> {
    for (const [logGroup, epochMs] of watermarks) this.#watermarks.set(logGroup, epochMs);
    for (const stream of streams) {
      const key = JSON.stringify([stream.logGroup, stream.logStream]);
      if (isEmptyStreamState(stream.state)) this.#streams.delete(key);
      else this.#streams.set(key, structuredClone(stream));
    }
    for (const record of findings) this.#findings.set(record.finding.id, record);
    this.#forgetSettled();
  }

  async findingsCountedIn(tickEpochMs: number): Promise<readonly FindingRecord[]> {
    return [...this.#findings.values()].filter(
      ({ countedTickEpochMs }) => countedTickEpochMs === tickEpochMs,
    );
  }

  async pendingFindings(): Promise<readonly FindingRecord[]> {
    return [...this.#findings.values()].filter(({ delivery }) => delivery.status === 'pending');
  }

  async markNotified(id: string, severity: Severity): Promise<void> {
    const record = this.#findings.get(id);
    if (record === undefined) throw new Error(`no finding has the id ${id}`);
    this.#findings.set(id, { ...record, delivery: { status: 'notified', severity } });
  }

  #forgetSettled(): void {
    const oldestMs = Math.max(...this.#watermarks.values()) - keepMs;
    for (const [id, { finding, delivery }] of this.#findings) {
      if (delivery.status !== 'pending' && Date.parse(finding.lastSeen) < oldestMs) {
        this.#findings.delete(id);
      }
    }
  }
}
