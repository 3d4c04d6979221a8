import { type PlannedMessage, planDelivery } from './delivery-plan.ts';
import { type FindingRecord, toldSeverity } from './findings/finding-record.ts';
import { inSteps } from './in-steps.ts';
import { loadPendingFindings, saveFinding } from './ledger/finding-records.ts';
import { describeError } from './log.ts';
import { publish, publishFailure } from './publish.ts';
import type { TickContext } from './tick-shell.ts';

export interface Delivered {
  /** Findings that people were told of. */
  readonly notified: number;
  /** Findings that are due and not told, those included whose publish may have gone out. */
  readonly undelivered: number;
  /** Publishes of which nobody knows whether they went out. */
  readonly unknownPublishes: number;
  readonly failures: readonly Error[];
}

/** For clocks that differ, and for the last call of an invocation that outlives its deadline. */
const claimReserveMs = 30_000;

type Outcome = 'notified' | 'pending' | 'unknown';

/**
 * Tells people of every finding that waits, the worst first: each by a notification of its own, those
 * beyond the limit by one digest. What cannot be published stays pending and holds up no other.
 *
 * A claim comes before each publish, and there is one publish a claim: a second one, by the same id, is
 * only made when the claim has run out and nobody knows what became of the first.
 *
 * @param isLookingBack findings of the look back before the first tick wait until it is done
 */
export async function deliverFindings(
  context: TickContext,
  isLookingBack: boolean,
): Promise<Delivered> {
  const { shell, table } = context;
  const waiting = await loadPendingFindings(table);
  const nowEpochMs = shell.clock.nowEpochMs();
  const messages = planDelivery(waiting, { nowEpochMs, isLookingBack });
  const failures: Error[] = [];
  const outcomes = await Promise.all(
    messages.map(async (message) => {
      const { records } = message;
      try {
        return { records, outcome: await deliver(context, message) };
      } catch (cause) {
        const ids = records.map(({ finding }) => finding.id);
        shell.log('error', 'findings-not-notified', { ids, error: describeError(cause) });
        const what = ids.length === 1 ? `finding ${ids[0]}` : `${ids.length} findings`;
        failures.push(new Error(`${what} cannot be published`, { cause }));
        return { records, outcome: 'pending' as const };
      }
    }),
  );
  const count = (wanted: Outcome) =>
    outcomes
      .filter(({ outcome }) => outcome === wanted)
      .reduce((sum, { records }) => sum + records.length, 0);
  const notified = count('notified');
  const due = waiting.filter(({ initial }) => !(initial && isLookingBack));
  return {
    notified,
    undelivered: due.length - notified,
    unknownPublishes: outcomes.filter(({ outcome }) => outcome === 'unknown').length,
    failures,
  };
}

/** @throws Error when the findings stay pending, or nobody knows whether they were told */
async function deliver(context: TickContext, message: PlannedMessage): Promise<Outcome> {
  const { shell, findingMaker } = context;
  const claimed = await claimAll(context, message.records);
  const ids = claimed.map(({ finding }) => finding.id);
  const findings = claimed.map(({ finding }) => finding);
  const [first] = findings;
  if (first === undefined) return 'notified';
  const isUpdate = claimed.length === 1 && claimed.some((record) => isTold(record));
  const notification = message.minimal
    ? findingMaker.minimal(findings)
    : message.isDigest
      ? findingMaker.digest(findings)
      : findingMaker.notification(first, isUpdate);
  try {
    await publish(shell, notification, context.deadline);
  } catch (cause) {
    return await afterFailure(context, { ...message, records: claimed }, cause);
  }
  await inSteps(claimed, (record) => {
    const { severity } = record.finding;
    return saveFinding(context.table, { ...record, delivery: { status: 'notified', severity } });
  });
  const kind = message.isDigest ? 'digest' : isUpdate ? 'update' : 'finding';
  shell.log('info', 'findings-notified', { ids, kind, minimal: message.minimal });
  return 'notified';
}

function isTold({ delivery }: FindingRecord): boolean {
  return toldSeverity(delivery) !== undefined;
}

async function claimAll(
  { shell, table, deadline }: TickContext,
  records: readonly FindingRecord[],
): Promise<FindingRecord[]> {
  const claimId = shell.newId();
  const untilEpochMs = shell.clock.nowEpochMs() + deadline.remainingMs() + claimReserveMs;
  return inSteps(records, (record) => {
    const told = toldSeverity(record.delivery);
    // A claim that ran out: its publish may have gone out, and this one may be a repeat.
    const isRepeat = record.delivery.status === 'claimed';
    if (isRepeat) shell.log('warn', 'publish-repeated', { id: record.finding.id });
    return saveFinding(table, {
      ...record,
      unknownPublishes: record.unknownPublishes + (isRepeat ? 1 : 0),
      delivery: { status: 'claimed', claimId, untilEpochMs, ...(told && { told }) },
    });
  });
}

async function afterFailure(
  context: TickContext,
  message: PlannedMessage,
  cause: unknown,
): Promise<Outcome> {
  const { shell, table } = context;
  const failure = publishFailure(cause);
  const ids = message.records.map(({ finding }) => finding.id);
  if (failure === 'unknown') {
    // The claim stays: while it stands, nobody publishes them again.
    shell.log('error', 'publish-outcome-unknown', { ids, error: describeError(cause) });
    throw new Error('the answer of Publish was lost', { cause });
  }
  const minimal = failure === 'refused' || message.minimal;
  const pending = await inSteps(message.records, (record) => {
    const told = toldSeverity(record.delivery);
    const delivery = { status: 'pending', ...(told && { told }) } as const;
    return saveFinding(table, { ...record, ...(minimal && { minimal }), delivery });
  });
  if (failure === 'refused' && !message.minimal) {
    shell.log('error', 'message-refused', { ids, error: describeError(cause) });
    return deliver(context, { ...message, records: pending, minimal: true });
  }
  throw new Error('Publish failed', { cause });
}
