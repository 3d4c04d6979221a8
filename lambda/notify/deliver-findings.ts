import { createHash } from 'node:crypto';
import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { type Deadline, deadlineIn, minuteMs } from '../common/time.ts';
import { type WaitingFinding, waitingFindingOf } from '../findings/finding-actor.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import type { ListedEntry } from '../ledger/approved-findings.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { loadPendingFinding, pendingPages } from '../ledger/stored-findings.ts';
import { digestOf, minimalMessage } from '../messages/digest.ts';
import { notificationOf } from '../messages/notification.ts';
import { type Sender, senderOf } from '../messages/subject.ts';
import type { TickContext } from '../record/tick-context.ts';
import { readDagOwners } from './dag-owners.ts';
import { orderOfDigests, orderOfSingles } from './delivery-plan.ts';
import { type Compose, DeliveryTally, reportFailure, sendMessage } from './send-message.ts';

/** An invocation lasts at most 15 minutes: nobody who still publishes has written a longer claim. */
const claimMaxMs = 20 * minuteMs;

export interface Delivered {
  /** Findings that people were notified of. */
  readonly notified: number;
  /** Findings that are due and not notified, including those whose publish may have gone out. */
  readonly undelivered: number;
  /** Publishes whose outcome is unknown. */
  readonly unknownPublishes: number;
  /** Attempted notifications of single findings. */
  readonly singles: number;
  readonly failures: readonly Error[];
}

interface DeliveryLimits {
  /** At most this number of notifications of single findings. */
  readonly singlesMax: number;
  /** When all calls have to end: a later delivery does the rest. */
  readonly deadline: Deadline;
}

/** No message is begun in the last seconds: one that is published but not recorded is sent twice. */
const recordReserveMaxMs = 3_000;
/** The time that a message needs at least: to claim, publish and record. */
const messageMinMs = 2_000;
/** Findings claimed for one digest: a lost answer leaves at most this number in doubt. */
const digestFindingsMax = 400;
/** Characters of evidence in memory at once: a finding may hold 250 kB of it. */
const loadedCharactersMax = 16_000_000;
/** The assumed time to read, claim and record a finding until it is measured. */
const firstGuessMsPerFinding = 20;
const leastMsPerFinding = 2;
/** After this number of failed digests in a row, the next tick sends the rest. */
const failedDigestsMax = 3;
/**
 * After this number of findings that SNS refuses even with their id alone, the next tick sends the rest,
 * unless SNS has accepted a message in this tick.
 */
const refusedFindingsMax = 20;
/** Entries of the list in memory at once; of more, the first by the order of digests remain. */
const entriesMax = 20_000;

/**
 * Notifies people of every pending finding: the worst, fairly chosen, by notifications of their own, then
 * all others by as many digests as necessary. What a message does not name stays pending, and so do the
 * mildest findings when the tick runs out of time.
 *
 * The list of pending findings holds what the order needs; a finding itself is read only when its message
 * is due. One that cannot be read, claimed or published stays pending and does not delay the others.
 *
 * @param isLookingBack whether the look-back is still running: its findings wait until it is done
 * @throws the error of the first page of the list when it cannot be read
 */
export async function deliverFindings(
  context: TickContext,
  isLookingBack: boolean,
  limits: DeliveryLimits,
): Promise<Delivered> {
  const delivery = new Delivery(context, limits);
  const backlog = await delivery.readBacklog();
  const others = await delivery.sendSingles(backlog.filter(({ initial }) => !initial));
  await delivery.sendDigests(others);
  if (!isLookingBack) await delivery.sendDigests(backlog.filter(({ initial }) => initial));
  return delivery.result(isLookingBack);
}

/** One delivery: its numbers and its pace. */
class Delivery {
  /** With a table and a deadline of its own: the run has more to do after it. */
  readonly #context: TickContext;
  /** After it, nothing more is begun. */
  readonly #deadline: Deadline;
  readonly #singlesMax: number;
  readonly #tally = new DeliveryTally();
  /** A random number for each tick; see orderOfSingles. */
  readonly #seed: string;
  /** Findings on the list, except those of the look-back. */
  #listed = 0;
  #listedInitial = 0;
  #msPerFinding = firstGuessMsPerFinding;
  #refused = 0;
  #singles = 0;

  constructor(context: TickContext, { singlesMax, deadline }: DeliveryLimits) {
    const { shell } = context;
    const { ledgerTableName } = shell.config;
    const table = new LedgerTable(shell, ledgerTableName, deadline);
    this.#context = { ...context, table, deadline };
    this.#singlesMax = singlesMax;
    const reserveMs = Math.min(recordReserveMaxMs, deadline.remainingMs() / 4);
    this.#deadline = { remainingMs: () => Math.max(0, deadline.remainingMs() - reserveMs) };
    this.#seed = createHash('sha256').update(shell.newId()).digest('hex');
  }

