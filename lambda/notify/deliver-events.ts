import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type CallShell, callAws } from '../aws/call-aws.ts';
import { describeError } from '../common/log.ts';
import { inSteps } from '../common/retry.ts';
import { type Deadline, deadlineIn } from '../common/time.ts';
import type { FindingPlace, WaitingFinding } from '../findings/finding-actor.ts';
import { type FindingRecord, sentSeverity } from '../findings/finding-record.ts';
import type { ListedEntry } from '../ledger/approved-findings.ts';
import { LedgerTable } from '../ledger/ledger-table.ts';
import { loadPendingFinding, pendingPages, saveFinding } from '../ledger/stored-findings.ts';
import { severityRank } from '../model/finding.ts';
import type { TickContext } from '../record/tick-context.ts';
import { entryFor, type FindingBusEvent, findingEvent, inRequests } from './finding-event.ts';
import { publishFailure } from './send-message.ts';
import { senderOf } from './subject.ts';

export interface DeliveredEvents {
  /** Findings whose event the bus took, and that are recorded as sent. */
  readonly sent: number;
  /** Findings that still wait for the bus. */
  readonly undelivered: number;
  readonly failures: readonly Error[];
}

/** A call without an answer must not use up the time of the others. */
const putMaxMs = 10_000;
/** The time that a request needs at least: to load, put and record its findings. */
const requestMinMs = 2_000;
/** Findings in memory at once: one holds at most 250 kB of evidence. */
const loadedMax = 10;
/** Entries of the list in memory at once; of more, the worst remain. */
const entriesMax = 20_000;
/** After this number of failed requests in a row, the next tick sends the rest. */
const failedRequestsMax = 3;
/** Likewise after this number of findings that are refused without evidence too, unless it took others. */
const refusedMax = 20;

/**
 * Puts an event on the bus for every finding that waits for one, the worst first: at least one for each
 * finding, all with the finding's id. What could not be put, or not be recorded as sent, waits for the next
 * tick, also when the bus took other events of the same request.
 *
 * It knows nothing of the messages to people: neither destination waits for the other.
 *
 * @throws the error of the first page of the list when it cannot be read
 */
export async function deliverEvents(
  context: TickContext,
  deadline: Deadline,
): Promise<DeliveredEvents> {
  const { eventBusArn } = context.shell.config;
  if (eventBusArn === undefined) return { sent: 0, undelivered: 0, failures: [] };
  const delivery = new EventDelivery(context, eventBusArn, deadline);
  await delivery.run();
  return delivery.result();
}

/** A finding with the event that is to be put about it. */
interface ToPut {
  readonly record: FindingRecord;
  readonly event: FindingBusEvent;
}

class EventDelivery {
  readonly #context: TickContext;
  readonly #eventBusArn: string;
  readonly #deadline: Deadline;
  readonly #failures: Error[] = [];
  #listed = 0;
  #sent = 0;
  #failedInARow = 0;
  #refused = 0;

  constructor(context: TickContext, eventBusArn: string, deadline: Deadline) {
    const { shell } = context;
    const table = new LedgerTable(shell, shell.config.ledgerTableName, deadline);
    this.#context = { ...context, table, deadline };
    this.#eventBusArn = eventBusArn;
    this.#deadline = deadline;
  }

