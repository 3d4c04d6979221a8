import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { type Deadline, deadlineIn } from '../common/time.ts';
import type { FindingPlace, WaitingFinding } from '../findings/finding-actor.ts';
import type { FindingRecord } from '../findings/finding-record.ts';
import type { ListedEntry } from '../ledger/approved-findings.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { loadPendingFinding, pendingPages, saveFinding } from '../ledger/stored-findings.ts';
import { severityRank } from '../model/severity.ts';
import type { SideDestination } from '../plan/runtime-config.ts';
import type { TickContext } from '../record/tick-context.ts';
import { publishFailure } from './send-message.ts';

/** What became of one message: its id, or the code by which it was not taken. */
export interface PutResult {
  readonly messageId?: string | undefined;
  readonly error?: string | undefined;
}

/** A message with the findings that it names, which alone are recorded as sent. */
export interface SideMessage<Payload> {
  readonly records: readonly FindingRecord[];
  readonly payload: Payload;
}

/** A destination beside the topic for people. */
export interface SideTarget<Payload = unknown> {
  readonly side: SideDestination;
  /** How many findings to load together, after so many in this delivery: they are in memory at once. */
  readonly together: (before: number) => number;
  /** The messages that name all of these findings, after so many in this delivery. */
  readonly compose: (records: readonly FindingRecord[], before: number) => SideMessage<Payload>[];
  /** A message in place of one that was refused, with as little as possible. */
  readonly composeShort: (records: readonly FindingRecord[]) => Payload;
  /** Divides messages among requests. */
  readonly requests: (messages: readonly SideMessage<Payload>[]) => SideMessage<Payload>[][];
  /**
   * One request, which may take some of the messages and not the others.
   *
   * @returns a result for each message, in their order
   * @throws the call's own error, or DeadlineError
   */
  readonly put: (payloads: readonly Payload[], deadline: Deadline) => Promise<PutResult[]>;
}

export interface DeliveredBeside {
  /** Findings that a message which was taken names, and that are recorded as sent. */
  readonly sent: number;
  /** Findings that still wait. */
  readonly undelivered: number;
  readonly failures: readonly Error[];
}

/** The time that a request needs at least: to load, put and record its findings. */
const requestMinMs = 2_000;
/** Entries of the list in memory at once; of more, the worst remain. */
const entriesMax = 20_000;
/** After this number of failed requests in a row, the next tick sends the rest. */
const failedRequestsMax = 3;
/** Likewise after this number of messages that are refused without details too, unless it took others. */
const refusedMax = 20;

/**
 * Sends every finding that waits for a destination, the worst first: each at least once, always with its
 * id. What was not taken, or could not be recorded as sent, waits for the next tick, also when other
 * messages of the same request were taken.
 *
 * It knows nothing of the messages to people: no destination waits for another.
 *
 * @throws the error of the first page of the list when it cannot be read
 */
export async function deliverBeside<Payload>(
  context: TickContext,
  target: SideTarget<Payload>,
  deadline: Deadline,
): Promise<DeliveredBeside> {
  const delivery = new SideDelivering(context, target, deadline);
  await delivery.run();
  return delivery.result();
}

class SideDelivering<Payload> {
  readonly #context: TickContext;
  readonly #target: SideTarget<Payload>;
  readonly #deadline: Deadline;
  readonly #failures: Error[] = [];
  #listed = 0;
  #sent = 0;
  #failedInARow = 0;
  #refused = 0;

  constructor(context: TickContext, target: SideTarget<Payload>, deadline: Deadline) {
    const { shell } = context;
    const table = new LedgerTable(shell, shell.config.ledgerTableName, deadline);
    this.#context = { ...context, table, deadline };
    this.#target = target;
    this.#deadline = deadline;
  }