  result(isLookingBack: boolean): Delivered {
    const { notified, unknownPublishes, failures } = this.#tally;
    const due = this.#listed + (isLookingBack ? 0 : this.#listedInitial);
    const undelivered = Math.max(0, due - notified);
    return { notified, undelivered, unknownPublishes, singles: this.#singles, failures };
  }

  /**
   * The pending findings. Reading ends after half of the time, so it begins at a random place in each
   * tick: no finding is always beyond the end.
   */
  async readBacklog(): Promise<WaitingFinding[]> {
    const { shell } = this.#context;
    const reading = deadlineIn(shell.timer, this.#deadline.remainingMs() / 2);
    const table = new LedgerTable(shell, shell.config.ledgerTableName, reading);
    const from = Number.parseInt(this.#seed.slice(-8), 16) / 2 ** 32;
    let waiting: WaitingFinding[] = [];
    let pages = 0;
    try {
      for await (const entries of pendingPages(table, 'people', from)) {
        pages += 1;
        for (const finding of await inSteps(entries, (entry) => this.#planned(table, entry))) {
          if (finding === undefined) continue;
          waiting.push(finding);
          this.#count(finding, 1);
        }
        if (waiting.length > 2 * entriesMax) waiting = this.#inOrder(waiting).slice(0, entriesMax);
        if (reading.remainingMs() === 0) {
          shell.log('warn', 'pending-list-not-read-to-its-end', { read: waiting.length });
          break;
        }
      }
    } catch (cause) {
      if (pages === 0) throw cause;
      this.#tally.failures.push(new Error('not all pending findings can be read', { cause }));
    }
    return waiting;
  }

  /** What the plan needs of an entry; an entry of an earlier version only says where the finding is. */
  async #planned(table: LedgerTable, entry: ListedEntry): Promise<WaitingFinding | undefined> {
    if ('finding' in entry) return entry.finding;
    try {
      const record = await loadPendingFinding(table, 'people', entry.place);
      return record && waitingFindingOf(record);
    } catch (error) {
      this.#listed += 1;
      this.#reportUnread(error);
      return undefined;
    }
  }

  #count({ initial }: WaitingFinding, by: 1 | -1): void {
    if (initial) this.#listedInitial += by;
    else this.#listed += by;
  }

  /** Logs a finding that cannot be read; it counts as undelivered. */
  #reportUnread(error: unknown): void {
    this.#context.shell.log('error', 'pending-finding-not-read', { error: describeError(error) });
    this.#tally.failures.push(new Error('a pending finding cannot be read', { cause: error }));
  }

  /** @returns the findings that are left for digests */
  async sendSingles(waiting: readonly WaitingFinding[]): Promise<WaitingFinding[]> {
    const candidates = orderOfSingles(waiting, { seed: this.#seed });
    const chosen: FindingRecord[] = [];
    let tried = 0;
    const most = this.#singlesMax;
    while (chosen.length < most && tried < candidates.length && this.#mayGoOn()) {
      const next = candidates.slice(tried, tried + most - chosen.length);
      tried += next.length;
      chosen.push(...(await this.#load(next)));
    }
    this.#singles += chosen.length;
    const owners = await readDagOwners(
      this.#context.shell,
      chosen.map(({ finding }) => finding),
      this.#deadline,
    );
    await Promise.all(
      chosen.map((record) => this.#sendSingle(record, owners.get(record.finding.id))),
    );
    return candidates.slice(tried);
  }

  async #sendSingle(record: FindingRecord, dagOwners?: readonly string[]): Promise<void> {
    if (record.minimal) return this.#sendMinimal([record]);
    const { refused } = await this.#send([record], ([finding], { isUpdate }) => {
      if (finding === undefined) throw new RangeError('a message needs a finding, got none');
      const options = { update: isUpdate, dagOwners };
      return { notification: notificationOf(finding, this.#sender, options), named: [finding] };
    });
    if (refused.length > 0) await this.#sendMinimal(refused);
  }

  /** Sends digests until all findings are named or the time is up. */
  async sendDigests(waiting: readonly WaitingFinding[]): Promise<void> {
    const queue = this.#inOrder(waiting);
    let next = 0;
    let loaded: FindingRecord[] = [];
    let failed = 0;
    while (failed < failedDigestsMax && this.#mayGoOn()) {
      const startedMs = this.#context.shell.timer.monotonicMs();
      const most = this.#findingsInTime();
      let minimal: FindingRecord[] = [];
      while (
        loaded.length < most &&
        next < queue.length &&
        charactersOf(loaded) < loadedCharactersMax &&
        this.#mayGoOn()
      ) {
        const some = queue.slice(next, next + Math.min(loadAtOnce, most - loaded.length));
        next += some.length;
        const records = await this.#load(some);
        minimal = [...minimal, ...records.filter((record) => record.minimal)];
        loaded = [...loaded, ...records.filter((record) => !record.minimal)];
      }
      // What was read too late to be sent stays pending.
      if (!this.#mayGoOn() || (loaded.length === 0 && minimal.length === 0)) break;
      if (loaded.length > 0) {
        const some = loaded.slice(0, most);
        const others = loaded.slice(most);
        const following = queue.length - next + others.length;
        const sent = await this.#send(some, this.#composeDigest, following);
        failed = sent.outcome === 'failed' || sent.outcome === 'unknown' ? failed + 1 : 0;
        loaded = [...sent.left, ...others];
        minimal = [...minimal, ...sent.refused];
        const tookMs = this.#context.shell.timer.monotonicMs() - startedMs;
        const count = Math.max(1, some.length - sent.left.length);
        this.#msPerFinding = Math.max(leastMsPerFinding, tookMs / count);
      }
      await this.#sendMinimal(minimal);
    }
    const left = queue.length - next + loaded.length;
    if (left > 0) this.#context.shell.log('warn', 'findings-left-for-the-next-tick', { left });
  }

  /** Sends minimal messages until all are named; a refused message is repeated finding by finding. */
  async #sendMinimal(records: readonly FindingRecord[]): Promise<void> {
    let left = records;
    while (left.length > 0 && this.#mayGoOn()) {
      const sent = await this.#send(left, this.#composeMinimal);
      left = sent.left;
      if (sent.refused.length > 1) {
        for (const record of sent.refused) await this.#sendMinimal([record]);
      } else if (sent.refused.length === 1) {
        this.#refused += 1;
        const cause = new Error('SNS refused even a message with its id alone');
        reportFailure(this.#context, sent.refused, cause, this.#tally);
      }
    }
  }

  #send(records: readonly FindingRecord[], compose: Compose, following = 0) {
    return sendMessage(this.#context, records, compose, { tally: this.#tally, following });
  }

  /** Loads the findings that may be published now: not those with a claim that may still be in use. */
  async #load(waiting: readonly WaitingFinding[]): Promise<FindingRecord[]> {
    const { table, shell } = this.#context;
    const records = await inSteps(waiting, async (one) => {
      try {
        const record = await loadPendingFinding(table, 'people', one);
        if (record === undefined) this.#count(one, -1);
        return record;
      } catch (error) {
        this.#reportUnread(error);
        return undefined;
      }
    });
    const nowEpochMs = shell.clock.nowEpochMs();
    return records
      .filter((record) => record !== undefined)
      .filter(
        ({ delivery }) =>
          delivery.status !== 'claimed' ||
          delivery.untilEpochMs < nowEpochMs ||
          delivery.untilEpochMs > nowEpochMs + claimMaxMs,
      );
  }

  #inOrder(waiting: readonly WaitingFinding[]): WaitingFinding[] {
    const { tickEpochMs, shell } = this.#context;
    const periodMs = shell.config.everyMinutes * minuteMs;
    return orderOfDigests(waiting, { seed: this.#seed, tickEpochMs, periodMs });
  }

  #mayGoOn(): boolean {
    const takesNothing = this.#tally.notified === 0 && this.#refused >= refusedFindingsMax;
    return !takesNothing && this.#deadline.remainingMs() >= messageMinMs;
  }

  /** How many findings can be claimed now so that half of the time remains to record them. */
  #findingsInTime(): number {
    const inTime = Math.floor(this.#deadline.remainingMs() / 2 / this.#msPerFinding);
    return Math.max(1, Math.min(digestFindingsMax, inTime));
  }

  readonly #composeDigest: Compose = (findings, { following }) =>
    digestOf(findings, { sender: this.#sender, following });

  readonly #composeMinimal: Compose = (findings) => minimalMessage(findings, this.#sender);

  get #sender(): Sender {
    const { shell, airflow } = this.#context;
    const { mwaaEnvironment, findingsTopicArn, runbookBaseUrl } = shell.config;
    return { ...senderOf(mwaaEnvironment, findingsTopicArn), airflow, runbookBaseUrl };
  }
}

/** Findings read between two checks of how much is in memory. */
const loadAtOnce = 16;

function charactersOf(records: readonly FindingRecord[]): number {
  let characters = 0;
  for (const { finding } of records) {
    for (const { message } of finding.evidence) characters += message.length;
  }
  return characters;
}