  result(): DeliveredEvents {
    const undelivered = Math.max(0, this.#listed - this.#sent);
    return { sent: this.#sent, undelivered, failures: this.#failures };
  }

  async run(): Promise<void> {
    const places = await this.#readList();
    for (let next = 0; next < places.length && this.#mayGoOn(); next += loadedMax) {
      const records = await this.#load(places.slice(next, next + loadedMax));
      const toPut = records.flatMap((record) => this.#composed(record));
      for (const request of inRequests(toPut)) await this.#put(request);
    }
    const left = this.#listed - this.#sent;
    if (left > 0) this.#context.shell.log('warn', 'events-left-for-the-next-tick', { left });
  }

  /** As for messages, reading begins at a random place: no finding is always beyond the end. */
  async #readList(): Promise<FindingPlace[]> {
    const { shell } = this.#context;
    const reading = deadlineIn(shell.timer, this.#deadline.remainingMs() / 2);
    const table = new LedgerTable(shell, shell.config.ledgerTableName, reading);
    let entries: ListedEntry[] = [];
    let pages = 0;
    try {
      for await (const page of pendingPages(table, 'bus', shell.random())) {
        pages += 1;
        this.#listed += page.length;
        entries = [...entries, ...page];
        if (entries.length > 2 * entriesMax) entries = inOrder(entries).slice(0, entriesMax);
        if (reading.remainingMs() === 0) break;
      }
    } catch (cause) {
      if (pages === 0) throw cause;
      this.#failures.push(new Error('not all findings for the bus can be read', { cause }));
    }
    return inOrder(entries).map((entry) => ('finding' in entry ? entry.finding : entry.place));
  }

  async #load(places: readonly FindingPlace[]): Promise<FindingRecord[]> {
    const { table, shell } = this.#context;
    const records = await inSteps(places, async (place) => {
      try {
        const record = await loadPendingFinding(table, 'bus', place);
        if (record === undefined) this.#listed -= 1;
        return record;
      } catch (error) {
        shell.log('error', 'pending-finding-not-read', { error: describeError(error) });
        this.#failures.push(new Error('a finding for the bus cannot be read', { cause: error }));
        return undefined;
      }
    });
    return records.filter((record) => record !== undefined);
  }

  /** The content of a finding must not prevent the events of others. */
  #composed(record: FindingRecord, linesMax?: number): ToPut[] {
    const { mwaaEnvironment, findingsTopicArn } = this.#context.shell.config;
    try {
      const event = findingEvent(record.finding, senderOf(mwaaEnvironment, findingsTopicArn), {
        isUpdate: sentSeverity(record.bus) !== undefined,
        lookBack: record.initial === true,
        ...(linesMax !== undefined && { linesMax }),
      });
      return [{ record, event }];
    } catch (error) {
      this.#report([record], new Error('the event cannot be composed', { cause: error }));
      return [];
    }
  }

  /**
   * Puts the events of one request. Where EventBridge refuses it, each is put by itself, and one that is
   * refused by itself once more without its evidence.
   */
  async #put(toPut: readonly ToPut[], isShort = false): Promise<void> {
    if (!this.#mayGoOn()) return;
    const { shell } = this.#context;
    const events = toPut.map(({ event }) => event);
    let results: readonly PutResult[];
    try {
      results = await putEvents(shell, this.#eventBusArn, events, this.#deadline);
    } catch (error) {
      if (publishFailure(error) === 'refused')
        return this.#putRefused(toPut, toPut.length, isShort);
      this.#failedInARow += 1;
      return this.#report(recordsOf(toPut), error);
    }
    const outcomes = toPut.map((one, at) => ({ one, ...results[at] }));
    const taken = outcomes.filter(({ error }) => error === undefined);
    const failed = outcomes.filter(({ error }) => error !== undefined && !isRefusal(error));
    const refused = outcomes.filter(({ error }) => isRefusal(error));
    this.#failedInARow = taken.length === 0 && refused.length === 0 ? this.#failedInARow + 1 : 0;
    await inSteps(taken, ({ one, eventId }) => this.#record(one, eventId));
    if (failed.length > 0) {
      const codes = [...new Set(failed.map(({ error }) => error))].join(', ');
      const records = recordsOf(failed.map(({ one }) => one));
      this.#report(records, new Error(`the bus did not take it: ${codes}`));
    }
    const again = refused.map(({ one }) => one);
    await this.#putRefused(again, toPut.length, isShort);
  }

  /** @param together how many events the refused request had */
  async #putRefused(refused: readonly ToPut[], together: number, isShort: boolean): Promise<void> {
    for (const one of refused) {
      if (together > 1) await this.#put([one], isShort);
      else if (!isShort) await this.#put(this.#composed(one.record, 0), true);
      else {
        this.#refused += 1;
        this.#report([one.record], new Error('the bus refuses it without its evidence too'));
      }
    }
  }

  async #record({ record }: ToPut, eventId: string | undefined): Promise<void> {
    const { shell, table } = this.#context;
    const { id, severity } = record.finding;
    const atEpochMs = shell.clock.nowEpochMs();
    const bus = { status: 'sent', severity, atEpochMs, ...(eventId && { eventId }) } as const;
    try {
      const saved = await saveFinding(table, { ...record, bus }, { by: 'bus' });
      if (saved.revision === record.revision) throw new Error('the ledger does not store it');
      this.#sent += 1;
      shell.log('info', 'event-sent', { id, eventId });
    } catch (error) {
      this.#report([record], error);
    }
  }

  /** Reports that findings still wait for the bus, or may be sent there again. */
  #report(records: readonly FindingRecord[], cause: unknown): void {
    const ids = records.map(({ finding }) => finding.id);
    this.#context.shell.log('error', 'events-not-sent', { ids, error: describeError(cause) });
    const what = ids.length === 1 ? `the event of finding ${ids[0]}` : `${ids.length} events`;
    this.#failures.push(new Error(`${what} cannot be sent`, { cause }));
  }

  #mayGoOn(): boolean {
    const takesNothing = this.#sent === 0 && this.#refused >= refusedMax;
    const isDown = this.#failedInARow >= failedRequestsMax;
    return !takesNothing && !isDown && this.#deadline.remainingMs() >= requestMinMs;
  }
}

function recordsOf(toPut: readonly ToPut[]): FindingRecord[] {
  return toPut.map(({ record }) => record);
}

/** What became of one event: its id, or the code by which the bus did not take it. */
interface PutResult {
  readonly eventId: string | undefined;
  readonly error: string | undefined;
}

/**
 * One call of PutEvents, which may take some of the events and not the others.
 *
 * @param events at most ten
 * @returns a result for each event, in their order
 * @throws the call's own error, or DeadlineError when it was throttled until the deadline
 */
export async function putEvents(
  shell: CallShell & { readonly events: EventBridgeClient },
  eventBusArn: string,
  events: readonly FindingBusEvent[],
  deadline: Deadline,
): Promise<PutResult[]> {
  const command = new PutEventsCommand({
    Entries: events.map((event) => entryFor(event, eventBusArn)),
  });
  const { Entries = [] } = await callAws(
    'PutEvents',
    (options) => shell.events.send(command, options),
    shell,
    deadlineIn(shell.timer, Math.min(putMaxMs, deadline.remainingMs())),
    // What may be on the bus already waits for the next tick.
    0,
  );
  return events.map((_event, at) => {
    const { EventId, ErrorCode } = Entries[at] ?? {};
    // An entry without a code was taken; without an answer, nobody knows.
    const isTaken = ErrorCode === undefined && EventId !== undefined;
    return {
      eventId: isTaken ? EventId : undefined,
      error: isTaken ? undefined : (ErrorCode ?? 'no answer'),
    };
  });
}

/** Whether the content of an event is the cause: another try would end as this one. */
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