  result(): DeliveredBeside {
    const undelivered = Math.max(0, this.#listed - this.#sent);
    return { sent: this.#sent, undelivered, failures: this.#failures };
  }

  async run(): Promise<void> {
    const { side, together, requests } = this.#target;
    const places = await this.#readList();
    let next = 0;
    while (next < places.length && this.#mayGoOn()) {
      const before = next;
      const some = places.slice(before, before + together(before));
      next += some.length;
      const messages = this.#composed(await this.#load(some), before);
      for (const request of requests(messages)) await this.#put(request);
    }
    const left = this.#listed - this.#sent;
    if (left > 0) this.#context.shell.log('warn', 'left-for-the-next-tick', { side, left });
  }

  /** As for messages to people, reading begins at a random place: no finding is always beyond the end. */
  async #readList(): Promise<FindingPlace[]> {
    const { shell } = this.#context;
    const { side } = this.#target;
    const reading = deadlineIn(shell.timer, this.#deadline.remainingMs() / 2);
    const table = new LedgerTable(shell, shell.config.ledgerTableName, reading);
    let entries: ListedEntry[] = [];
    let pages = 0;
    try {
      for await (const page of pendingPages(table, side, shell.random())) {
        pages += 1;
        this.#listed += page.length;
        entries = [...entries, ...page];
        if (entries.length > 2 * entriesMax) entries = inOrder(entries).slice(0, entriesMax);
        if (reading.remainingMs() === 0) break;
      }
    } catch (cause) {
      if (pages === 0) throw cause;
      this.#failures.push(new Error(`not all findings for the ${side} can be read`, { cause }));
    }
    return inOrder(entries).map((entry) => ('finding' in entry ? entry.finding : entry.place));
  }

  async #load(places: readonly FindingPlace[]): Promise<FindingRecord[]> {
    const { table, shell } = this.#context;
    const { side } = this.#target;
    const records = await inSteps(places, async (place) => {
      try {
        const record = await loadPendingFinding(table, side, place);
        if (record === undefined) this.#listed -= 1;
        return record;
      } catch (error) {
        shell.log('error', 'pending-finding-not-read', { side, error: describeError(error) });
        const failure = new Error(`a finding for the ${side} cannot be read`, { cause: error });
        this.#failures.push(failure);
        return undefined;
      }
    });
    return records.filter((record) => record !== undefined);
  }

  /** The content of a finding must not prevent the messages of others. */
  #composed(records: readonly FindingRecord[], before: number): SideMessage<Payload>[] {
    if (records.length === 0) return [];
    try {
      return this.#target.compose(records, before);
    } catch (error) {
      if (records.length > 1) return records.flatMap((record) => this.#composed([record], before));
      this.#report(records, new Error('the message cannot be composed', { cause: error }));
      return [];
    }
  }

  /**
   * Puts the messages of one request. Where it is refused, each is put by itself, and one that is refused
   * by itself once more without its details.
   */
  async #put(messages: readonly SideMessage<Payload>[], isShort = false): Promise<void> {
    if (!this.#mayGoOn()) return;
    const payloads = messages.map(({ payload }) => payload);
    let results: readonly PutResult[];
    try {
      results = await this.#target.put(payloads, this.#deadline);
    } catch (error) {
      if (publishFailure(error) === 'refused') {
        return this.#putRefused(messages, messages.length, isShort);
      }
      this.#failedInARow += 1;
      return this.#report(recordsOf(messages), error);
    }
    const outcomes = messages.map((message, at) => ({ message, ...results[at] }));
    const taken = outcomes.filter(({ error }) => error === undefined);
    const failed = outcomes.filter(({ error }) => error !== undefined && !isRefusal(error));
    const refused = outcomes.filter(({ error }) => isRefusal(error));
    this.#failedInARow = taken.length === 0 && refused.length === 0 ? this.#failedInARow + 1 : 0;
    for (const { message, messageId } of taken) {
      await inSteps(message.records, (record) => this.#record(record, messageId));
    }
    if (failed.length > 0) {
      const codes = [...new Set(failed.map(({ error }) => error))].join(', ');
      const records = recordsOf(failed.map(({ message }) => message));
      this.#report(records, new Error(`the ${this.#target.side} did not take it: ${codes}`));
    }
    const again = refused.map(({ message }) => message);
    await this.#putRefused(again, messages.length, isShort);
  }

  /** @param together how many messages the refused request had */
  async #putRefused(
    refused: readonly SideMessage<Payload>[],
    together: number,
    isShort: boolean,
  ): Promise<void> {
    const { side, composeShort } = this.#target;
    for (const message of refused) {
      const { records } = message;
      if (together > 1) await this.#put([message], isShort);
      else if (!isShort) await this.#put([{ records, payload: composeShort(records) }], true);
      else {
        this.#refused += 1;
        this.#report(records, new Error(`the ${side} refuses it without its details too`));
      }
    }
  }

  async #record(record: FindingRecord, messageId: string | undefined): Promise<void> {
    const { shell, table } = this.#context;
    const { side } = this.#target;
    const { id, severity } = record.finding;
    const atEpochMs = shell.clock.nowEpochMs();
    const sent = { status: 'sent', severity, atEpochMs, ...(messageId && { messageId }) } as const;
    try {
      const saved = await saveFinding(table, { ...record, [side]: sent }, { by: side });
      if (saved.revision === record.revision) throw new Error('the ledger does not store it');
      this.#sent += 1;
      shell.log('info', 'finding-sent', { side, id, messageId });
    } catch (error) {
      this.#report([record], error);
    }
  }

  /** Reports that findings still wait, or may be sent again. */
  #report(records: readonly FindingRecord[], cause: unknown): void {
    const { side } = this.#target;
    const ids = records.map(({ finding }) => finding.id);
    const error = describeError(cause);
    this.#context.shell.log('error', 'findings-not-sent', { side, ids, error });
    const what = ids.length === 1 ? `finding ${ids[0]}` : `${ids.length} findings`;
    this.#failures.push(new Error(`${what} cannot be sent to the ${side}`, { cause }));
  }

  #mayGoOn(): boolean {
    const takesNothing = this.#sent === 0 && this.#refused >= refusedMax;
    const isDown = this.#failedInARow >= failedRequestsMax;
    return !takesNothing && !isDown && this.#deadline.remainingMs() >= requestMinMs;
  }
}

function recordsOf(messages: readonly SideMessage<unknown>[]): FindingRecord[] {
  return messages.flatMap(({ records }) => records);
}

/** Whether the content of a message is the cause: another try would end as this one. */
function isRefusal(code: string | undefined): boolean {
  return code !== undefined && /^(Malformed|Invalid|Validation)/.test(code);
}

/** The worst first, then the earliest; entries of which only the place is known come before. */
function inOrder(entries: readonly ListedEntry[]): ListedEntry[] {
  const known = (entry: ListedEntry): WaitingFinding | undefined =>
    'finding' in entry ? entry.finding : undefined;
  return entries.toSorted((one, other) => {
    const [a, b] = [known(one), known(other)];
    if (a === undefined || b === undefined)
      return Number(a !== undefined) - Number(b !== undefined);
    return (
      severityRank(b.severity) - severityRank(a.severity) || a.firstSeenEpochMs - b.firstSeenEpochMs
    );
  });
}
