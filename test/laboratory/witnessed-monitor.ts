import { randomUUID } from 'node:crypto';
import type { Finding } from '../../lambda/model/finding.ts';
import { runWitness, type WitnessReport } from '../../lambda/witness/run-witness.ts';
import {
  credentials,
  environment,
  healthyMonitor,
  invoke,
  scheduledEvent,
} from '../lambda/setup/monitor-fixture.ts';
import { published } from '../lambda/setup/pack-fixture.ts';

const minuteMs = 60_000;

/** What the witness may read. */
export interface WitnessReads {
  readonly auditLog: boolean;
  readonly snapshot: boolean;
}

/**
 * A monitor with a second witness, in this process: its own code, its ledger in memory, and the answers of a
 * real Airflow. Its logs are empty, so that nothing but the witness can find anything.
 */
export class WitnessedMonitor {
  readonly #fixture = healthyMonitor();
  readonly #endpoint: string;
  readonly #reads: WitnessReads;
  /** How far its clock is ahead of this machine's. */
  #aheadMs = 0;

  constructor(endpoint: string, reads: WitnessReads) {
    this.#endpoint = endpoint;
    this.#reads = reads;
  }

  /** Runs the witness's function, then a tick of the scanner. */
  async look(): Promise<WitnessReport> {
    const { monitor } = this.#fixture;
    const reads = { ...this.#reads, everyMinutes: 15 };
    const report = await runWitness(
      {
        ...{ dynamo: monitor.dynamo, clock: this.#clock, timer: monitor.timer },
        config: { mwaaEnvironment: environment, ledgerTableName: 'ledger', ...reads },
        mwaa: { endpoint: this.#endpoint, region: 'eu-west-1', credentials, fetch },
        ...{ random: Math.random, newId: randomUUID, writeLine: () => {} },
      },
      60_000,
    );
    await this.#tick(reads);
    return report;
  }

  /** Lets time pass until the logs of all that happened are settled, with a run every 15 minutes. */
  async settle(hours: number): Promise<void> {
    for (let quarters = 0; quarters < hours * 4; quarters += 1) {
      this.#aheadMs += 15 * minuteMs;
      await this.look();
    }
  }

  /** The findings that were published, each in its last state. */
  findings(): Finding[] {
    const last = new Map<string, Finding>();
    for (const message of published(this.#fixture)) {
      const found: readonly Finding[] = message.kind === 'digest' ? message.findings : [message];
      for (const one of found) last.set(one.id, one);
    }
    return [...last.values()];
  }

  readonly #clock = { nowEpochMs: () => Date.now() + this.#aheadMs };

  async #tick(reads: WitnessReads & { readonly everyMinutes: number }): Promise<void> {
    const { monitor } = this.#fixture;
    const config = { ...monitor.config, witness: reads };
    const tickEpochMs = Math.floor(this.#clock.nowEpochMs() / minuteMs) * minuteMs;
    await invoke(
      { ...monitor, config, clock: this.#clock },
      { ...scheduledEvent, time: new Date(tickEpochMs).toISOString().replace('.000', '') },
    );
  }
}
